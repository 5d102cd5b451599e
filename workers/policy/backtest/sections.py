"""What a backtest tells people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Final

from rules import SIDES, Agreement, Comparison, Side, direction
from workers.policy.backtest.figures import (
    DAY,
    Backtest,
    Figures,
    changed_share,
    figures_of,
    per_day,
    share_with_interval,
    unknown,
)
from workers.policy.backtest.layout import Section

_OTHER_MARKS: Final = {
    "labels": "other labels",
    "age_gate": "another age gate",
    "geo_limit": "hidden in other regions",
    "queue": "another queue",
}


def sections_of(done: Backtest) -> list[Section]:
    """The report; a section with nothing to say is left out."""
    found, figures = done.replay.comparison, figures_of(done)
    sections = [
        Section("Backtest", list(_summary(done, found))),
        Section("Which way", rows=list(_changes(found))),
        Section("By the category that weighs most", rows=list(_categories(figures))),
        Section("By rule", rows=list(_rules(figures))),
        Section("By surface", rows=list(_surfaces(figures))),
        Section("Review load", list(_load(found)), list(_queues(found))),
        Section("What people decided", list(_notes_on_people(found)), list(_people(found))),
        Section("Examples", rows=list(_examples(found))),
        Section("What to bear in mind", list(_reservations(done, found))),
    ]
    return [section for section in sections if section.said or len(section.rows) > 1]


def _summary(done: Backtest, found: Comparison) -> Iterator[str]:
    yield f"from {found.old} to {found.new}"
    if found.first is not None and found.last is not None:
        first, last = (f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" for at in (found.first, found.last))
        days = f"{found.span / DAY:.2f} days"
        yield f"{_posts(found.posts)}, judged from {first} to {last} UTC ({days})"
    harsher = sum(n for change, n in found.changes.items() if direction(*change) == "harsher")
    yield (
        f"{found.changed} of {found.posts} verdicts change ({changed_share(found):.1%}): "
        f"{harsher} harsher, {found.changed - harsher} milder"
    )
    for mark, count in sorted(found.marks.items()):
        yield f"{_posts(count)} with the same action, but {_OTHER_MARKS[mark]}"
    for reason, count in sorted(done.left_out.items()):
        yield f"left out: {count} {reason}"
    if done.replay.skipped:
        yield f"skipped, since they cannot be judged: {done.replay.skipped} of the records"
        yield from (f"skipped: {bad.told}" for bad in done.replay.bad)


def _changes(found: Comparison) -> Iterator[list[str]]:
    yield ["from", "to", "posts", "of all", ""]
    order = sorted(found.changes.items(), key=lambda item: (-item[1], item[0]))
    for (before, after), count in order:
        share = f"{count / found.posts:.1%}"
        yield [before.value, after.value, str(count), share, direction(before, after)]


def _categories(figures: Figures) -> Iterator[list[str]]:
    yield ["category", "harsher", "milder"]
    for name, row in figures["categories"].items():
        yield [name, str(row.get("harsher", 0)), str(row.get("milder", 0))]


def _rules(figures: Figures) -> Iterator[list[str]]:
    """The rules that make a difference somewhere, and those that fail."""
    yield ["rule", "fired before", "after", "in changed verdicts", "failed before", "after"]
    for name, row in figures["rules"].items():
        fired, failed = row["fired"], row["failed"]
        moved = fired["before"] != fired["after"] or row["in_changes"]
        if moved or failed["before"] or failed["after"]:
            cells = (fired["before"], fired["after"], row["in_changes"], *failed.values())
            yield [name, *map(str, cells)]


def _surfaces(figures: Figures) -> Iterator[list[str]]:
    yield ["surface", "posts", "harsher", "milder", "changed"]
    for name, row in figures["surfaces"].items():
        harsher, milder = row.get("harsher", 0), row.get("milder", 0)
        share = f"{(harsher + milder) / row['posts']:.1%}"
        yield [name, str(row["posts"]), str(harsher), str(milder), share]


def _load(found: Comparison) -> Iterator[str]:
    before, after = found.reviews("before"), found.reviews("after")
    yield f"posts for reviewers: {before} -> {after} ({after - before:+d})"
    if found.span:
        a_day = (_rate(found.reviews(side), found) for side in SIDES)
        yield "at the recorded rate: " + " -> ".join(a_day) + " a day"
    else:
        yield "a day: not known, since all records are of one moment"
    yield "the audit sample comes on top; no policy changes it"


def _queues(found: Comparison) -> Iterator[list[str]]:
    yield ["queue", "posts before", "after", "", "a day before", "after"]
    for queue in sorted({queue for queue, _ in found.queues}):
        before, after = (found.queues[queue, side] for side in SIDES)
        rates = (_rate(count, found) for count in (before, after))
        yield [queue, str(before), str(after), f"{after - before:+d}", *rates]


def _rate(count: int, found: Comparison) -> str:
    rate = per_day(count, found)
    return "not known" if rate is None else f"{rate:.1f}"


def _notes_on_people(found: Comparison) -> Iterator[str]:
    if not found.reviewed["before"].posts:
        return
    yield "shares with their interval at 95 % (Wilson)"
    yield "what a policy sends to people is neither upheld nor missed"
    yield "all: mostly what the policy of the time sent to people, so no picture of the stream"
    yield "by lot: the audit sample, which is one"


def _people(found: Comparison) -> Iterator[list[str]]:
    yield ["posts", "policy", "decided by people", "removals upheld", "missed", "to people"]
    for name, agreements in (("all", found.reviewed), ("by lot", found.sampled)):
        for side in SIDES:
            if agreements[side].posts:
                yield [name, *_agreement(side, agreements[side])]


def _agreement(side: Side, one: Agreement) -> list[str]:
    return [
        {"before": "old", "after": "new"}[side],
        str(one.posts),
        _share(one.rightly_removed, one.removed),
        _share(one.missed, one.removed_by_people),
        str(one.to_people),
    ]


def _share(hits: int, of: int) -> str:
    share = share_with_interval(hits, of)
    if share is None:
        return "none"
    return f"{hits}/{of} = {share['share']:.1%} ({share['low']:.1%} to {share['high']:.1%})"


def _examples(found: Comparison) -> Iterator[list[str]]:
    yield ["record", "post", "surface", "before", "after", "rules that differ"]
    for _, examples in sorted(found.examples.items()):
        for one in examples:
            post = f"{one.post_id} r{one.revision}"
            rules = ", ".join(one.rules) or "none"
            yield [str(one.number), post, one.surface, one.before, one.after, rules]


def _reservations(done: Backtest, found: Comparison) -> Iterator[str]:
    again = found.replayed.total()
    if again:
        yield (
            f"of {again} verdicts that {found.old} itself had given it gives "
            f"{found.replayed[True]} again ({found.replayed[True] / again:.1%}); the others hung "
            "on quotas, or on what the records do not hold"
        )
    for name, count, asking in unknown(done):
        yield f"{name} not known of {_posts(count)}; asked for by {', '.join(asking)}"


def _posts(count: int) -> str:
    return f"{count} post{'' if count == 1 else 's'}"
