"""A delivery at least once, and what stands around it, without Kafka."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from tests.workers.moderator.making import NOON, PLACE, RecordingProducer, Refusal
from workers.moderator.delivery import AtLeastOnce, Books, Messages
from workers.moderator.faults import FaultPoint
from workers.moderator.in_flight import InFlight, WaterMarks
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.recollection import Recall, recall_nothing
from workers.settings import KafkaSettings
from workers.streams import Watermarks


class Commits(Protocol):
    """Takes commits."""

    async def commit(self, offsets: dict[TopicPartition, int]) -> None: ...


def _one_partition() -> Watermarks:
    watermarks = Watermarks()
    watermarks.assign({PLACE: 0})
    return watermarks


@dataclass
class Delivering:
    """Answers go to a producer that keeps them."""

    commits: Commits
    refuse: Refusal = lambda _topic, _value: None
    topic_prefix: str = ""
    recall: Recall = recall_nothing
    watermarks: Watermarks = field(default_factory=_one_partition)
    in_flight: InFlight = field(
        default_factory=lambda: InFlight(WaterMarks(1000, 500, 10**9, 10**8))
    )
    metrics: WorkerMetrics = field(default_factory=lambda: WorkerMetrics(CollectorRegistry()))
    producer: RecordingProducer = field(init=False)
    delivery: AtLeastOnce = field(init=False)

    def __post_init__(self) -> None:
        self.producer = RecordingProducer(self.refuse)
        self.delivery = AtLeastOnce(
            self.producer,
            self.commits,
            messages=Messages(KafkaSettings(topic_prefix=self.topic_prefix)),
            books=Books(self.watermarks, self.in_flight, self.metrics, lambda: NOON),
            recall=self.recall,
            commit_seconds=600,
            fault=FaultPoint(),
        )
