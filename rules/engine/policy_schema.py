"""JSON Schema of the policy file, for editors that complete and check while one writes."""

from __future__ import annotations

import json

from rules.engine.document import PolicyDocument


def policy_schema() -> str:
    """The schema (JSON Schema 2020-12) as indented JSON with a line end."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PolicyDocument.model_json_schema(),
        "title": "A moderation policy",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
