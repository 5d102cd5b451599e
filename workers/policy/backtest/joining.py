"""Posts and the verdicts on them, from different topics, become recorded cases.

Verdicts come first: they say which posts are wanted. A verdict may by then be a person's, which
took the place of the machine's on a compacted topic; the escalation still has that one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from rules import RecordedCase
from schemas import (
    Action,
    Escalation,
    Media,
    Op,
    Post,
    ReviewDecision,
    Verdict,
    VerdictSource,
    VerdictStatus,
)

Revision = tuple[str, int]
"""A post's id and revision."""

WITHDRAWN: Final = "verdicts on posts that their authors withdrew"
UNTRACED: Final = "verdicts without a trace of what the model said"
REPEATED: Final = "verdicts on revisions that were judged again or delivered twice"
NO_POST: Final = "verdicts whose post is neither on its topic nor in an escalation"
NO_MACHINE: Final = "people's verdicts whose machine verdict is no longer there"
NO_VERDICT: Final = "posts without a verdict in that time"


class Joiner:
    """Joins by post and revision, and counts what cannot be joined.

    All of it is in memory, inline media apart: about 10 KB a verdict.
    """

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        """What was not joined, by reason."""
        self._machine: dict[Revision, Verdict] = {}
        self._human: dict[Revision, Verdict] = {}
        self._said: dict[Revision, tuple[datetime, Action]] = {}
        self._posts: dict[Revision, Post] = {}
        self._not_judged: set[Revision] = set()

    def add_verdict(self, verdict: Verdict) -> None:
        """Take a verdict in; of several on one revision the machine's latest counts."""
        key = (verdict.post_id, verdict.revision)
        if verdict.source is VerdictSource.HUMAN:
            self._human[key] = verdict
            self._hear(key, verdict.action, verdict.decided_at)
        elif verdict.status is VerdictStatus.WITHDRAWN:
            self.left_out[WITHDRAWN] += 1
        elif verdict.trace is None:
            self.left_out[UNTRACED] += 1
        elif key in self._machine:
            self._machine[key] = max(self._machine[key], verdict, key=_decided_at)
            self.left_out[REPEATED] += 1
        else:
            self._machine[key] = verdict

    def keep_last(self, count: int) -> None:
        """Forget all but the revisions that were judged last."""
        moments = {key: _decided_at(one) for key, one in self._wanted()}
        for key in sorted(moments, key=lambda key: (moments[key], key))[:-count]:
            self._machine.pop(key, None)
            self._human.pop(key, None)

    @property
    def earliest(self) -> datetime | None:
        """When the first of the wanted posts was produced; ``None`` when none is wanted."""
        return min((_arrival(verdict) for _, verdict in self._wanted()), default=None)

    def add_post(self, post: Post) -> None:
        """Take a post in, if one of the verdicts is about it."""
        key = (post.post_id, post.revision)
        if post.op is Op.DELETE:
            return
        if key in self._machine or key in self._human:
            self._posts[key] = without_media(post)
        else:
            self._not_judged.add(key)

    def add_escalation(self, escalation: Escalation) -> None:
        """Take in what is wanted and not there yet: the post, and what the machine said of it."""
        key = (escalation.post.post_id, escalation.post.revision)
        if key not in self._machine and key not in self._human:
            return
        self._posts.setdefault(key, without_media(escalation.post))
        if escalation.verdict.trace is not None:
            self._machine.setdefault(key, escalation.verdict)

    def add_decision(self, decision: ReviewDecision) -> None:
        """Take in what a person said, wherever it is wanted."""
        self._hear((decision.post_id, decision.revision), decision.action, decision.decided_at)

    def cases(self) -> list[RecordedCase]:
        """The joined cases, in the order in which they were judged; the others are counted."""
        self.left_out[NO_VERDICT] += len(self._not_judged)
        self.left_out[NO_MACHINE] += len(self._human.keys() - self._machine.keys())
        self.left_out[NO_POST] += len(self._machine.keys() - self._posts.keys())
        self.left_out += Counter()  # what is 0 is not worth a word
        joined = self._machine.keys() & self._posts.keys()
        return [
            RecordedCase.of(
                self._posts[key],
                self._machine[key],
                self._said[key][1] if key in self._said else None,
            )
            for key in sorted(joined, key=lambda key: (_decided_at(self._machine[key]), key))
        ]

    def _hear(self, key: Revision, action: Action, at: datetime) -> None:
        """Note what a person said; the last word counts."""
        if key not in self._said or self._said[key][0] <= at:
            self._said[key] = (at, action)

    def _wanted(self) -> Iterator[tuple[Revision, Verdict]]:
        """Every revision with a verdict, the machine's where it is known."""
        yield from {**self._human, **self._machine}.items()


def without_media(post: Post) -> Post:
    """The post with inline pictures and sounds named by their hash: no rule looks into them."""
    return post.model_copy(
        update={
            "images": tuple(map(_named, post.images)),
            "audio": tuple(map(_named, post.audio)),
        }
    )


def _named(media: Media) -> Media:
    if media.data is None:
        return media
    digest = hashlib.sha256(media.data).hexdigest()
    return Media(key=f"sha256/{digest}", sha256=digest, media_type=media.media_type)


def _decided_at(verdict: Verdict) -> datetime:
    return verdict.decided_at


def _arrival(verdict: Verdict) -> datetime:
    return verdict.decided_at - timedelta(seconds=verdict.timings.record_age)
