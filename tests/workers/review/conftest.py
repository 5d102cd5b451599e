"""A store on a fresh SQLite file, with a clock that the test moves."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.workers.review.samples import NOON
from workers.review.store import (
    Account,
    Accounts,
    AuditTrail,
    AuthorData,
    Database,
    Decisions,
    Erasure,
    Intake,
    Outbox,
    PostChanges,
    ReviewQueue,
    Statements,
)

LEASE = timedelta(seconds=120)
KEEP = timedelta(days=30)
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Real argon2 at its least cost: tests log in often, and guard nothing."""
PASSWORD = "correct horse battery"


class MovableClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass(frozen=True)
class Store:
    database: Database
    clock: MovableClock
    audit: AuditTrail
    intake: Intake
    changes: PostChanges
    erasure: Erasure
    statements: Statements
    author_data: AuthorData
    queue: ReviewQueue
    decisions: Decisions
    outbox: Outbox
    accounts: Accounts


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


def pseudonym(name: str) -> str:
    return f"erased-{hashlib.sha256(name.encode()).hexdigest()[:32]}"


@pytest.fixture
async def store(tmp_path: Path, clock: MovableClock) -> AsyncIterator[Store]:
    database = Database.from_url(f"sqlite+aiosqlite:///{tmp_path}/review.db")
    await database.migrate()
    audit = AuditTrail(clock)
    yield Store(
        database=database,
        clock=clock,
        audit=audit,
        intake=Intake(database, audit, clock),
        changes=PostChanges(database, audit, clock),
        erasure=Erasure(database, audit, clock, keep=KEEP, pseudonym=pseudonym),
        statements=Statements(database, clock, pseudonym=pseudonym),
        author_data=AuthorData(database, audit, clock, pseudonym=pseudonym),
        queue=ReviewQueue(database, audit, clock, LEASE),
        decisions=Decisions(database, audit, clock),
        outbox=Outbox(database, clock),
        accounts=Accounts(database, audit, clock, QUICK_HASHER, failures_allowed=3),
    )
    await database.close()


@pytest.fixture
async def ada(store: Store) -> Account:
    return await store.accounts.add("ada", PASSWORD)


@pytest.fixture
async def ben(store: Store) -> Account:
    return await store.accounts.add("ben", PASSWORD)
