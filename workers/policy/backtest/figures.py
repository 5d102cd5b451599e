"""All figures of a backtest as one JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Final

from rules import SIDES, Agreement, Comparison, Policy, Side, asking_for, direction, wilson_interval
from workers.policy.backtest.replay import Replay

DAY: Final = timedelta(days=1)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Backtest:
    """A finished backtest, and what is known of its records besides."""

    old: Policy
    new: Policy
    replay: Replay
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What could not be joined, by reason."""


def figures_of(done: Backtest) -> Figures:
    """Everything but the examples, for a line: counts, shares, and intervals at 95 % (Wilson)."""
    found = done.replay.comparison
    ways = Counter[str]()
    for change, count in found.changes.items():
        ways[direction(*change)] += count
    return {
        "old": found.old,
        "new": found.new,
        "posts": found.posts,
        "changed": found.changed,
        "changed_share": changed_share(found),
        "harsher": ways["harsher"],
        "milder": ways["milder"],
        "changes": {f"{b.value}->{a.value}": n for (b, a), n in sorted(found.changes.items())},
        "categories": _by_name(found.categories),
        "rules": _rules(found),
        "surfaces": _by_name(found.surfaces),
        "other_changes": dict(sorted(found.marks.items())),
        "reviews": _reviews(found),
        "days": found.span / DAY,
        "people": {
            name: {side: _agreement(agreements[side]) for side in SIDES}
            for name, agreements in (("reviewed", found.reviewed), ("sampled", found.sampled))
            if agreements["before"].posts
        },
        "said_the_same_again": {
            "posts": found.replayed.total(),
            "same": found.replayed[True],
        },
        "unknown": {
            name: {"posts": count, "asked_for_by": asking} for name, count, asking in unknown(done)
        },
        "skipped": done.replay.skipped,
        "left_out": dict(sorted(done.left_out.items())),
    }


def whole(done: Backtest) -> Figures:
    """The figures with the examples and the records that were skipped, to be saved."""
    return figures_of(done) | {
        "examples": {
            f"{before.value}->{after.value}": [asdict(one) for one in examples]
            for (before, after), examples in sorted(done.replay.comparison.examples.items())
        },
        "skipped_first": [bad.told for bad in done.replay.bad],
    }


def changed_share(found: Comparison) -> float:
    """Changed decisions among all, 0..1."""
    return found.changed / found.posts if found.posts else 0.0


def per_day(count: int, found: Comparison) -> float | None:
    """What a count comes to in a day at the recorded rate; ``None`` where no time passes."""
    return count / (found.span / DAY) if found.span else None


def unknown(done: Backtest) -> list[tuple[str, int, list[str]]]:
    """What is not known of some posts though a policy asks for it: what, posts, by whom asked."""
    found = []
    for name, count in sorted(done.replay.comparison.missing.items()):
        asking = sorted({*asking_for(name, done.old), *asking_for(name, done.new)})
        if asking:
            found.append((name, count, asking))
    return found


def share_with_interval(hits: int, of: int) -> Figures | None:
    """A share and its interval; ``None`` of nothing."""
    if not of:
        return None
    low, high = wilson_interval(hits, of)
    return {"share": hits / of, "low": low, "high": high, "hits": hits, "of": of}


def _reviews(found: Comparison) -> Figures:
    queues = sorted({queue for queue, _ in found.queues})
    return {
        side: {
            "posts": found.reviews(side),
            "per_day": per_day(found.reviews(side), found),
            "queues": {
                queue: {
                    "posts": found.queues[queue, side],
                    "per_day": per_day(found.queues[queue, side], found),
                }
                for queue in queues
            },
        }
        for side in SIDES
    }


def _agreement(one: Agreement) -> Figures:
    return asdict(one) | {
        "precision_of_removals": share_with_interval(one.rightly_removed, one.removed),
        "missed_share": share_with_interval(one.missed, one.removed_by_people),
    }


def _rules(found: Comparison) -> Figures:
    names = {name for name, _ in found.fired | found.failed} | set(found.differing)

    def row(name: str) -> Figures:
        fired: dict[Side, int] = {side: found.fired[name, side] for side in SIDES}
        failed: dict[Side, int] = {side: found.failed[name, side] for side in SIDES}
        return {"fired": fired, "failed": failed, "in_changes": found.differing[name]}

    return {name: row(name) for name in sorted(names)}


def _by_name(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for (name, column), count in sorted(counts.items()):
        table.setdefault(name, {})[column] = count
    return table
