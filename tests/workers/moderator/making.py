"""Posts, records and scorers for the worker's tests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import TopicPartition

from moderation.media import DecodedPost
from moderation.scoring import ConstantScorer, PostScores
from rules import Decision
from schemas import CATEGORIES, Action, Op, Post, VerdictStatus, Versions
from workers.moderator.records import Record

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PLACE = TopicPartition("posts", 3)
VERSIONS = Versions(model="constant@1", policy="default@sha256:0123456789ab")

HARMLESS = dict.fromkeys(CATEGORIES, 0.01)
"""Below every threshold of the default policy."""


def make_post(post_id: str = "post-1", **fields: Any) -> Post:
    """A post with a short text, unless the fields say otherwise."""
    given = {
        "author_id": f"author-of-{post_id}",
        "created_at": NOON,
        "text": "A walk by the river.",
    }
    return Post(post_id=post_id, **(given | fields))


def make_withdrawal(post_id: str, revision: int = 2) -> Post:
    """The author takes the post back."""
    return make_post(post_id, op=Op.DELETE, text=None, revision=revision)


def make_record(value: bytes, offset: int = 0, **fields: Any) -> Record:
    """A record of the topic ``posts``, a minute before noon."""
    before = NOON - timedelta(minutes=1)
    given = {
        "place": PLACE,
        "timestamp_ms": int(before.timestamp() * 1000),
        "key": b"author-1",
        "headers": (),
        "epoch": 1,
    }
    return Record(value=value, offset=offset, **(given | fields))


def make_decision(action: Action = Action.ALLOW, **fields: Any) -> Decision:
    """A decision of a policy."""
    given: dict[str, Any] = {
        "model_action": action,
        "scores": HARMLESS,
        "status": VerdictStatus.COMPLETE,
        "reasons": (),
        "labels": (),
        "rule_hits": (),
        "escalate": action is Action.REVIEW,
        "queue": "default",
        "priority": 0.0,
        "due_in": timedelta(hours=4),
    }
    return Decision(action=action, **(given | fields))


class GatedScorer(ConstantScorer):
    """Scores only while its gate is open; the device waits meanwhile."""

    def __init__(self) -> None:
        super().__init__(HARMLESS)
        self.gate = threading.Event()
        self.batches: list[int] = []

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        self.gate.wait()
        self.batches.append(len(posts))
        return super().score(posts, embed=embed)


class ChokingScorer(ConstantScorer):
    """Raises when one of the posts is the one that it cannot digest."""

    def __init__(self, post_id: str, error: Exception) -> None:
        super().__init__(HARMLESS)
        self._post_id = post_id
        self._error = error

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        if any(post.post_id == self._post_id for post in posts):
            raise self._error
        return super().score(posts, embed=embed)


Refusal = Callable[[str, bytes], Exception | None]


class RecordingProducer:
    """Keeps what is sent; acknowledges at once, or refuses as it is told."""

    def __init__(self, refuse: Refusal = lambda _topic, _value: None) -> None:
        self.sent: list[tuple[str, bytes | None, bytes, list[tuple[str, bytes]]]] = []
        self._refuse = refuse

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        *,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] | None = None,
    ) -> asyncio.Future[object]:
        assert value is not None
        assert partition in (None, 0)
        acknowledged: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        refusal = self._refuse(topic, value)
        if refusal is None:
            self.sent.append((topic, key, value, list(headers or ())))
            acknowledged.set_result(None)
        else:
            acknowledged.set_exception(refusal)
        return acknowledged

    async def partitions_for(self, _topic: str) -> set[int]:
        return {0}
