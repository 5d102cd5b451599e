"""The fault suite in short: real workers on real Kafka, one fault of most kinds.

The same as ``make faults`` does at length. The faults are chosen for what they could break: an
answer that is neither committed nor aborted, a zombie with an open transaction, a broker that
forgets, a batch that cannot be scored, workers that are restarted in turn, and a policy that is
rolled out.
"""

from __future__ import annotations

import sys

import pytest

from bench.faults.background import background
from bench.faults.broker import FragileBroker
from bench.faults.journal import Journal
from bench.faults.plan import Fault, Kind
from bench.faults.run import Reckoning, run_scenario
from bench.faults.scenario import PLUMBING
from bench.faults.steps import Moment, Request, Step

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]

SEED = 20_261_122
FAULTS = (
    Fault(Kind.DIE_AT_STEP, SEED, Step(Request.END, Moment.SENT)),
    Fault(Kind.POISON, SEED),
    Fault(Kind.FREEZE_AT_STEP, SEED + 1, Step(Request.END, Moment.BEFORE)),
    Fault(Kind.OUT_OF_MEMORY, SEED),
    Fault(Kind.POLICY_ROLL_OUT, SEED),
    Fault(Kind.STORE_FAILING, SEED),
    Fault(Kind.DIE_AT_STEP, SEED, Step(Request.BEGIN_EPOCH, Moment.SENT)),
    Fault(Kind.UNREADABLE, SEED),
    Fault(Kind.BROKER_KILL, SEED),
    Fault(Kind.CLOCK_JUMP, SEED),
    Fault(Kind.ROLLING_RESTART, SEED),
)


@pytest.fixture(scope="module")
def reckoning(fragile_broker: FragileBroker, tmp_path_factory: pytest.TempPathFactory) -> Reckoning:
    folder = tmp_path_factory.mktemp("faults")
    with background() as loop:
        return run_scenario(
            PLUMBING,
            FAULTS,
            broker=fragile_broker,
            folder=folder / "workers",
            journal=Journal(folder / "faults.jsonl", sys.stdout),
            background=loop,
        )


def test_work_goes_on_after_every_fault(reckoning: Reckoning) -> None:
    assert reckoning.complaints == ()
    assert reckoning.faults == len(FAULTS)


def test_every_post_has_one_answer_in_order_and_all_else_that_is_promised(
    reckoning: Reckoning,
) -> None:
    assert reckoning.findings == ()
    assert reckoning.answered == reckoning.posts > 0
