"""What changes between two policies, in words and a last line of figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from rules import Comparison, Policy, PolicyEngine, PolicyError, compare, direction, read_records
from workers.policy.report import exit_with


def differences(old: Policy, new: Policy, records: Path) -> str:
    """How many decisions change, which way, by category, with examples; the last line is JSON."""
    try:
        comparison = compare(PolicyEngine(old), PolicyEngine(new), read_records(records))
    except PolicyError as error:
        raise exit_with(error) from error
    return "\n".join((*_lines(old, new, comparison), json.dumps(_figures(comparison))))


def _lines(old: Policy, new: Policy, comparison: Comparison) -> Iterator[str]:
    yield f"from {old.version} to {new.version}"
    share = comparison.changed / comparison.posts if comparison.posts else 0.0
    yield f"{comparison.changed} of {comparison.posts} decisions change ({share:.1%})"
    for (before, after), count in comparison.changes.most_common():
        yield f"  {before.value} -> {after.value}: {count} {direction(before, after)}"
        for one in comparison.examples[before, after]:
            rules = {hit.rule for hit in one.after.rule_hits} ^ {
                hit.rule for hit in one.before.rule_hits
            }
            why = f" ({', '.join(sorted(rules))})" if rules else ""
            yield f"    {one.post_id}{why}"
    if comparison.categories:
        yield "by the category that weighs most"
    for (category, way), count in sorted(comparison.categories.items()):
        yield f"  {category}: {count} {way}"
    load, new_load = comparison.reviews["before"], comparison.reviews["after"]
    yield f"posts for reviewers: {load} -> {new_load} ({new_load - load:+d})"


def _figures(comparison: Comparison) -> dict[str, object]:
    return {
        "posts": comparison.posts,
        "changed": comparison.changed,
        "harsher": sum(n for c, n in comparison.changes.items() if direction(*c) == "harsher"),
        "milder": sum(n for c, n in comparison.changes.items() if direction(*c) == "milder"),
        "changes": {f"{b.value}->{a.value}": n for (b, a), n in comparison.changes.items()},
        "reviews_before": comparison.reviews["before"],
        "reviews_after": comparison.reviews["after"],
    }
