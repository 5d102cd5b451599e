"""The console's wiring: which parts there are, and what runs beside the pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from moderation.media import CompositeFetcher, FolderFetcher, MediaLimits
from workers.review.clock import Clock, utc_now
from workers.review.metrics import ReviewMetrics
from workers.review.records import erased_name, post_name
from workers.review.retention import Retention
from workers.review.settings import ReviewSettings
from workers.review.store import (
    Accounts,
    AuditReader,
    AuditTrail,
    Database,
    Decisions,
    Erasure,
    Figures,
    Intake,
    Outbox,
    PostChanges,
    ReviewQueue,
    Sessions,
    Statements,
)
from workers.review.store.accounts import generated_password
from workers.review.store.settings_record import record_settings
from workers.review.stream import EscalationConsumer, OutboxRelay, VerdictConsumer, keep_running
from workers.review.web import Console, Lifespan, MediaShelf, RateLimit, create_application
from workers.settings import KafkaSettings

Work = Callable[[], Awaitable[None]]
"""What runs beside the pages until it is cancelled."""


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
    changes: PostChanges
    statements: Statements
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
        intake, outbox = Intake(database, audit, clock), Outbox(database, clock)
        changes = PostChanges(database, audit, clock)
        accounts = Accounts(
            database,
            audit,
            clock,
            hasher or PasswordHasher(),
            failures_allowed=settings.login_failures_allowed,
        )
        sessions = Sessions(database, audit, clock, timedelta(hours=settings.session_hours))
        await sessions.load_key()
        await record_settings(database, audit, settings.for_the_record())
        first_account = await _first_account(accounts, settings)
        erasure = Erasure(
            database,
            audit,
            clock,
            keep=timedelta(days=settings.content_days),
            pseudonym=erased_name(sessions),
        )
        statements = Statements(database, clock, pseudonym=post_name(sessions))
        streams = (
            _Streams(
                kafka,
                metrics,
                intake=intake,
                changes=changes,
                statements=statements,
                outbox=outbox,
            )
            if kafka
            else None
        )
        beside: dict[str, Work] = {"retention": Retention(erasure, metrics).run}
        beside |= streams.work() if streams else {}
        console = Console(
            queue=ReviewQueue(database, audit, clock, timedelta(seconds=settings.lease_seconds)),
            decisions=Decisions(database, audit, clock),
            outbox=outbox,
            accounts=accounts,
            sessions=sessions,
            trail=AuditReader(database),
            figures=Figures(database),
            shelf=_shelf(settings),
            metrics=metrics,
            clock=clock,
            requests=RateLimit(clock, settings.requests_per_minute),
            logins=RateLimit(clock, settings.logins_per_minute),
            behind_https=settings.behind_https,
            decided=streams.relay.nudge if streams else _nothing,
            not_ready=streams.not_ready if streams else tuple,
        )
        app = create_application(console, _running(beside))
        yield ReviewProcess(app, database, intake, changes, statements, accounts, first_account)
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
    """The consumers and the relay."""

    def __init__(
        self,
        kafka: KafkaSettings,
        metrics: ReviewMetrics,
        *,
        intake: Intake,
        changes: PostChanges,
        statements: Statements,
        outbox: Outbox,
    ) -> None:
        self._escalations = EscalationConsumer(kafka, intake, metrics)
        self._verdicts = VerdictConsumer(kafka, changes, statements, metrics)
        self.relay = OutboxRelay(kafka, outbox, metrics)

    def work(self) -> dict[str, Work]:
        return {
            "escalations": self._escalations.run,
            "verdicts": self._verdicts.run,
            "relay": self.relay.run,
        }

    def not_ready(self) -> Sequence[str]:
        parts = (
            (self._escalations, "reading escalations"),
            (self._verdicts, "reading verdicts"),
            (self.relay, "sending decisions"),
        )
        return [
            f"not {doing}: the broker does not answer yet"
            for part, doing in parts
            if not part.connected
        ]


def _running(beside: Mapping[str, Work]) -> Lifespan:
    """A lifespan of the application that keeps the work running."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(keep_running(name, work)) for name, work in beside.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return lifespan


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
