"""Publish the contract: a JSON Schema for each message and one AsyncAPI document.

``python -m schemas.publish`` writes them into ``schemas/published/`` (``make schemas``). A test
fails when the files are stale.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from schemas.taxonomy import CATEGORY_MEANINGS
from schemas.topics import TOPICS, Topic

PUBLISHED_DIR: Final = Path(__file__).parent / "published"
CONTRACT_VERSION: Final = "2.1.0"
"""Semantic version of the contract: major when a reader or writer of the released one breaks."""

RECEIVED: Final = (TOPICS.posts, TOPICS.appeals)
"""What the platform sends us."""

JSON_SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Document = dict[str, Any]


def message_schema(topic: Topic) -> Document:
    """The JSON Schema (draft 2020-12) of the topic's value."""
    return {"$schema": JSON_SCHEMA_DIALECT, **topic.value.model_json_schema(mode="validation")}


def schema_file_name(topic: Topic) -> str:
    """The file of the topic's message schema, e.g. ``verdict.schema.json``."""
    name = topic.value.__name__
    words = "".join(f"-{char.lower()}" if char.isupper() else char for char in name)
    return words.lstrip("-") + ".schema.json"


def asyncapi() -> Document:
    """The AsyncAPI 3.0 document: every topic, its message and who sends and receives it.

    Written from the moderation service's side: it receives ``posts`` and ``appeals``, and sends
    the rest.
    """
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Moderation",
            "version": CONTRACT_VERSION,
            "description": (
                "Posts in, one effective verdict a post revision out. Categories: "
                + "; ".join(f"{name}: {meaning}" for name, meaning in CATEGORY_MEANINGS.items())
                + "."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The platform's own cluster.",
                "variables": {"bootstrap": {"default": "127.0.0.1:9092"}},
            }
        },
        "channels": {_channel_id(topic): _channel(topic) for topic in TOPICS},
        "operations": {_operation_id(topic): _operation(topic) for topic in TOPICS},
        "components": {
            "messages": {topic.value.__name__: _message(topic) for topic in TOPICS},
            "schemas": _component_schemas(),
        },
    }


def documents() -> dict[str, Document]:
    """Every published document by file name."""
    schemas = {schema_file_name(topic): message_schema(topic) for topic in TOPICS}
    return {**schemas, "asyncapi.json": asyncapi()}


def render(document: Document) -> str:
    """The text of a published file: stable, so that a diff shows the change and nothing else."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def publish(folder: Path = PUBLISHED_DIR) -> list[Path]:
    """Write every document; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, document in documents().items():
        path = folder / name
        path.write_text(render(document), encoding="utf-8")
        paths.append(path)
    return paths


def _channel_id(topic: Topic) -> str:
    return topic.name.replace(".", "-")


def _channel(topic: Topic) -> Document:
    return {
        "address": topic.name,
        "description": f"{topic.description} Keyed by {topic.key}.",
        "messages": {
            topic.value.__name__: {"$ref": f"#/components/messages/{topic.value.__name__}"}
        },
        "bindings": {
            "kafka": {
                "bindingVersion": "0.5.0",
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": topic.cleanup.split(","),
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.max_record_bytes,
                },
            }
        },
    }


def _operation_id(topic: Topic) -> str:
    verb = "receive" if topic in RECEIVED else "send"
    return f"{verb}-{_channel_id(topic)}"


def _operation(topic: Topic) -> Document:
    channel = f"#/channels/{_channel_id(topic)}"
    return {
        "action": "receive" if topic in RECEIVED else "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{topic.value.__name__}"}],
    }


def _message(topic: Topic) -> Document:
    name = topic.value.__name__
    return {
        "name": name,
        "contentType": "application/json",
        "summary": (topic.value.__doc__ or "").strip().splitlines()[0],
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {
            "kafka": {
                "bindingVersion": "0.5.0",
                "key": {"type": "string", "description": topic.key},
            }
        },
    }


def _component_schemas() -> Document:
    _, definitions = models_json_schema(
        [(topic.value, "validation") for topic in TOPICS],
        ref_template="#/components/schemas/{model}",
    )
    return dict(sorted(definitions["$defs"].items()))


if __name__ == "__main__":
    for written in publish():
        print(written)  # noqa: T201 - a command's output
