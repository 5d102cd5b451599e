"""How things are said to the reviewer: names, amounts, durations, reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from schemas import Modality, NotScanned, NotScannedReason, Reason
from workers.places import place_words
from workers.review.web.languages import Translate, english

MINUTE_SECONDS: Final = 60
HOUR_SECONDS: Final = 3_600
DAY_SECONDS: Final = 86_400
THOUSAND: Final = 1_000
MILLION: Final = 1_000_000

NOT_SCANNED_WORDS: Final = {
    NotScannedReason.MISSING: "the object store does not have it",
    NotScannedReason.UNREACHABLE: "its host did not answer",
    NotScannedReason.FORBIDDEN: "its address is not allowed",
    NotScannedReason.HASH_MISMATCH: "its bytes are not those that were posted",
    NotScannedReason.TOO_LARGE: "it is too large",
    NotScannedReason.UNSUPPORTED: "its format is not supported",
    NotScannedReason.UNDECODABLE: "it is broken",
    NotScannedReason.TRUNCATED: "only its beginning was looked at",
    NotScannedReason.MODEL_FAILED: "the classifier failed on it",
    NotScannedReason.BANK_FAILED: "nobody could look for it among known content",
}


def label(name: str) -> str:
    """A name of ours as a person writes it: ``self_harm`` is *Self harm*."""
    return name.replace("_", " ").replace("-", " ").capitalize()


def percent(probability: float) -> int:
    """Whole per cent."""
    return round(probability * 100)


def amount(count: int) -> str:
    """A count at a glance: 950, 1.2 k, 3.4 M."""
    if count >= MILLION:
        return f"{count / MILLION:.1f} M"
    if count >= THOUSAND:
        return f"{count / THOUSAND:.1f} k"
    return str(count)


def duration(span: timedelta, t: Translate = english) -> str:
    """A span at a glance, in its two largest units: 45 s, 12 min, 3 h 5 min, 2 d 4 h."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < MINUTE_SECONDS:
        return t("{number} s", number=seconds)
    if seconds < HOUR_SECONDS:
        return t("{number} min", number=seconds // MINUTE_SECONDS)
    if seconds < DAY_SECONDS:
        large, small = divmod(seconds, HOUR_SECONDS)
        return _two(t("{number} h", number=large), small // MINUTE_SECONDS, "{number} min", t)
    large, small = divmod(seconds, DAY_SECONDS)
    return _two(t("{number} d", number=large), small // HOUR_SECONDS, "{number} h", t)


def reason_words(reason: Reason, t: Translate = english) -> str:
    """What spoke, and how loudly."""
    parts = []
    if reason.rule:
        parts.append(reason.rule)
    if reason.bank:
        parts.append(t("match in {bank}", bank=reason.bank))
    if reason.category:
        parts.append(t(label(reason.category)))
    if reason.score is not None:
        reached = reason.threshold and t(", threshold {number} %", number=percent(reason.threshold))
        parts.append(f"{percent(reason.score)} %{reached or ''}")
    if reason.place is not None:
        parts.append(t("strongest in {place}", place=place_words(reason.place)))
    if reason.distance is not None:
        parts.append(t("distance {number}", number=f"{reason.distance:.3g}"))
    if reason.detail:
        parts.append(reason.detail)
    return " · ".join(parts) or t("no further detail")


def not_scanned_words(piece: NotScanned, t: Translate = english) -> str:
    """A sentence on a piece that the machine did not look at."""
    what = (
        t("Text")
        if piece.modality is Modality.TEXT
        else f"{t(label(piece.modality))} {piece.index + 1}"
    )
    if piece.reason is NotScannedReason.TRUNCATED and piece.detail:
        return f"{what}: {piece.detail}."  # which part, or that its words were not read
    return t("{what}: {why}.", what=what, why=t(NOT_SCANNED_WORDS[piece.reason]))


def _two(large: str, small: int, unit: str, t: Translate) -> str:
    return f"{large} {t(unit, number=small)}" if small else large
