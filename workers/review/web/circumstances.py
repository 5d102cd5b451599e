"""What was known besides the post: whether its parts belong together, and who wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas import AuthorSignals, Verdict
from workers.review.web.languages import Translate, english
from workers.review.web.words import amount, duration, label, percent

NOTABLE: Final = 0.5
"""More likely than not: below it two parts belong together for all that the model can tell."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How likely two parts of the post do not belong together."""

    parts: str
    percent: int
    notable: bool


def mismatches(verdict: Verdict, t: Translate = english) -> list[Mismatch]:
    """Every pair that was compared, the least fitting first."""
    compared = verdict.trace.mismatch if verdict.trace else {}
    return [
        Mismatch(
            parts=t("{one} and {other}", **_named(pair, t)),
            percent=percent(probability),
            notable=probability >= NOTABLE,
        )
        for pair, probability in sorted(compared.items(), key=lambda found: -found[1])
    ]


def author_figures(
    verdict: Verdict, now: datetime, t: Translate = english
) -> list[tuple[str, str]]:
    """What the ledger had counted about the author: name and figure; nothing where it is unknown.

    How old the counts are stands last: the verdict was made with them, and they have moved since.
    """
    signals = verdict.trace.author if verdict.trace else None
    if signals is None:
        return []
    age = duration(now - signals.updated_at, t)
    campaign = _campaign(signals, verdict.decided_at, t)
    return [*_counts(signals, t), *campaign, (t("Counted"), t("{span} ago", span=age))]


def _counts(signals: AuthorSignals, t: Translate) -> list[tuple[str, str]]:
    return [
        (t("Posts"), amount(signals.posts)),
        (t("In the last hour"), amount(signals.posts_last_hour)),
        (t("Removed"), amount(signals.removals)),
        (t("Strikes"), amount(signals.strikes)),
        (t("Made milder by people"), amount(signals.overturned)),
    ]


def _campaign(signals: AuthorSignals, judged_at: datetime, t: Translate) -> list[tuple[str, str]]:
    """The campaign that the author was part of, as far as rules saw it: not one that was over."""
    campaign = signals.campaign
    if campaign is None or campaign.until <= judged_at:
        return []
    size = t("{authors} authors, {posts} posts", authors=campaign.authors, posts=campaign.posts)
    return [(t("Nearly the same text"), size)]


def _named(pair: str, t: Translate) -> dict[str, str]:
    one, _, other = pair.partition("_")
    return {"one": t(label(one)), "other": t(label(other))}
