"""Which delivery the settings and the broker allow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer

from workers.moderator.delivery.at_least_once import AtLeastOnce
from workers.moderator.delivery.chunks import ChunkLimits
from workers.moderator.delivery.exactly_once import ExactlyOnce, committed_progress
from workers.moderator.delivery.messages import Messages
from workers.moderator.delivery.port import Books, Delivery
from workers.moderator.delivery_settings import DeliveryMode
from workers.moderator.faults import FaultPoint
from workers.moderator.recollection import Recall
from workers.moderator.resources import started
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings
from workers.streams import get_logger, keeps_transactions, make_producer

log = get_logger(__name__)

WITHOUT_TRANSACTIONS: Final = (
    "at_least_once, although exactly_once is set: this broker (the embedded development broker) "
    "keeps no transactions, so a crash repeats verdicts, under the same ids"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """How answers are delivered, and in words for people."""

    mode: DeliveryMode
    sentence: str


async def choose_delivery(settings: ModeratorSettings, kafka: KafkaSettings) -> Choice:
    """What the settings ask for, unless the broker cannot do it: then what it can, and a warning.

    Raises:
        StreamsError: the broker does not answer.
    """
    wanted = settings.delivery
    if wanted is DeliveryMode.EXACTLY_ONCE and not await keeps_transactions(kafka):
        log.warning(WITHOUT_TRANSACTIONS)
        return Choice(DeliveryMode.AT_LEAST_ONCE, WITHOUT_TRANSACTIONS)
    return Choice(wanted, wanted)


@asynccontextmanager
async def open_delivery(
    choice: Choice,
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    *,
    consumer: AIOKafkaConsumer,
    books: Books,
    recall: Recall,
) -> AsyncIterator[Delivery]:
    """The delivery that was chosen; it lets go of the broker at the end.

    Raises:
        StartError: the broker does not let the worker in.
    """
    fault = FaultPoint(settings.fault)
    group = kafka.group(settings.group)
    async with AsyncExitStack() as stack:
        if choice.mode is DeliveryMode.AT_LEAST_ONCE:
            client = make_producer(kafka, client_id="moderation-worker")
            yield AtLeastOnce(
                await stack.enter_async_context(started(client)),
                consumer,
                messages=Messages(kafka),
                books=books,
                recall=recall,
                commit_seconds=settings.commit_seconds,
                fault=fault,
            )
            return
        committed = await stack.enter_async_context(committed_progress(kafka, group))
        delivery = ExactlyOnce(
            kafka,
            group=group,
            reading=consumer,
            committed=committed,
            recall=recall,
            books=books,
            limits=ChunkLimits(
                posts=settings.transaction_posts,
                bytes=settings.transaction_bytes,
                linger_seconds=settings.transaction_linger_seconds,
            ),
            timeout_seconds=settings.transaction_timeout_seconds,
            fault=fault,
        )
        stack.push_async_callback(delivery.close)
        yield delivery
