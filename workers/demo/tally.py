"""Who asked and who was answered, counted from the topics and from nothing else.

Order does not matter: a verdict may be read before its post. Repeats do not matter either: delivery
is at least once, and a verdict that comes twice has the same id twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError

from schemas import Action, DeadLetter, Escalation, Post, Verdict, VerdictStatus


class Place(NamedTuple):
    """Where a record stands on the topic of posts."""

    partition: int
    offset: int

    def __str__(self) -> str:
        """As Kafka's own tools write it, on the topic of posts."""
        return f"posts-{self.partition}@{self.offset}"


class Revision(NamedTuple):
    """A post revision: what gets one effective verdict."""

    post_id: str
    revision: int

    def __str__(self) -> str:
        """The id, with the revision of an edited post."""
        return self.post_id if self.revision == 1 else f"{self.post_id} r{self.revision}"


Question = Revision | Place
"""What has to be answered: a post revision, or a record that holds no readable post."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a run; ``posts`` are distinct post revisions and unreadable records."""

    posts: int
    verdicts: int
    dead_letters: int
    degraded: int
    escalations: int
    by_action: dict[str, int]


@dataclass(slots=True)
class Tally:
    """Everything read from the topics so far."""

    records: set[Place] = field(default_factory=set)
    verdicts: dict[Question, Verdict] = field(default_factory=dict)
    verdict_ids: dict[Question, set[UUID]] = field(default_factory=dict)
    dead_letters: dict[Question, DeadLetter] = field(default_factory=dict)
    escalations: dict[UUID, Escalation] = field(default_factory=dict)
    _questions: set[Question] = field(default_factory=set)

    def add_post(self, place: Place, value: bytes) -> None:
        """A record of the topic of posts."""
        self.records.add(place)
        self._questions.add(question(place, value))

    def add_verdict(self, verdict: Verdict) -> Question | None:
        """A verdict; returns what it answers, or None when that was answered before."""
        revision = Revision(verdict.post_id, verdict.revision)
        is_new = revision not in self.verdicts
        self.verdicts[revision] = verdict
        self.verdict_ids.setdefault(revision, set()).add(verdict.verdict_id)
        return revision if is_new else None

    def add_dead_letter(self, letter: DeadLetter) -> Question | None:
        """A dead letter; returns what it answers, or None when that was answered before."""
        asked = question(Place(letter.partition, letter.offset), letter.value)
        is_new = asked not in self.dead_letters
        self.dead_letters[asked] = letter
        return asked if is_new else None

    def add_escalation(self, escalation: Escalation) -> None:
        """An escalation; one a verdict."""
        self.escalations[escalation.verdict.verdict_id] = escalation

    def is_answered(self, asked: Question) -> bool:
        """Whether it has a verdict or a dead letter."""
        return asked in self.verdicts or asked in self.dead_letters

    @property
    def answered(self) -> int:
        """Questions with an answer."""
        return len(self._questions) - len(self.unanswered())

    def unanswered(self) -> list[Question]:
        """Questions without an answer, in a stable order."""
        return sorted((each for each in self._questions if not self.is_answered(each)), key=str)

    def answered_twice(self) -> list[Question]:
        """Questions with contradicting answers: a verdict and a dead letter."""
        return sorted(self.verdicts.keys() & self.dead_letters.keys(), key=str)

    def totals(self) -> Totals:
        """The figures of everything read so far."""
        actions = Counter(verdict.action for verdict in self.verdicts.values())
        return Totals(
            posts=len(self._questions),
            verdicts=len(self.verdicts),
            dead_letters=len(self.dead_letters),
            degraded=sum(
                verdict.status is VerdictStatus.DEGRADED for verdict in self.verdicts.values()
            ),
            escalations=len(self.escalations),
            by_action={action.value: actions[action] for action in Action},
        )


def question(place: Place, value: bytes) -> Question:
    """What a record asks: a verdict on its post, or, when it is unreadable, a dead letter."""
    try:
        post = Post.from_bytes(value)
    except ValidationError:
        return place
    return Revision(post.post_id, post.revision)
