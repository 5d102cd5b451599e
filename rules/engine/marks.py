"""What rules put on a post beside the action: labels, an age gate, regions that do not see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from rules.engine.effects import Effects, LabelEffect


def labels(fired: Iterable[Effects]) -> tuple[str, ...]:
    """Every label once, by name."""
    return tuple(sorted({one.label for one in _given(fired)}))


def label_expiry(fired: Sequence[Effects]) -> dict[str, timedelta]:
    """How long labels hold, where they do not stay: the longest time that any rule gives."""
    times: dict[str, timedelta | None] = {}
    for one in _given(fired):
        longest = times.get(one.label, one.expires)
        times[one.label] = (
            None if longest is None or one.expires is None else max(longest, one.expires)
        )
    return {label: time for label, time in sorted(times.items()) if time is not None}


def age_gate(fired: Iterable[Effects]) -> int | None:
    """The highest age that any rule asks for."""
    return max((one.age_gate for one in fired if one.age_gate is not None), default=None)


def geo_limit(fired: Iterable[Effects]) -> tuple[str, ...]:
    """Every region that any rule names."""
    return tuple(sorted({region for one in fired for region in one.geo_limit}))


def _given(fired: Iterable[Effects]) -> Iterable[LabelEffect]:
    return (label for one in fired for label in one.labels)
