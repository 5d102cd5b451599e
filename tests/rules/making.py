"""Policies and cases, made small."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rules import Case, Policy, PolicyEngine, load_policy
from schemas import AuthorSignals, FoundText, Media, Modality, NotScanned, Place, Post

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

CATEGORIES = {
    "hate": {"limit": 0.6, "review": 0.75, "remove": 0.95},
    "spam": {"limit": 0.6, "review": 0.75, "remove": 0.95, "severity": 0.5},
    "self_harm": {"review": 0.6, "queue": "wellbeing"},
}
QUEUES = {"default": {"due": "24h"}, "urgent": {"due": "4h"}, "wellbeing": {"due": "1h"}}


def policy(folder: Path, *, rules: Sequence[Mapping[str, Any]] = (), **sections: Any) -> Policy:
    """A policy of three categories and these rules, loaded from a file in the folder."""
    document = {
        "policy": "made",
        "categories": CATEGORIES,
        "queues": QUEUES,
        "rules": list(rules),
        **sections,
    }
    path = folder / "made.yaml"
    # JSON is YAML; the dumper is the faster one.
    path.write_text(json.dumps(document), encoding="utf-8")
    return load_policy(path)


def engine(folder: Path, **sections: Any) -> PolicyEngine:
    """An engine for such a policy."""
    return PolicyEngine(policy(folder, **sections))


def case(
    *,
    text: str | None = "hello",
    scores: Mapping[str, float] | None = None,
    not_scanned: Sequence[NotScanned] = (),
    author: Mapping[str, int] | None = None,
    mismatch: Mapping[str, float] | None = None,
    found_texts: Sequence[FoundText] = (),
    images: int = 0,
    **post: Any,
) -> Case:
    """A case with a harmless score wherever none is given."""
    return Case(
        post=Post(
            **{
                "post_id": "p-1",
                "author_id": "a-1",
                "created_at": NOW,
                "text": text,
                "images": tuple(Media(key=f"image-{n}") for n in range(images)),
                **post,
            }
        ),
        scores=dict.fromkeys(CATEGORIES, 0.01) | dict(scores or {}),
        shares={"hate": {"text": 0.75, "image": 0.25}},
        places={"hate": Place(modality=Modality.TEXT, start=0, end=5)},
        not_scanned=not_scanned,
        mismatch=mismatch or {},
        found_texts=found_texts,
        author=None if author is None else AuthorSignals(author_id="a-1", updated_at=NOW, **author),
        now=NOW,
    )


def rule(name: str, when: str = "true", **then: Any) -> dict[str, Any]:
    """A live rule; ``mode`` and ``on_error`` are taken out of the effects."""
    own = {key: then.pop(key) for key in ("mode", "on_error") if key in then}
    return {"id": name, "when": when, "then": then, **own}
