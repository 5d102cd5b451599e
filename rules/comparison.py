"""What changes when one policy takes the place of another: the same posts under both.

Counts of parts can be merged in any order: the whole says the same however the posts were divided.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, cast

from rules.agreement import Agreement
from rules.decision import Case, Decision
from rules.difference import (
    differing_marks,
    differing_rules,
    direction,
    weightiest_category,
    why,
)
from rules.missing import missing_from
from rules.recorded import RecordedCase
from schemas import Action

EXAMPLES: Final = 5
"""Changed posts that are kept for each change of action: the first of them."""

Side = Literal["before", "after"]
SIDES: Final[tuple[Side, Side]] = ("before", "after")


@dataclass(frozen=True, slots=True)
class Example:
    """A post on which the policies differ."""

    number: int
    """Its place among the records, from 1."""
    post_id: str
    revision: int
    surface: str
    before: str
    """What the old policy says, and its strongest reason."""
    after: str
    rules: tuple[str, ...]
    """That speak differently."""


def _agreements() -> dict[Side, Agreement]:
    return {side: Agreement() for side in SIDES}


@dataclass(slots=True)
class Comparison:
    """How many decisions change, which way, and for whom."""

    old: str
    """Version of the policy before."""
    new: str
    posts: int = 0
    changes: Counter[tuple[Action, Action]] = field(default_factory=Counter)
    """By action before and after."""
    categories: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Changes by the category that weighed most, and ``harsher`` or ``milder``."""
    surfaces: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By surface: ``posts``, and those that change, ``harsher`` or ``milder``."""
    fired: Counter[tuple[str, Side]] = field(default_factory=Counter)
    """Posts on which a rule fired with effect."""
    failed: Counter[tuple[str, Side]] = field(default_factory=Counter)
    """Posts on which a rule could not be evaluated."""
    differing: Counter[str] = field(default_factory=Counter)
    """Changes on which a rule spoke differently."""
    marks: Counter[str] = field(default_factory=Counter)
    """Same action, but other ``labels``, ``age_gate``, ``geo_limit`` or ``queue``."""
    queues: Counter[tuple[str, Side]] = field(default_factory=Counter)
    """Posts that people have to look at, by queue."""
    replayed: Counter[bool] = field(default_factory=Counter)
    """Of the verdicts that the old policy itself had given: whether it says the same again."""
    missing: Counter[str] = field(default_factory=Counter)
    """Posts of which something is not known, see :mod:`rules.missing`."""
    reviewed: dict[Side, Agreement] = field(default_factory=_agreements)
    """With people, on every post that they decided."""
    sampled: dict[Side, Agreement] = field(default_factory=_agreements)
    """With people, on the posts that they were shown by lot."""
    first: datetime | None = None
    """Of the recorded decisions."""
    last: datetime | None = None
    examples: dict[tuple[Action, Action], list[Example]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """Posts whose action changes."""
        return self.changes.total()

    @property
    def span(self) -> timedelta:
        """From the first to the last of the recorded decisions."""
        if self.first is None or self.last is None:
            return timedelta()
        return self.last - self.first

    def reviews(self, side: Side) -> int:
        """Posts that people have to look at."""
        return sum(count for (_, one), count in self.queues.items() if one == side)

    def count(self, number: int, record: RecordedCase, before: Decision, after: Decision) -> None:
        """Take one post in.

        Args:
            number: its place among the records, from 1.
            record: what was known, and said.
            before: by the old policy.
            after: by the new one.
        """
        case = record.case
        self.posts += 1
        self.surfaces[case.post.surface, "posts"] += 1
        self.missing.update(missing_from(case))
        self._extend(case.now, case.now)
        if record.judged is not None and record.judged.policy == self.old:
            self.replayed[record.judged.action is before.action] += 1
        self._count_side("before", record, before)
        self._count_side("after", record, after)
        if before.action is after.action:
            self.marks.update(differing_marks(before, after))
        else:
            self._count_change(number, case, before, after)

    def merge(self, other: Comparison) -> None:
        """Take the posts of another comparison of the same policies in."""
        self.posts += other.posts
        for mine, theirs in zip(self._counters(), other._counters(), strict=True):
            mine.update(theirs)
        for side in SIDES:
            self.reviewed[side].merge(other.reviewed[side])
            self.sampled[side].merge(other.sampled[side])
        self._extend(other.first, other.last)
        for change, examples in other.examples.items():
            self._keep(change, examples)

    def _counters(self) -> tuple[Counter[object], ...]:
        counters = (
            self.changes,
            self.categories,
            self.surfaces,
            self.fired,
            self.failed,
            self.differing,
            self.marks,
            self.queues,
            self.replayed,
            self.missing,
        )
        return cast("tuple[Counter[object], ...]", counters)

    def _extend(self, first: datetime | None, last: datetime | None) -> None:
        self.first = min((one for one in (self.first, first) if one is not None), default=None)
        self.last = max((one for one in (self.last, last) if one is not None), default=None)

    def _count_side(self, side: Side, record: RecordedCase, decision: Decision) -> None:
        for hit in decision.rule_hits:
            if hit.errored:
                self.failed[hit.rule, side] += 1
            elif hit.mode == "live":
                self.fired[hit.rule, side] += 1
        if decision.escalate:
            self.queues[decision.queue, side] += 1
        if record.person is not None:
            self.reviewed[side].count(decision.action, record.person)
            if record.judged is not None and record.judged.sampled:
                self.sampled[side].count(decision.action, record.person)

    def _count_change(self, number: int, case: Case, before: Decision, after: Decision) -> None:
        change = (before.action, after.action)
        way = direction(*change)
        self.changes[change] += 1
        self.categories[weightiest_category(before, after), way] += 1
        self.surfaces[case.post.surface, way] += 1
        rules = tuple(sorted(differing_rules(before, after)))
        self.differing.update(rules)
        example = Example(
            number=number,
            post_id=case.post.post_id,
            revision=case.post.revision,
            surface=case.post.surface,
            before=why(before),
            after=why(after),
            rules=rules,
        )
        self._keep(change, [example])

    def _keep(self, change: tuple[Action, Action], examples: list[Example]) -> None:
        """Keep the first examples of what there was and what comes."""
        kept = [*self.examples.get(change, ()), *examples]
        self.examples[change] = sorted(kept, key=lambda one: one.number)[:EXAMPLES]
