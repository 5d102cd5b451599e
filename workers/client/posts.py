"""Send posts as the contract asks: keyed by author, idempotent, acknowledged by all replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self
from uuid import NAMESPACE_URL, uuid5

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from schemas import MAX_RECORD_BYTES, TOPICS, Op, Post
from schemas.base import Instant
from workers.client.connecting import connect
from workers.client.errors import ClientError, PostRefusedError
from workers.settings import KafkaSettings
from workers.streams import Tracing, make_producer

CLOUD_EVENT_TYPE: Final = "moderation.post.v1"
Headers = list[tuple[str, bytes]]


class PostSender:
    """Sends posts, revisions and withdrawals; an async context manager.

    Args:
        kafka: how to reach the broker.
        source: the sending service as a URI reference; with it each record is a CloudEvent in the
            binary mode of the Kafka protocol binding (CloudEvents 1.0.2), without it a plain one.
            The value is the same either way, and workers read both.
        tracing: starts a trace with each post; of :func:`workers.streams.open_tracing`.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        *,
        source: str | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._kafka = kafka
        self._tracing = tracing
        self._source = source
        self._topic = kafka.topic(TOPICS.posts)
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ClientError: no broker answers.
        """
        producer = make_producer(
            self._kafka, client_id="moderation-client", max_request_size=MAX_RECORD_BYTES
        )
        await connect(producer, self._kafka)
        self._producer = producer
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait until everything is acknowledged, and disconnect."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def send(self, post: Post) -> None:
        """Send a post and wait until the broker has it.

        An error leaves open whether it has: send it again. The same post of the same revision gets
        the same verdict id, so nothing is judged twice in effect.

        Raises:
            PostRefusedError: the post is too large, or the topic is missing.
            ClientError: the broker does not acknowledge it.
        """
        await self.send_all([post])

    async def send_all(self, posts: Iterable[Post]) -> None:
        """Send posts in this order, and wait until the broker has them all.

        Raises:
            PostRefusedError: as of :meth:`send`; the posts before it may have been sent.
            ClientError: the same.
        """
        if self._producer is None:
            raise ClientError("use the sender as an async context manager: it is not connected")
        try:
            acknowledgements = [
                await self._producer.send(
                    self._topic,
                    key=post.author_id.encode(),
                    value=post.to_bytes(),
                    headers=[*self._headers(post), *self._trace()],
                )
                for post in posts
            ]
            await asyncio.gather(*acknowledgements)
        except MessageSizeTooLargeError as error:
            raise PostRefusedError(
                f"a post is larger than {MAX_RECORD_BYTES:,} bytes; send its media by reference"
            ) from error
        except UnknownTopicOrPartitionError as error:
            raise PostRefusedError(
                f"there is no topic {self._topic} at {self._kafka.bootstrap_servers}; make it by "
                "`moderation topics create`"
            ) from error
        except KafkaError as error:
            raise ClientError(
                f"the broker at {self._kafka.bootstrap_servers} did not take every post: {error}"
            ) from error

    async def withdraw(
        self, post_id: str, author_id: str, *, revision: int, created_at: Instant
    ) -> None:
        """Take a post back.

        Args:
            post_id: of the post.
            author_id: its author; another one's withdrawal would go to another partition.
            revision: above that of the post's last revision.
            created_at: the time of the withdrawal.

        Raises:
            ClientError: as of :meth:`send`.
        """
        await self.send(
            Post(
                post_id=post_id,
                author_id=author_id,
                revision=revision,
                op=Op.DELETE,
                created_at=created_at,
            )
        )

    def _trace(self) -> Headers:
        """Headers by which workers and reviewers continue a trace that begins here."""
        if self._tracing is None:
            return []
        attributes = {"messaging.system": "kafka", "messaging.destination.name": self._topic}
        span = self._tracing.start("send post", "PRODUCER", attributes)
        span.end()
        return self._tracing.headers_of(span)

    def _headers(self, post: Post) -> Headers:
        if self._source is None:
            return []
        identity = f"{self._source} {post.post_id} {post.revision} {post.op}"
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": str(uuid5(NAMESPACE_URL, identity)),  # sent again, the same event
            "ce_source": self._source,
            "ce_type": CLOUD_EVENT_TYPE,
            "ce_subject": post.post_id,
            "ce_time": post.created_at.isoformat(),
            "content-type": "application/json",
        }
        return [(name, value.encode()) for name, value in attributes.items()]
