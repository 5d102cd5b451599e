"""The parts that keep the console's records, put together from settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher

from workers.review.clock import Clock
from workers.review.records import erased_name, post_name
from workers.review.settings import ReviewSettings
from workers.review.store import (
    Accounts,
    Appeals,
    AuditReader,
    AuditTrail,
    AuthorData,
    Consequences,
    Database,
    Decisions,
    Erasure,
    Figures,
    GoldenPosts,
    HashPictures,
    Identities,
    Intake,
    Outbox,
    PostChanges,
    Quality,
    ReviewQueue,
    Sessions,
    Statements,
    Tokens,
    Traces,
    Undoing,
    Webhooks,
    Wellness,
    WellnessLimits,
)
from workers.streams import Tracing

SHARE_DIGITS: Final = 13
"""Hexadecimal digits of a hash that make a share: 52 bits, as many as a float holds."""
SHARES: Final = 16.0**13
"""As many as those digits tell apart."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything between the database and the pages."""

    audit: AuditTrail
    intake: Intake
    appeals: Appeals
    changes: PostChanges
    queue: ReviewQueue
    decisions: Decisions
    undoing: Undoing
    wellness: Wellness
    golden: GoldenPosts
    quality: Quality
    outbox: Outbox
    accounts: Accounts
    identities: Identities
    tokens: Tokens
    webhooks: Webhooks
    sessions: Sessions
    trail: AuditReader
    figures: Figures
    statements: Statements
    author_data: AuthorData
    erasure: Erasure
    traces: Traces | None
    """None where posts are not traced."""


async def make_parts(
    settings: ReviewSettings,
    database: Database,
    clock: Clock,
    hasher: PasswordHasher,
    hash_pictures: HashPictures,
    *,
    tracing: Tracing | None = None,
) -> Parts:
    """Put the parts together on a migrated database; makes the key that signs cookies."""
    audit = AuditTrail(clock)
    lease = timedelta(seconds=settings.lease_seconds)
    undo_within = timedelta(seconds=settings.undo_seconds)
    sessions = Sessions(database, audit, clock, timedelta(hours=settings.session_hours))
    await sessions.load_key()
    wellness = Wellness(database, audit, clock, wellness_limits(settings))
    golden = GoldenPosts(database, audit, clock)
    consequences = Consequences(chosen_by_hash(sessions, settings.second_opinion_rate))
    traces = None if tracing is None else Traces(tracing, database, clock)
    return Parts(
        audit=audit,
        intake=Intake(database, audit, clock, hash_pictures),
        appeals=Appeals(database, audit, clock, window=timedelta(days=settings.appeal_days)),
        changes=PostChanges(database, audit, clock),
        queue=ReviewQueue(
            database,
            audit,
            clock,
            lease,
            wellness=wellness,
            golden=golden,
            golden_rate=settings.golden_rate,
        ),
        decisions=Decisions(
            database, audit, clock, consequences, undo_within=undo_within, traces=traces
        ),
        undoing=Undoing(database, audit, clock, within=undo_within, lease=lease),
        wellness=wellness,
        golden=golden,
        quality=Quality(database),
        outbox=Outbox(database, clock),
        accounts=Accounts(
            database, audit, clock, hasher, failures_allowed=settings.login_failures_allowed
        ),
        identities=Identities(database, audit, clock, sessions.keyed_hash),
        tokens=Tokens(database, audit, clock),
        webhooks=Webhooks(
            database,
            audit,
            clock,
            secret_of=webhook_secret(sessions),
            attempts_allowed=settings.webhook_attempts,
        ),
        sessions=sessions,
        trail=AuditReader(database),
        figures=Figures(database),
        statements=Statements(database, clock, pseudonym=post_name(sessions)),
        author_data=AuthorData(database, audit, clock, pseudonym=erased_name(sessions)),
        erasure=Erasure(
            database,
            audit,
            clock,
            keep=timedelta(days=settings.content_days),
            pseudonym=erased_name(sessions),
        ),
        traces=traces,
    )


def chosen_by_hash(sessions: Sessions, rate: float) -> Callable[[UUID], bool]:
    """Whether an item is among a share of all: the same answer always, foreseen by nobody."""

    def chosen(item_id: UUID) -> bool:
        digits = sessions.keyed_hash("second opinion", str(item_id))[:SHARE_DIGITS]
        return int(digits, 16) < rate * SHARES

    return chosen


def webhook_secret(sessions: Sessions) -> Callable[[UUID], bytes]:
    """The secret of a webhook by its id: nothing else need be kept."""
    return lambda webhook_id: sessions.keyed_hash("webhook", str(webhook_id)).encode()


def wellness_limits(settings: ReviewSettings) -> WellnessLimits:
    """How much is enough, by the settings."""
    return WellnessLimits(
        items_a_day=settings.items_a_day,
        grave_a_day=settings.grave_items_a_day,
        grave=frozenset(settings.grave_categories),
        restricted=frozenset(settings.restricted_categories),
        break_after=timedelta(minutes=settings.break_after_minutes),
        break_for=timedelta(minutes=settings.break_minutes),
    )
