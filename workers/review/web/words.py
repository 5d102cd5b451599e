"""How things are said to the reviewer: names, amounts, durations, reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from schemas import Modality, NotScanned, NotScannedReason, Reason
from workers.places import place_words

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


def duration(span: timedelta) -> str:
    """A span at a glance, in its two largest units: 45 s, 12 min, 3 h 5 min, 2 d 4 h."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < MINUTE_SECONDS:
        return f"{seconds} s"
    if seconds < HOUR_SECONDS:
        return f"{seconds // MINUTE_SECONDS} min"
    if seconds < DAY_SECONDS:
        large, small = divmod(seconds, HOUR_SECONDS)
        return _two(f"{large} h", small // MINUTE_SECONDS, "min")
    large, small = divmod(seconds, DAY_SECONDS)
    return _two(f"{large} d", small // HOUR_SECONDS, "h")


def reason_words(reason: Reason) -> str:
    """What spoke, and how loudly."""
    parts = []
    if reason.rule:
        parts.append(reason.rule)
    if reason.bank:
        parts.append(f"match in {reason.bank}")
    if reason.category:
        parts.append(label(reason.category))
    if reason.score is not None:
        reached = f", threshold {percent(reason.threshold)} %" if reason.threshold else ""
        parts.append(f"{percent(reason.score)} %{reached}")
    if reason.place is not None:
        parts.append(f"strongest in {place_words(reason.place)}")
    if reason.distance is not None:
        parts.append(f"distance {reason.distance:.3g}")
    if reason.detail:
        parts.append(reason.detail)
    return " · ".join(parts) or "no further detail"


def not_scanned_words(piece: NotScanned) -> str:
    """A sentence on a piece that the machine did not look at."""
    what = (
        "Text" if piece.modality is Modality.TEXT else f"{label(piece.modality)} {piece.index + 1}"
    )
    if piece.reason is NotScannedReason.TRUNCATED and piece.detail:
        return f"{what}: {piece.detail}."  # which part, or that its words were not read
    return f"{what}: {NOT_SCANNED_WORDS[piece.reason]}."


def _two(large: str, small: int, unit: str) -> str:
    return f"{large} {small} {unit}" if small else large
