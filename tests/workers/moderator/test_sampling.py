"""The draw of the audit sample: as often as stamped, and the same for the same verdict."""

from __future__ import annotations

import math
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Modality, verdict_id
from tests.workers.moderator.making import NOON, VERSIONS, make_decision, make_post
from workers.audit_plan import AuditPlan
from workers.moderator.errors import StartError
from workers.moderator.judge import Circumstances, judge
from workers.moderator.sampling import draw, plan_of
from workers.moderator.settings import ModeratorSettings

STRATUM = "allow-s0-text-en"
IDS = [verdict_id(f"post-{i}", 1, "m", "p") for i in range(10_000)]


@pytest.mark.parametrize("rate", [0.0, 0.001, 0.02, 0.5, 1.0])
def test_verdicts_are_drawn_as_often_as_their_stamp_says(rate: float) -> None:
    plan = AuditPlan(default_rate=0.3, rates={STRATUM: rate} if rate else {})
    plan = plan if rate else AuditPlan()
    draws = [draw(identity, STRATUM, plan) for identity in IDS]

    assert {one.inclusion_probability for one in draws} == {rate}
    deviation = math.sqrt(len(IDS) * rate * (1 - rate))
    assert abs(sum(one.sampled for one in draws) - len(IDS) * rate) <= 5 * deviation


@given(st.uuids(), st.floats(0.001, 1), st.floats(0.001, 1))
def test_sample_of_a_lower_rate_is_part_of_that_of_a_higher_one(
    identity: UUID, one: float, other: float
) -> None:
    low, high = (AuditPlan(default_rate=rate) for rate in sorted((one, other)))

    assert draw(identity, STRATUM, low).sampled <= draw(identity, STRATUM, high).sampled
    assert draw(identity, STRATUM, low) == draw(identity, STRATUM, low)


def test_a_verdict_is_stamped_with_its_stratum_and_its_stratums_rate() -> None:
    plan = AuditPlan(default_rate=0.5, rates={STRATUM: 1.0})
    by = Circumstances(versions=VERSIONS, now=NOON, audit=plan)

    verdict = judge(make_post(language="en-US"), (), make_decision(), by).verdict

    assert verdict.modalities == (Modality.TEXT,)
    assert verdict.sampling.stratum == STRATUM
    assert (verdict.sampling.sampled, verdict.sampling.inclusion_probability) == (True, 1.0)


def test_without_a_plan_every_stratum_has_the_same_rate() -> None:
    plan = plan_of(ModeratorSettings(audit_sample_rate=0.07))

    assert plan.rate(STRATUM) == plan.rate("remove-s5-audio-zh") == 0.07


def test_a_worker_with_a_broken_plan_does_not_start(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("{")

    with pytest.raises(StartError, match=r"plan\.json is no audit plan"):
        plan_of(ModeratorSettings(audit_plan=file))
