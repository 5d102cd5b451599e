"""What the topics must show, whatever happened: a pure function of what stands on them.

Nothing that a worker said of itself is asked. A record of ``posts`` is *answered* by one verdict on
its post revision, or by one dead letter that names the record's place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from bench.faults.facts import (
    Accepted,
    Delivery,
    History,
    Judged,
    Place,
    Revision,
    SetAside,
)


class Breach(StrEnum):
    """A promise that was not kept."""

    LOST = "lost"  # accepted and not answered
    DUPLICATED = "duplicated"  # answered more than once
    CONTRADICTED = "contradicted"  # answered under two verdict ids
    DISORDERED = "disordered"  # a revision judged after a newer one, or void without one
    UNASKED = "unasked"  # an answer to what was never accepted
    TORN = "torn"  # a verdict without its escalation, or the reverse
    ABORTED = "aborted"  # visible, and of an aborted transaction
    UNENDED = "unended"  # of a transaction that nobody ended
    OUTSIDE = "outside"  # an answer outside of any transaction
    MISJUDGED = "misjudged"  # by a policy nobody published, by parts of two, or by an older one


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach, what it concerns, and where to look."""

    breach: Breach
    what: str
    places: tuple[Place, ...] = ()

    def __str__(self) -> str:
        return f"{self.breach}: {self.what} {' '.join(map(str, self.places))}".rstrip()


@dataclass(slots=True)
class Answers:
    """What was said about one record of ``posts``."""

    verdicts: list[Judged] = field(default_factory=list)
    dead_letters: list[SetAside] = field(default_factory=list)

    @property
    def places(self) -> tuple[Place, ...]:
        """Of all of them."""
        return (
            *(verdict.place for verdict in self.verdicts),
            *(letter.place for letter in self.dead_letters),
        )


def check(history: History, delivery: Delivery) -> list[Finding]:
    """Every breach of what ``delivery`` promises; none is what is hoped for.

    Raises:
        ValueError: a revision stands on ``posts`` twice, so that nobody can tell what answers what.
    """
    answers = match(history)
    return [
        *_lost(history, answers),
        *_repeated(answers, delivery),
        *_unasked(history),
        *_disordered(history, delivery),
        *_torn(history, delivery),
        *_uncommitted(history, delivery),
        *_misjudged(history, answers),
    ]


def match(history: History) -> dict[Accepted, Answers]:
    """Each accepted record with its answers.

    Raises:
        ValueError: as :func:`check`.
    """
    answers = {accepted: Answers() for accepted in history.accepted}
    by_revision: dict[Revision, Answers] = {}
    for accepted, own in answers.items():
        if accepted.revision is None:
            continue
        if accepted.revision in by_revision:
            raise ValueError(f"{accepted.revision} stands on posts twice, again at {accepted}")
        by_revision[accepted.revision] = own
    by_place = {accepted.place: own for accepted, own in answers.items()}
    for verdict in history.verdicts:
        if verdict.revision in by_revision:
            by_revision[verdict.revision].verdicts.append(verdict)
    for letter in history.dead_letters:
        if letter.record in by_place:
            by_place[letter.record].dead_letters.append(letter)
    return answers


def _lost(history: History, answers: Mapping[Accepted, Answers]) -> Iterator[Finding]:
    for accepted, own in answers.items():
        if not own.places:
            yield Finding(Breach.LOST, _name(accepted), (accepted.place,))
    held = {accepted.place for accepted in history.accepted}
    for place in sorted(history.acknowledged - held):
        yield Finding(Breach.LOST, "acknowledged by the broker, and not on the topic", (place,))


def _repeated(answers: Mapping[Accepted, Answers], delivery: Delivery) -> Iterator[Finding]:
    for accepted, own in answers.items():
        identities = {verdict.identity for verdict in own.verdicts}
        policies = {verdict.policy for verdict in own.verdicts}
        # A repeat after a roll-out is judged by the newer policy, whose name is part of the id.
        most = 1 if delivery is Delivery.EXACTLY_ONCE else max(1, len(policies))
        if len(identities) > most or (own.verdicts and own.dead_letters):
            yield Finding(Breach.CONTRADICTED, _name(accepted), own.places)
        elif len(own.places) > 1 and delivery is Delivery.EXACTLY_ONCE:
            yield Finding(Breach.DUPLICATED, _name(accepted), own.places)


def _unasked(history: History) -> Iterator[Finding]:
    revisions = {accepted.revision for accepted in history.accepted}
    for verdict in history.verdicts:
        if verdict.revision not in revisions:
            yield Finding(Breach.UNASKED, _revision_name(verdict.revision), (verdict.place,))
    held = {accepted.place for accepted in history.accepted}
    for letter in history.dead_letters:
        if letter.record not in held:
            yield Finding(Breach.UNASKED, f"the record {letter.record}", (letter.place,))


def _disordered(history: History, delivery: Delivery) -> Iterator[Finding]:
    """Along a post's verdicts revisions grow, but for the repeats of ``at_least_once``."""
    accepted = {one.revision for one in history.accepted}
    times = Counter(verdict.revision for verdict in history.verdicts)
    by_post: dict[str, list[Judged]] = defaultdict(list)
    for verdict in history.verdicts:
        post_id, revision = verdict.revision
        if verdict.overtaken_by is None:
            by_post[post_id].append(verdict)
        elif verdict.overtaken_by <= revision or (post_id, verdict.overtaken_by) not in accepted:
            what = f"{_revision_name(verdict.revision)} void by revision {verdict.overtaken_by}"
            yield Finding(Breach.DISORDERED, what, (verdict.place,))
    for post_id, verdicts in by_post.items():
        late = _late(verdicts)
        if delivery is Delivery.AT_LEAST_ONCE:
            late = [at for at in late if not _is_of_a_repetition(verdicts, at, times)]
        if late:
            revisions = ", ".join(str(verdict.revision[1]) for verdict in verdicts)
            what = f"{post_id} as revisions {revisions}"
            yield Finding(Breach.DISORDERED, what, tuple(verdict.place for verdict in verdicts))


def _late(verdicts: Sequence[Judged]) -> list[int]:
    """Where a post's verdict comes after one on a newer revision."""
    late, newest = [], 0
    for at, verdict in enumerate(verdicts):
        revision = verdict.revision[1]
        if revision < newest:
            late.append(at)
        newest = max(newest, revision)
    return late


def _is_of_a_repetition(verdicts: Sequence[Judged], at: int, times: Mapping[Revision, int]) -> bool:
    """Whether ``at_least_once`` explains that this verdict comes after one on a newer revision.

    Either it is given twice itself: whoever took the partition over read the record again, or a
    worker that stood still said at last what it had to say. Or the newer revision's record was read
    again as well, after this one, and has its second verdict further on. Nothing else is excused: a
    revision that is answered once, and late, was judged by a worker that should have known better.
    """
    newest = max(verdict.revision[1] for verdict in verdicts[:at])
    if times[verdicts[at].revision] > 1:
        return True
    return any(verdict.revision[1] >= newest for verdict in verdicts[at + 1 :])


def _torn(history: History, delivery: Delivery) -> Iterator[Finding]:
    escalations: dict[UUID, list[Place]] = defaultdict(list)
    for escalation in history.escalations:
        escalations[escalation.identity].append(escalation.place)
    known = {verdict.identity for verdict in history.verdicts}
    for verdict in history.verdicts:
        if verdict.sampled and verdict.identity not in escalations:
            what = f"{_revision_name(verdict.revision)} has no escalation"
            yield Finding(Breach.TORN, what, (verdict.place,))
    for identity, places in escalations.items():
        if identity not in known:
            yield Finding(Breach.TORN, f"escalation of verdict {identity}", tuple(places))
        elif len(places) > 1 and delivery is Delivery.EXACTLY_ONCE:
            yield Finding(Breach.DUPLICATED, f"escalation of verdict {identity}", tuple(places))


def _uncommitted(history: History, delivery: Delivery) -> Iterator[Finding]:
    visible = {
        *(verdict.place for verdict in history.verdicts),
        *(escalation.place for escalation in history.escalations),
        *(letter.place for letter in history.dead_letters),
    }
    written = history.transactions
    yield from _each(Breach.ABORTED, written.aborted.intersection(visible))
    yield from _each(Breach.UNENDED, written.unended)
    if delivery is Delivery.EXACTLY_ONCE:
        yield from _each(Breach.OUTSIDE, written.outside.intersection(visible))


def _misjudged(history: History, answers: Mapping[Accepted, Answers]) -> Iterator[Finding]:
    for verdict in history.verdicts:
        name, fired = _revision_name(verdict.revision), verdict.rules
        if verdict.policy not in history.policies:
            what = f"{name} by {verdict.policy}, which nobody published"
            yield Finding(Breach.MISJUDGED, what, (verdict.place,))
        elif fired is not None and fired != history.policies[verdict.policy]:
            what = f"{name} by {verdict.policy} with the rules {', '.join(sorted(fired))}"
            yield Finding(Breach.MISJUDGED, what, (verdict.place,))
    for accepted, own in answers.items():
        wanted = history.settled.get(accepted.place)
        if wanted is not None and own.verdicts and own.verdicts[0].policy != wanted:
            what = f"{_name(accepted)} by {own.verdicts[0].policy} when all had {wanted}"
            yield Finding(Breach.MISJUDGED, what, own.places)


def _each(breach: Breach, places: Iterable[Place]) -> Iterator[Finding]:
    for place in sorted(places):
        yield Finding(breach, "record", (place,))


def _name(accepted: Accepted) -> str:
    return "a record" if accepted.revision is None else _revision_name(accepted.revision)


def _revision_name(revision: Revision) -> str:
    return f"{revision[0]} revision {revision[1]}"
