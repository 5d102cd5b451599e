"""Faults are drawn from a seed, and none of them is left out for long."""

from __future__ import annotations

import pytest

from bench.faults.facts import Delivery
from bench.faults.plan import DECK, Kind, plan
from bench.faults.steps import AT_LEAST_ONCE_STEPS, EXACTLY_ONCE_STEPS

ONCE = Delivery.EXACTLY_ONCE


def test_the_same_seed_gives_the_same_faults() -> None:
    assert plan(7, 60, ONCE) == plan(7, 60, ONCE)
    assert plan(7, 60, ONCE) != plan(8, 60, ONCE)


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    assert plan(7, 60, ONCE)[:20] == plan(7, 20, ONCE)


@pytest.mark.parametrize("seed", range(5))
def test_one_deck_holds_every_kind(seed: int) -> None:
    assert {fault.kind for fault in plan(seed, len(DECK), ONCE)} == set(Kind)


@pytest.mark.parametrize(
    ("delivery", "steps"),
    [(ONCE, EXACTLY_ONCE_STEPS), (Delivery.AT_LEAST_ONCE, AT_LEAST_ONCE_STEPS)],
)
def test_a_worker_dies_at_every_step_of_a_commit_before_it_dies_at_one_again(
    delivery: Delivery, steps: tuple[object, ...]
) -> None:
    deaths = [fault for fault in plan(7, 300, delivery) if fault.kind is Kind.DIE_AT_STEP]
    assert {fault.step for fault in deaths[: len(steps)]} == set(steps)


def test_only_the_kinds_asked_for_are_drawn() -> None:
    wanted = (Kind.KILL, Kind.JOIN)
    assert {fault.kind for fault in plan(7, 20, ONCE, wanted)} == set(wanted)
