"""Two policies and recorded posts, made small."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rules import Policy, RecordedCase, load_policy
from schemas import Post
from workers.offline.jsonl import Line

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

OLD = """\
policy: small
categories: {spam: {review: 0.5, remove: 0.9}, hate: {limit: 0.4, review: 0.8, queue: careful}}
queues: {default: {due: 4h}, careful: {due: 1h}}
rules:
  - {id: far, when: post.reach > 1000, then: {action: review}}
  - {id: newcomer, when: author.posts < 3 && text.links > 0, then: {action: limit, labels: [new]}}
  - {id: loud, mode: shadow, when: post.reach > 100, then: {action: limit}}
"""
NEW = (
    OLD.replace("review: 0.5, remove: 0.9", "review: 0.3, remove: 0.7")
    .replace("post.reach > 1000", "post.reach > 5000")
    .replace("mode: shadow, when: post.reach", "when: post.reach")
    .replace("labels: [new]", "labels: [newcomer]")
)
WITH_QUOTAS = (
    NEW.replace("then: {action: review}}", "then: {action: remove}, quota: {posts: 3, per: 1h}}")
    + "brakes: {removal_quota: {posts: 4, per: 2h}}\n"
)


def policies(folder: Path, old: str = OLD, new: str = NEW) -> tuple[Policy, Policy]:
    """The two policies, loaded from files in the folder."""
    paths = folder / "old.yaml", folder / "new.yaml"
    for path, text in zip(paths, (old, new), strict=True):
        path.write_text(text, encoding="utf-8")
    return load_policy(paths[0]), load_policy(paths[1])


def recorded(number: int, *, spam: float = 0.1, hate: float = 0.1, **changes: Any) -> RecordedCase:
    """A record, judged so many minutes after noon; ``reach``, ``text`` and ``surface`` are its
    post's.
    """
    posted = {key: changes.pop(key) for key in ("reach", "text", "surface") if key in changes}
    now = NOON + timedelta(minutes=number)
    given: dict[str, Any] = {
        "post_id": f"p-{number}",
        "author_id": "a",
        "created_at": now,
        "text": "hello",
    }
    values: dict[str, Any] = {
        "post": Post(**given | posted),
        "scores": {"spam": spam, "hate": hate},
        "now": now,
    }
    return RecordedCase(**values | changes)


def lines(records: Iterable[RecordedCase]) -> list[Line]:
    """The records as a file of them would be read."""
    return [Line(f"posts.jsonl:{n}", one.to_bytes()) for n, one in enumerate(records, start=1)]


def write(path: Path, records: Iterable[RecordedCase]) -> Path:
    """A file of the records."""
    path.write_bytes(b"".join(one.to_bytes() + b"\n" for one in records))
    return path
