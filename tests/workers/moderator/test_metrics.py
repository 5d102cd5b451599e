"""What alerts rest on is shown from the start."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from schemas import Action, Reason, ReasonKind
from tests.schemas.examples import VERDICT
from tests.workers.moderator.making import NOON, make_record
from workers.moderator.answers import Answer
from workers.moderator.delivery_settings import DeliveryMode
from workers.moderator.judge import Judgement
from workers.moderator.metrics import WorkerMetrics


def test_the_first_degraded_verdict_and_dead_letter_are_a_rise_from_zero() -> None:
    registry = CollectorRegistry()
    WorkerMetrics(registry)

    degraded = {"action": "review", "status": "degraded"}
    assert registry.get_sample_value("moderation_verdicts_total", degraded) == 0
    poison = {"error_class": "poison"}
    assert registry.get_sample_value("moderation_dead_letters_total", poison) == 0


def test_refused_transactions_rise_from_zero_where_answers_leave_in_transactions() -> None:
    refused = {"outcome": "fenced"}
    for mode, value in ((DeliveryMode.EXACTLY_ONCE, 0), (DeliveryMode.AT_LEAST_ONCE, None)):
        registry = CollectorRegistry()
        WorkerMetrics(registry).deliver_by(mode)
        assert registry.get_sample_value("moderation_transactions_total", refused) == value
        assert registry.get_sample_value("moderation_delivery_info", {"mode": mode}) == 1


def test_flags_tell_the_category_the_action_and_who_said_so() -> None:
    registry = CollectorRegistry()
    said = (
        Reason(kind=ReasonKind.MODEL, action=Action.REMOVE, category="spam", score=0.9),
        Reason(kind=ReasonKind.RULE, action=Action.REMOVE, category="spam", rule="flood"),
        Reason(kind=ReasonKind.RULE, action=Action.REMOVE, category="spam", rule="links"),
    )
    verdict = VERDICT.model_copy(update={"reasons": said})
    WorkerMetrics(registry).answered([Answer(make_record(b"{}"), Judgement(verdict))], NOON)

    for source in ("model", "rule"):
        labels = {"category": "spam", "action": "remove", "source": source}
        assert registry.get_sample_value("moderation_category_flags_total", labels) == 1
