"""What alerts rest on is shown from the start."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from workers.moderator.metrics import WorkerMetrics


def test_the_first_degraded_verdict_and_dead_letter_are_a_rise_from_zero() -> None:
    registry = CollectorRegistry()
    WorkerMetrics(registry)

    degraded = {"action": "review", "status": "degraded"}
    assert registry.get_sample_value("moderation_verdicts_total", degraded) == 0
    poison = {"error_class": "poison"}
    assert registry.get_sample_value("moderation_dead_letters_total", poison) == 0
