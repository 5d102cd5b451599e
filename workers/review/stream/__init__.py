"""The console's ties to Kafka: escalations, appeals and verdicts come in, decisions go out."""

from workers.review.stream.consumer import AppealConsumer, EscalationConsumer, VerdictConsumer
from workers.review.stream.relay import OutboxRelay
from workers.review.stream.supervise import keep_running

__all__ = ["AppealConsumer", "EscalationConsumer", "OutboxRelay", "VerdictConsumer", "keep_running"]
