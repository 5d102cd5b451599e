"""The console's wiring: which parts there are, and what runs beside the pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from moderation.media import CompositeFetcher, FolderFetcher, MediaLimits
from workers.review.clock import Clock, utc_now
from workers.review.dsa.terms import terms_of
from workers.review.hooks import Deliverer
from workers.review.metrics import ReviewMetrics
from workers.review.parts import Parts, make_parts, webhook_secret
from workers.review.quality_watch import QualityWatch
from workers.review.retention import Retention
from workers.review.settings import ReviewSettings
from workers.review.sso import make_sign_on
from workers.review.store import Accounts, AuditTrail, Database, Tokens
from workers.review.store.credentials import generated_password
from workers.review.store.settings_record import record_settings
from workers.review.stream import (
    AppealConsumer,
    EscalationConsumer,
    OutboxRelay,
    VerdictConsumer,
    keep_running,
)
from workers.review.web import (
    Console,
    ConsoleDecoder,
    Lifespan,
    MediaShelf,
    PictureHashes,
    RateLimit,
    create_application,
)
from workers.settings import KafkaSettings
from workers.streams import Tracing, watch_certificates, watch_process

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
    parts: Parts
    first_account: Credentials | None


@asynccontextmanager
async def review_process(
    settings: ReviewSettings,
    kafka: KafkaSettings | None,
    *,
    clock: Clock = utc_now,
    registry: CollectorRegistry | None = None,
    hasher: PasswordHasher | None = None,
    tracing: Tracing | None = None,
) -> AsyncIterator[ReviewProcess]:
    """Migrate the database, make the first account, and put the parts together.

    Args:
        settings: the console's own.
        kafka: where escalations come from and decisions go; None serves the pages alone, and
            decisions wait in the outbox.
        clock: the time, for leases, due times and sessions.
        registry: where the metrics go; a fresh one unless given.
        hasher: what a password's hash costs; argon2's defaults unless given.
        tracing: traces posts; None where they are not traced.
    """
    database = Database.from_url(settings.database_url)
    decoder = ConsoleDecoder()
    try:
        await database.migrate()
        metrics = ReviewMetrics(registry or CollectorRegistry())
        watch_process(metrics.registry)
        limits = MediaLimits(max_bytes=settings.max_media_bytes)
        shelf = _shelf(settings, limits, decoder)
        parts = await make_parts(
            settings,
            database,
            clock,
            hasher or PasswordHasher(),
            PictureHashes(shelf, limits, decoder).of,
            tracing=tracing,
        )
        await record_settings(database, parts.audit, settings.for_the_record())
        first_account = await _first_account(parts.accounts, settings)
        if not settings.local_accounts:
            await parts.identities.end_local_logins()
        if kafka:
            watch_certificates(kafka, metrics.registry)
        streams = _Streams(kafka, metrics, parts) if kafka else None
        beside: dict[str, Work] = {
            "retention": Retention(parts.erasure, parts.webhooks, metrics).run,
            "webhooks": Deliverer(
                parts.webhooks, webhook_secret(parts.sessions), metrics, clock
            ).run,
            "quality": QualityWatch(parts.quality, metrics, clock).run,
        }
        beside |= streams.work() if streams else {}
        console = Console(
            parts=parts,
            shelf=shelf,
            metrics=metrics,
            clock=clock,
            requests=RateLimit(clock, settings.requests_per_minute),
            logins=RateLimit(clock, settings.logins_per_minute),
            behind_https=settings.behind_https,
            local_accounts=settings.local_accounts,
            sign_on=make_sign_on(settings, clock, parts.sessions.keyed_hash),
            terms=terms_of(settings),
            decided=streams.relay.nudge if streams else _nothing,
            not_ready=streams.not_ready if streams else tuple,
        )
        app = create_application(console, _running(beside))
        yield ReviewProcess(app, database, parts, first_account)
    finally:
        decoder.close()
        await database.close()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in: people and programs."""

    accounts: Accounts
    tokens: Tokens


@asynccontextmanager
async def open_access(settings: ReviewSettings) -> AsyncIterator[Access]:
    """Accounts and tokens alone, for the command line; a console may run beside it."""
    database = Database.from_url(settings.database_url)
    try:
        await database.migrate()
        audit = AuditTrail(utc_now)
        accounts = Accounts(
            database,
            audit,
            utc_now,
            PasswordHasher(),
            failures_allowed=settings.login_failures_allowed,
        )
        yield Access(accounts, Tokens(database, audit, utc_now))
    finally:
        await database.close()


class _Streams:
    """The consumers and the relay."""

    def __init__(self, kafka: KafkaSettings, metrics: ReviewMetrics, parts: Parts) -> None:
        self._escalations = EscalationConsumer(kafka, parts.intake, metrics, parts.traces)
        self._appeals = AppealConsumer(kafka, parts.appeals, metrics)
        self._verdicts = VerdictConsumer(kafka, parts.changes, parts.statements, metrics)
        self.relay = OutboxRelay(kafka, parts.outbox, metrics, parts.traces)

    def work(self) -> dict[str, Work]:
        return {
            "escalations": self._escalations.run,
            "appeals": self._appeals.run,
            "verdicts": self._verdicts.run,
            "relay": self.relay.run,
        }

    def not_ready(self) -> Sequence[str]:
        parts = (
            (self._escalations, "reading escalations"),
            (self._appeals, "reading appeals"),
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


def _shelf(settings: ReviewSettings, limits: MediaLimits, decoder: ConsoleDecoder) -> MediaShelf:
    store = FolderFetcher(settings.media_dir, limits) if settings.media_dir else None
    return MediaShelf(CompositeFetcher(store=store), limits, decoder)


async def _first_account(accounts: Accounts, settings: ReviewSettings) -> Credentials | None:
    if not settings.local_accounts or await accounts.exist():
        return None
    given = settings.account_password
    password = given.get_secret_value() if given else generated_password()
    made = await accounts.add_first(settings.account_name, password)
    if made is None:  # another replica was faster
        return None
    return Credentials(settings.account_name, None if given else password)


def _nothing() -> None:
    """Decisions wait in the outbox."""
