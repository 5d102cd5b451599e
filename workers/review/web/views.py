"""What the templates show, computed from an item: plain words and numbers, no markup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas import (
    CATEGORIES,
    CATEGORY_MEANINGS,
    Action,
    Media,
    Modality,
    Post,
    Reason,
    ReasonKind,
    Verdict,
    VerdictSource,
    VerdictStatus,
)
from workers.review.store import BLIND, Account, Gathered, Item, ItemKind
from workers.review.web.languages import Translate, english
from workers.review.web.words import (
    amount,
    duration,
    label,
    not_scanned_words,
    percent,
    reason_words,
)

KIND_TAGS: Final = {
    ItemKind.SECOND: "blind",
    ItemKind.SENIOR: "disagreement",
    ItemKind.APPEAL: "appeal",
}
"""A golden post has none: it is to look like an escalation."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An item in the list. It shows why the item is there, and none of the post's content."""

    verdict_id: str
    category: str
    percent: int | None
    tag: str | None
    """What kind of work it is, where it is no plain escalation."""
    machine_action: str | None
    """None where the viewer is to judge blind."""
    degraded: bool
    contents: str
    where: str
    reach: str
    waiting: str
    due: str
    overdue: bool
    others: int
    """Near-identical items that it stands for, beside itself."""
    holder: str | None
    """``with you``, ``with a colleague``, or None."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a score one modality carries; ``start`` and ``percent`` place it in a bar."""

    modality: str
    start: int
    percent: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A category's probability, its threshold where one was reached, and its shares."""

    category: str
    meaning: str
    percent: int
    threshold: int | None
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One step of how the verdict came about."""

    kind: str
    words: str
    action: str | None
    errored: bool = False


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """A category that the reviewer can tick; the first nine have a digit as their key."""

    name: str
    label: str
    meaning: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Piece:
    """One medium: where the browser gets it, or why it cannot be shown."""

    index: int
    source: str | None
    problem: str | None
    address: str | None
    """An outside address, shown as text and never as a link."""


def queue_row(
    item: Item,
    viewer: Account,
    now: datetime,
    t: Translate = english,
    gathered: Gathered | None = None,
) -> QueueRow:
    """The item as a row for this viewer; ``gathered`` tells of what it stands for beside itself."""
    held = item.lease_until is not None and item.lease_until > now
    mine = item.claimed_by == viewer.account_id
    if gathered is not None:
        held, mine = gathered.held, gathered.mine
    blind = item.kind in BLIND
    category = t(label(item.category) if item.category else "Not scored")
    return QueueRow(
        verdict_id=str(item.verdict_id),
        category=t("Second opinion") if blind else category,
        percent=None if blind or item.score is None else percent(item.score),
        tag=KIND_TAGS.get(ItemKind(item.kind)),
        machine_action=None if blind else item.machine_action,
        degraded=item.degraded and not blind,
        contents=_contents(item, t),
        where=" · ".join(filter(None, (item.surface, item.language))),
        reach=amount(item.reach),
        waiting=duration(now - item.escalated_at, t),
        due=due_words(item.due_at, now, t),
        overdue=item.due_at < now,
        others=gathered.others if gathered else 0,
        holder=("with you" if mine else "with a colleague") if held else None,
    )


def due_words(due_at: datetime, now: datetime, t: Translate = english) -> str:
    """When the item is due, seen from now."""
    if due_at < now:
        return t("overdue by {span}", span=duration(now - due_at, t))
    return t("due in {span}", span=duration(due_at - now, t))


def bars(verdict: Verdict, t: Translate = english) -> list[Bar]:
    """Every scored category, the highest first."""
    spoken = {
        reason.category: reason
        for reason in verdict.reasons
        if reason.kind is ReasonKind.MODEL and reason.category
    }
    ordered = sorted(verdict.scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Bar(
            category=t(label(name)),
            meaning=t(CATEGORY_MEANINGS.get(name, "a category of this platform's policy")),
            percent=percent(score),
            threshold=_threshold(spoken.get(name)),
            shares=_shares(spoken.get(name)),
        )
        for name, score in ordered
    ]


def trace(verdict: Verdict, shown: Callable[[str], str], t: Translate = english) -> list[TraceLine]:
    """What spoke, in the verdict's order; then the rules that fired without a word in it.

    ``shown`` masks what the viewer may not see: a reason can quote the post.
    """
    lines = [
        TraceLine(
            kind=t(label(reason.kind)),
            words=shown(reason_words(reason, t)),
            # A rule that only moves a score asks for no action, and "allow" would read as one.
            action=None if reason.action is Action.ALLOW else reason.action,
        )
        for reason in verdict.reasons
    ]
    named = {reason.rule for reason in verdict.reasons if reason.rule}
    for hit in verdict.rule_hits:
        if hit.errored:
            lines.append(
                TraceLine(
                    t("Rule"),
                    t("{rule} failed and was not applied", rule=hit.rule),
                    None,
                    errored=True,
                )
            )
        elif hit.rule not in named:
            said = "{rule} fired" if hit.mode == "live" else "{rule} fired ({mode} mode: no effect)"
            lines.append(TraceLine(t("Rule"), t(said, rule=hit.rule, mode=hit.mode), None))
    return lines


def unscanned(verdict: Verdict, t: Translate = english) -> list[str]:
    """What the machine did not look at, and why, a sentence each."""
    return [not_scanned_words(piece, t) for piece in verdict.not_scanned]


def versions(verdict: Verdict, item: Item, t: Translate = english) -> list[tuple[str, str]]:
    """What judged: name and version. The item's own name stands last, as in its address."""
    banks = [
        (t("Bank {name}", name=name), version) for name, version in verdict.versions.banks.items()
    ]
    return [
        (t("Model"), verdict.versions.model),
        (t("Policy"), verdict.versions.policy),
        *banks,
        (t("Item"), str(item.verdict_id)),
    ]


def machine_words(verdict: Verdict, t: Translate = english) -> str:
    """The verdict in a sentence: the machine's, or a person's that is contested."""
    if verdict.source is VerdictSource.HUMAN:
        return t("A person decided: {action}.", action=t(verdict.action))
    said = {
        Action.ALLOW: "The machine would allow it.",
        Action.LIMIT: "The machine would limit it.",
        Action.REVIEW: "The machine is unsure and asks you.",
        Action.REMOVE: "The machine would remove it.",
    }[verdict.action]
    if verdict.status is not VerdictStatus.DEGRADED:
        return t(said)
    return f"{t(said)} {t('It did not see all of it.')}"


def category_choices(verdict: Verdict, t: Translate = english) -> list[CategoryChoice]:
    """The eight categories in their fixed order, then those that the policy adds."""
    added = sorted(set(verdict.scores) - set(CATEGORIES))
    return [
        CategoryChoice(
            name=name,
            label=t(label(name)),
            meaning=t(CATEGORY_MEANINGS.get(name, "")),
            key=str(place) if place <= 9 else None,  # noqa: PLR2004 - the digits of a keyboard
        )
        for place, name in enumerate([*CATEGORIES, *added], start=1)
    ]


def pieces(
    item: Item, post: Post, modality: Modality, problems: dict[tuple[Modality, int], str]
) -> list[Piece]:
    """The pictures or sounds of the item's post, under the item's own name."""
    media: Sequence[Media] = post.images if modality is Modality.IMAGE else post.audio
    found = []
    for index, medium in enumerate(media):
        problem = problems.get((modality, index))
        base = f"/items/{item.verdict_id}/media/{modality}/{index}"
        found.append(Piece(index, None if problem else base, problem, medium.url))
    return found


def lease_seconds(until: datetime, now: datetime) -> int:
    """Whole seconds that a lease still holds."""
    return max(0, int((until - now) / timedelta(seconds=1)))


def _contents(item: Item, t: Translate) -> str:
    parts = [t("text")] if item.has_text else []
    for count, one, many in (
        (item.images, "1 image", "{number} images"),
        (item.sounds, "1 sound", "{number} sounds"),
    ):
        if count:
            parts.append(t(one) if count == 1 else t(many, number=count))
    return t(", ").join(parts) or t("no content")


def _threshold(reason: Reason | None) -> int | None:
    return None if reason is None or reason.threshold is None else percent(reason.threshold)


def _shares(reason: Reason | None) -> tuple[Share, ...]:
    shares = []
    start = 0
    for modality, share in (reason.shares or {}).items() if reason else ():
        shares.append(Share(str(modality), start, percent(share)))
        start += percent(share)
    return tuple(shares)
