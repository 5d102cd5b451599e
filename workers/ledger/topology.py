"""The ledger's Faust app: which topic feeds which agent, and which tables they keep.

::

    verdicts ──────────┐ by post                              ┌──> authors, posts (tables)
                       ├──> ledger-by-author ──> count ───────┤
    review-decisions ──┤    (internal, by author)             └──> author-signals, by author
                       │             ^
                       │             └────────────────────────┐
                       ├──> ledger-texts ──────> watch_text ──┴──> texts (table)
                       │    (internal, by text key; texts that a policy asks about)
                       ├──> ledger-audit ──────> audit ──────────> audit (table), figures
    shadow-verdicts ───┘    (internal, by verdict; the audit sample only)

Verdicts and decisions are keyed by post, but an author's counts must sit in one partition. An
explicit internal topic keyed by author does the repartitioning (rather than ``group_by``, which
hides its topic's name, and with it its retention, from whoever runs the broker). It has as many
partitions as ``posts`` and ``author-signals`` and is written with the same partitioner (murmur2
of the key, the default of every Kafka client but librdkafka's), so an author's posts, events, rows
and signals share one partition number.

Rules for Faust that this file keeps: agents never raise, concurrency is 1, neither ``take`` nor
``noack``, no exactly-once mode (deterministic ids make a repetition harmless instead).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import faust
from faust.types import EventT, StreamT

from schemas import TOPICS
from workers.ledger.read_committed import CommittedApp
from workers.ledger.settings import LedgerSettings
from workers.ledger.tables import Table, Tables
from workers.ledger.topics import APP_NAME, AUDIT_PARTITIONS, LedgerTopics
from workers.settings import KafkaSettings

ROCKSDB_OPTIONS = {
    # Faust's defaults budget 2 GiB of cache and 192 MiB of write buffers for each of the nineteen
    # databases (three tables of six partitions, one of one). Rows are small, mostly written once.
    "block_cache_size": 32 * 1024**2,
    "write_buffer_size": 8 * 1024**2,
    "max_write_buffer_number": 2,
}

WAIT_FOR_EVENTS_AT_STOP = True
"""Finish the event in hand before stopping or giving partitions away: Faust acknowledges an event
whose agent it cancels, so a cancelled one would be committed without having been counted."""


Record = EventT[bytes]
"""One record of a topic, undecoded."""

Handler = Callable[[Record], Awaitable[None]]
"""What an agent does with one record; it must not raise."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The app and the ends that handlers write to."""

    app: faust.App
    tables: Tables
    audit_rows: Table
    """Of the audit sample, by verdict."""
    text_rows: Table
    """Of texts, by text key."""
    verdicts: faust.TopicT
    decisions: faust.TopicT
    shadows: faust.TopicT
    by_author: faust.TopicT
    audit: faust.TopicT
    texts: faust.TopicT
    author_signals: faust.TopicT
    dead_letter: faust.TopicT

    def feed(self, source: faust.TopicT, handler: Handler) -> None:
        """Let ``handler`` see each record of ``source``, one at a time and in order."""

        async def agent(stream: StreamT[bytes]) -> None:
            async for event in stream.events():
                await handler(event)

        self.app.agent(source, name=handler.__name__, concurrency=1)(agent)

    def on_recovered(self, table: str, callback: Callable[[], Awaitable[None]]) -> None:
        """Call back whenever the table has been read back or has changed hands."""
        self.app.tables[table].on_recover(callback)


def build_topology(
    kafka: KafkaSettings, settings: LedgerSettings, topics: LedgerTopics
) -> Topology:
    """Declare the app, its topics and its tables; nothing connects yet."""
    app = CommittedApp(
        kafka.group(APP_NAME),
        broker=[f"aiokafka://{address}" for address in kafka.bootstrap_servers.split(",")],
        broker_credentials=_credentials(kafka),
        broker_commit_interval=settings.commit_interval_seconds,
        broker_session_timeout=settings.session_timeout_seconds,
        consumer_auto_offset_reset="earliest",
        store="memory://" if settings.store == "memory" else "rocksdb://",
        datadir=str(settings.data_dir),
        topic_partitions=TOPICS.author_signals.partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=WAIT_FOR_EVENTS_AT_STOP,
        web_enabled=False,
        autodiscover=False,
    )
    on_disk = settings.store == "rocksdb"
    tables = Tables(
        authors=app.Table(
            "authors",
            key_type=bytes,
            value_type=bytes,
            options=dict(ROCKSDB_OPTIONS) if on_disk else None,
        ),
        posts=app.Table(
            "posts",
            key_type=bytes,
            value_type=bytes,
            options=ROCKSDB_OPTIONS | {"ttl": int(settings.post_memory.total_seconds())}
            if on_disk
            else None,
        ),
    )
    audit_rows = app.Table(
        "audit",
        key_type=bytes,
        value_type=bytes,
        partitions=AUDIT_PARTITIONS,
        options=ROCKSDB_OPTIONS | {"ttl": int(settings.audit_window.total_seconds())}
        if on_disk
        else None,
    )
    text_rows = app.Table(
        "texts",
        key_type=bytes,
        value_type=bytes,
        options=ROCKSDB_OPTIONS | {"ttl": int(settings.campaign_window.total_seconds())}
        if on_disk
        else None,
    )
    return Topology(
        app=app,
        tables=tables,
        audit_rows=audit_rows,
        text_rows=text_rows,
        verdicts=_raw_topic(app, kafka.topic(TOPICS.verdicts)),
        decisions=_raw_topic(app, kafka.topic(TOPICS.review_decisions)),
        shadows=_raw_topic(app, kafka.topic(TOPICS.shadow_verdicts)),
        by_author=_raw_topic(app, kafka.topic(topics.by_author)),
        audit=_raw_topic(app, kafka.topic(topics.audit)),
        texts=_raw_topic(app, kafka.topic(topics.texts)),
        author_signals=_raw_topic(app, kafka.topic(TOPICS.author_signals)),
        dead_letter=_raw_topic(app, kafka.topic(topics.dead_letter)),
    )


def _raw_topic(app: faust.App, name: str) -> faust.TopicT:
    # Bytes in, bytes out: the contract is read by our own code, where a failure can be handled.
    return app.topic(
        name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )


def _credentials(kafka: KafkaSettings) -> Any:
    client = kafka.client()
    context = client.get("ssl_context")
    if kafka.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=client["sasl_plain_username"],
            password=client["sasl_plain_password"],
            mechanism=client["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context is not None else None
