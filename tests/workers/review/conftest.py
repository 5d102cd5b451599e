"""A store on a fresh SQLite file, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bench.postgresql import Cluster
from moderation.media import CompositeFetcher, MediaLimits
from tests.support.postgresql import cluster_or_skip
from tests.workers.review.samples import NOON
from workers.review.store import (
    Account,
    Accounts,
    Appeals,
    AuditTrail,
    AuthorData,
    Consequences,
    Database,
    Decisions,
    Erasure,
    GoldenPosts,
    Intake,
    Outbox,
    PostChanges,
    Quality,
    ReviewQueue,
    Statements,
    Tokens,
    Undoing,
    Webhooks,
    Wellness,
    WellnessLimits,
)
from workers.review.web import ConsoleDecoder, MediaShelf, PictureHashes

SQLITE, POSTGRESQL = "sqlite", "postgresql"
TEMPLATE = "review_template"
LEASE = timedelta(seconds=120)
KEEP = timedelta(days=30)
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Real argon2 at its least cost: tests log in often, and guard nothing."""
UNDO_WITHIN = timedelta(seconds=10)
APPEAL_WINDOW = timedelta(days=184)
WELLNESS = WellnessLimits(
    items_a_day=0,
    grave_a_day=0,
    grave=frozenset({"violence"}),
    restricted=frozenset({"self_harm"}),
    break_after=timedelta(0),
    break_for=timedelta(minutes=10),
)
PASSWORD = "correct horse battery"
DECODER = ConsoleDecoder()
PICTURE_HASHES = PictureHashes(
    MediaShelf(CompositeFetcher(), MediaLimits(), DECODER), MediaLimits(), DECODER
)


class MovableClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Chance:
    """What is left to chance, decided by the test: nothing happens unless it says so."""

    second_opinion: bool = False
    golden: bool = False

    def draw(self) -> float:
        return 0.0 if self.golden else 0.99


@dataclass(frozen=True)
class Store:
    database: Database
    clock: MovableClock
    audit: AuditTrail
    intake: Intake
    appeals: Appeals
    changes: PostChanges
    erasure: Erasure
    statements: Statements
    author_data: AuthorData
    queue: ReviewQueue
    decisions: Decisions
    undoing: Undoing
    wellness: Wellness
    golden: GoldenPosts
    quality: Quality
    outbox: Outbox
    accounts: Accounts
    tokens: Tokens
    webhooks: Webhooks
    chance: Chance


@pytest.fixture(scope="session", autouse=True)
def _no_child_is_left() -> Iterator[None]:
    """Pictures of hostile formats are decoded in one."""
    yield
    DECODER.close()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


def pseudonym(name: str) -> str:
    return f"erased-{hashlib.sha256(name.encode()).hexdigest()[:32]}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A server with the console's schema as a template; skips where PostgreSQL is not installed."""
    with cluster_or_skip() as cluster:
        asyncio.run(_migrated(cluster.make(name=TEMPLATE)))
        yield cluster


async def _migrated(url: str) -> None:
    database = Database.from_url(url)
    await database.migrate()
    await database.close()


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """An empty, migrated database on PostgreSQL."""
    url = postgresql.make(TEMPLATE)
    yield url
    postgresql.drop(url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, unless the test asks for ``postgresql``; the tests of the store run on both."""
    if getattr(request, "param", SQLITE) == SQLITE:
        return f"sqlite+aiosqlite:///{tmp_path}/review.db"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
async def store(database_url: str, clock: MovableClock) -> AsyncIterator[Store]:
    database = Database.from_url(database_url)
    await database.migrate()
    yield store_on(database, clock)
    await database.close()


def store_on(database: Database, clock: MovableClock) -> Store:
    """The store's parts on a migrated database; nothing is left to chance."""
    audit, chance = AuditTrail(clock), Chance()
    wellness = Wellness(database, audit, clock, WELLNESS)
    golden = GoldenPosts(database, audit, clock)
    consequences = Consequences(lambda _item: chance.second_opinion)
    return Store(
        database=database,
        clock=clock,
        audit=audit,
        intake=Intake(database, audit, clock, PICTURE_HASHES.of),
        appeals=Appeals(database, audit, clock, window=APPEAL_WINDOW),
        changes=PostChanges(database, audit, clock),
        erasure=Erasure(database, audit, clock, keep=KEEP, pseudonym=pseudonym),
        statements=Statements(database, clock, pseudonym=pseudonym),
        author_data=AuthorData(database, audit, clock, pseudonym=pseudonym),
        queue=ReviewQueue(
            database,
            audit,
            clock,
            LEASE,
            wellness=wellness,
            golden=golden,
            golden_rate=0.5,
            draw=chance.draw,
        ),
        decisions=Decisions(database, audit, clock, consequences, undo_within=UNDO_WITHIN),
        undoing=Undoing(database, audit, clock, within=UNDO_WITHIN, lease=LEASE),
        wellness=wellness,
        golden=golden,
        quality=Quality(database),
        outbox=Outbox(database, clock),
        accounts=Accounts(database, audit, clock, QUICK_HASHER, failures_allowed=3),
        tokens=Tokens(database, audit, clock),
        webhooks=Webhooks(
            database, audit, clock, secret_of=lambda webhook: webhook.bytes, attempts_allowed=3
        ),
        chance=chance,
    )


@pytest.fixture
async def ada(store: Store) -> Account:
    return await store.accounts.add("ada", PASSWORD)


@pytest.fixture
async def ben(store: Store) -> Account:
    return await store.accounts.add("ben", PASSWORD)
