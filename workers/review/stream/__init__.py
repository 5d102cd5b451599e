"""The console's two ties to Kafka: escalations come in, decisions go out."""

from workers.review.stream.consumer import EscalationConsumer
from workers.review.stream.relay import OutboxRelay
from workers.review.stream.supervise import keep_running

__all__ = ["EscalationConsumer", "OutboxRelay", "keep_running"]
