"""Who is on trial beside what is live: rules in shadow, and other models.

A challenger can only be compared on verdicts that it had a say in: a rule on those of the policy
versions in which it fires at all, a model on those that it scored too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from workers.ledger.accuracy.columns import Columns, is_act
from workers.ledger.accuracy.intervals import Mask

RULE: Final = "shadow:"
MODEL: Final = "shadow-model:"
"""What the names of challengers begin with."""


@dataclass(frozen=True, slots=True)
class Challenger:
    """A would-be judge, over the answered verdicts of the sample; each mask has shape = (r,)."""

    judge: str
    within: Mask
    """Verdicts that it had a say in."""
    alone: Mask
    """What it flags by itself."""
    now: Mask
    """What is flagged without it."""
    then: Mask
    """What would be flagged were it live: by a rule, besides what is flagged now; by a model,
    instead."""
    only_adds: bool
    """Whether nothing that is flagged now could cease to be."""
    model: str | None = None
    """Its version; None of a rule."""


def challengers(columns: Columns) -> Iterator[Challenger]:
    """Every rule in shadow and every other model that the sample knows, by name."""
    acted = columns.acted()
    for judge, hit in rule_hits(columns).items():
        if judge.startswith(RULE):
            within = _reach(columns, judge)
            yield Challenger(
                judge=judge,
                within=within,
                alone=hit,
                now=acted & within,
                then=(acted | hit) & within,
                only_adds=True,
            )
    for model in sorted({name for shadows in columns.answered_shadows for name in shadows}):
        said = [shadows.get(model) for shadows in columns.answered_shadows]
        then = np.array([one is not None and is_act(one.action) for one in said])
        yield Challenger(
            judge=f"{MODEL}{model}",
            within=np.array([one is not None for one in said]),
            alone=then,
            now=np.array([one is not None and is_act(one.live_action) for one in said]),
            then=then,
            only_adds=False,
            model=model,
        )


def rule_hits(columns: Columns) -> dict[str, Mask]:
    """The answered verdicts that each rule fired on; rules in shadow begin with ``RULE``."""
    hits: dict[str, Mask] = {}
    for place, (verdict, _) in enumerate(columns.answered):
        for hit in verdict.rules:
            judge = f"{RULE if hit.mode == 'shadow' else 'rule:'}{hit.rule}"
            hits.setdefault(judge, np.zeros(len(columns.answered), dtype=np.bool_))[place] = True
    return dict(sorted(hits.items()))


def _reach(columns: Columns, judge: str) -> Mask:
    """The answered verdicts by a policy in which the rule fired in shadow at least once."""
    name = judge.removeprefix(RULE)
    policies = {
        verdict.policy
        for verdict in columns.verdicts
        for hit in verdict.rules
        if hit.mode == "shadow" and hit.rule == name
    }
    return np.array([verdict.policy in policies for verdict, _ in columns.answered])
