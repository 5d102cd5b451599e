"""What /metrics says of quotas and of hit rates that leave their band."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from rules import HitRateAlarm, HitRateBand, HitRateWatch, Policy
from schemas import Action
from tests.rules.making import NOW, case, policy, rule
from tests.workers.moderator.making import VERSIONS
from workers.moderator.brake_metrics import BrakeMetrics
from workers.moderator.rulebook import Edition, Rulebook, edition_of
from workers.quotas import SharedLedger


def removing(name: str, posts: int) -> dict[str, Any]:
    return {**rule(name, action="remove"), "quota": {"posts": posts, "per": "1h"}}


class Shown:
    """The metrics of a worker that judges by this policy."""

    def __init__(self, first: Policy) -> None:
        self.ledger = SharedLedger("worker")
        self.registry = CollectorRegistry()
        self.alone = False
        self.rulebook = Rulebook(self.edition(first))
        self.metrics = BrakeMetrics(
            self.registry, self.rulebook, alone=lambda: self.alone, clock=lambda: NOW
        )

    def edition(self, of: Policy) -> Edition:
        return edition_of(of, model="constant@1", ledger=self.ledger)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"moderation_{name}", labels)


def test_each_quota_of_the_policy_is_shown(tmp_path: Path) -> None:
    shown = Shown(policy(tmp_path, rules=[removing("flood", 1)]))
    assert shown.value("quota_posts", rule="flood") == 1
    assert shown.value("quota_tokens_left", rule="flood") == 1
    assert shown.value("quota_tripped", rule="flood") == 0

    engine = shown.rulebook.current.engine
    assert [engine.decide(case()).action for _ in range(2)] == [Action.REMOVE, Action.REVIEW]

    assert shown.value("quota_tokens_left", rule="flood") == 0
    assert shown.value("quota_tripped", rule="flood") == 1


def test_another_policy_leaves_no_series_of_the_one_before(tmp_path: Path) -> None:
    shown = Shown(policy(tmp_path, rules=[removing("gone", 1), removing("stays", 2)]))
    engine = shown.rulebook.current.engine
    engine.decide(case())

    shown.rulebook.swap(shown.edition(policy(tmp_path, rules=[removing("stays", 2)])))

    assert shown.value("quota_tokens_left", rule="gone") is None
    assert shown.value("quota_tokens_left", rule="stays") == 1


def test_an_exempt_rule_has_no_quota(tmp_path: Path) -> None:
    exempt = policy(tmp_path, rules=[removing("must_go", 1)], brakes={"exempt": ["must_go"]})
    shown = Shown(exempt)
    engine = shown.rulebook.current.engine
    assert {engine.decide(case()).action for _ in range(3)} == {Action.REMOVE}
    assert shown.value("quota_posts", rule="must_go") is None


def test_an_alarm_is_counted_from_zero_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shown = Shown(policy(tmp_path, rules=[{**removing("flood", 9), "expect": {"max": 0.1}}]))
    assert shown.value("hit_rate_alarms_total", rule="flood") == 0

    shown.metrics.alarm(HitRateAlarm("flood", 0.5, HitRateBand(max=0.1), 2_000))

    assert shown.value("hit_rate_alarms_total", rule="flood") == 1
    assert "the rule flood fired on 50.00% of 2000 posts" in caplog.text


def test_the_share_of_the_last_window_is_shown(tmp_path: Path) -> None:
    shown = Shown(policy(tmp_path))
    watch = HitRateWatch({"flood": HitRateBand(max=0.1)}, window=4)
    shown.rulebook.swap(Edition(shown.rulebook.current.engine, VERSIONS, hit_rates=watch))
    assert shown.value("rule_hit_share", rule="flood") is None
    assert shown.value("rule_hit_share_expected", rule="flood", bound="least") == 0
    assert shown.value("rule_hit_share_expected", rule="flood", bound="most") == 0.1
    for fired in (["flood"], [], [], []):
        watch.observe(fired)
    assert shown.value("rule_hit_share", rule="flood") == 0.25


def test_a_worker_says_that_it_hears_nobody(tmp_path: Path) -> None:
    shown = Shown(policy(tmp_path))
    assert shown.value("quotas_alone") == 0
    shown.alone = True
    assert shown.value("quotas_alone") == 1
