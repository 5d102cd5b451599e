"""The console's wiring: which parts there are, and what runs beside the pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from moderation.media import CompositeFetcher, FolderFetcher, MediaLimits
from workers.review.clock import Clock, utc_now
from workers.review.metrics import ReviewMetrics
from workers.review.settings import ReviewSettings
from workers.review.store import (
    Accounts,
    AuditTrail,
    Database,
    Decisions,
    Intake,
    Outbox,
    ReviewQueue,
    Sessions,
)
from workers.review.store.accounts import generated_password
from workers.review.stream import EscalationConsumer, OutboxRelay, keep_running
from workers.review.web import Console, MediaShelf, create_application
from workers.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account that the first start made. ``password`` is None when a setting gave it."""

    name: str
    password: str | None


@dataclass(frozen=True, slots=True)
class ReviewProcess:
    """The console, ready to be served. Open it with :func:`review_process`."""

    app: FastAPI
    database: Database
    intake: Intake
    accounts: Accounts
    first_account: Credentials | None


@asynccontextmanager
async def review_process(
    settings: ReviewSettings,
    kafka: KafkaSettings | None,
    *,
    clock: Clock = utc_now,
    registry: CollectorRegistry | None = None,
    hasher: PasswordHasher | None = None,
) -> AsyncIterator[ReviewProcess]:
    """Migrate the database, make the first account, and put the parts together.

    Args:
        settings: the console's own.
        kafka: where escalations come from and decisions go; None serves the pages alone, and
            decisions wait in the outbox.
        clock: the time, for leases, due times and sessions.
        registry: where the metrics go; a fresh one unless given.
        hasher: what a password's hash costs; argon2's defaults unless given.
    """
    database = Database.from_url(settings.database_url)
    try:
        await database.migrate()
        audit = AuditTrail(clock)
        metrics = ReviewMetrics(registry or CollectorRegistry())
        intake, outbox = Intake(database, clock), Outbox(database, clock)
        accounts = Accounts(
            database,
            audit,
            clock,
            hasher or PasswordHasher(),
            failures_allowed=settings.login_failures_allowed,
        )
        sessions = Sessions(database, audit, clock, timedelta(hours=settings.session_hours))
        await sessions.load_key()
        first_account = await _first_account(accounts, settings)
        streams = _Streams(kafka, intake, outbox, metrics) if kafka else None
        console = Console(
            queue=ReviewQueue(database, audit, clock, timedelta(seconds=settings.lease_seconds)),
            decisions=Decisions(database, audit, clock),
            outbox=outbox,
            accounts=accounts,
            sessions=sessions,
            shelf=_shelf(settings),
            metrics=metrics,
            clock=clock,
            behind_https=settings.behind_https,
            decided=streams.relay.nudge if streams else _nothing,
            not_ready=streams.not_ready if streams else tuple,
        )
        app = create_application(console, streams.lifespan if streams else None)
        yield ReviewProcess(app, database, intake, accounts, first_account)
    finally:
        await database.close()


@asynccontextmanager
async def open_accounts(settings: ReviewSettings) -> AsyncIterator[Accounts]:
    """The accounts alone, for the command line; a console may run beside it."""
    database = Database.from_url(settings.database_url)
    try:
        await database.migrate()
        yield Accounts(
            database,
            AuditTrail(utc_now),
            utc_now,
            PasswordHasher(),
            failures_allowed=settings.login_failures_allowed,
        )
    finally:
        await database.close()


class _Streams:
    """The consumer and the relay, run beside the pages."""

    def __init__(
        self, kafka: KafkaSettings, intake: Intake, outbox: Outbox, metrics: ReviewMetrics
    ) -> None:
        self._consumer = EscalationConsumer(kafka, intake, metrics)
        self.relay = OutboxRelay(kafka, outbox, metrics)

    def not_ready(self) -> Sequence[str]:
        reasons = []
        if not self._consumer.connected:
            reasons.append("not reading escalations: the broker does not answer yet")
        if not self.relay.connected:
            reasons.append("not sending decisions: the broker does not answer yet")
        return reasons

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(keep_running("consumer", self._consumer.run)),
            asyncio.create_task(keep_running("relay", self.relay.run)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _shelf(settings: ReviewSettings) -> MediaShelf:
    limits = MediaLimits(max_bytes=settings.max_media_bytes)
    store = FolderFetcher(settings.media_dir, limits) if settings.media_dir else None
    return MediaShelf(CompositeFetcher(store=store), limits)


async def _first_account(accounts: Accounts, settings: ReviewSettings) -> Credentials | None:
    if await accounts.exist():
        return None
    given = settings.account_password
    password = given.get_secret_value() if given else generated_password()
    made = await accounts.add_first(settings.account_name, password)
    if made is None:  # another replica was faster
        return None
    return Credentials(settings.account_name, None if given else password)


def _nothing() -> None:
    """Decisions wait in the outbox."""
