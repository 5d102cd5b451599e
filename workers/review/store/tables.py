"""The tables. A change here needs a migration in ``migrations/versions``; a test compares them."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class ItemState(StrEnum):
    """Where an item stands. A claimed item is an open one whose lease has not run out."""

    OPEN = "open"
    DECIDED = "decided"
    SUPERSEDED = "superseded"  # a newer revision, or a newer verdict on the same one, came
    WITHDRAWN = "withdrawn"  # the author took the post back
    EXPIRED = "expired"  # nobody decided while its content could be kept


class ItemKind(StrEnum):
    """Why a person is asked. Kinds other than ``FIRST`` are about an item that is there already."""

    FIRST = "first"  # the machine asked
    SECOND = "second"  # a blind second opinion on a colleague's decision
    SENIOR = "senior"  # the two disagreed
    GOLDEN = "golden"  # the answer is known; it shows how well reviewers judge
    APPEAL = "appeal"  # the author contests what was decided


BLIND: Final = frozenset({ItemKind.SECOND})
"""Who decides these sees neither the machine's verdict nor what a colleague decided."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the offset, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any offset into UTC, so that SQLite's text comparison is a comparison of time."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        del dialect
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is spelt INTEGER; it holds 64 bits there."""


class Table(DeclarativeBase):
    """Base of all tables."""


class Account(Table):
    """A person who may log in. ``pseudonym`` is the only name that leaves the console."""

    __tablename__ = "accounts"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    pseudonym: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Session(Table):
    """A login. The cookie holds a random id; the table holds its SHA-256."""

    __tablename__ = "sessions"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Key(Table):
    """A secret that all replicas share: it signs cookies."""

    __tablename__ = "keys"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


class Item(Table):
    """A piece of work for a reviewer, mostly an escalation, and what became of it.

    ``verdict_id`` names it: of an escalation it is the machine's verdict. ``subject`` is the item
    whose content it is about, its own where nothing else is said: whoever decided an item of a
    subject gets no other item of it.
    ``rank`` orders the queue (see ``priority``). ``claim_number`` is the fencing token: it grows
    with each claim, and a decision must carry the newest.
    """

    __tablename__ = "items"

    verdict_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[UUID] = mapped_column(index=True)
    post_id: Mapped[str] = mapped_column(String(128))
    revision: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[str] = mapped_column(String(128))
    queue: Mapped[str] = mapped_column(String(64))
    category: Mapped[str | None] = mapped_column(String(32))
    score: Mapped[float | None]
    """Probability of ``category``."""
    machine_action: Mapped[str] = mapped_column(String(16))
    degraded: Mapped[bool]
    has_text: Mapped[bool]
    images: Mapped[int]
    sounds: Mapped[int]
    reach: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str | None] = mapped_column(String(35))
    surface: Mapped[str] = mapped_column(String(64))
    priority: Mapped[float]
    rank: Mapped[float]
    severity: Mapped[float | None]
    """See ``priority``; None of an appeal, which nobody weighed."""
    escalated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cluster: Mapped[UUID]
    """What near-identical open items have in common, see ``clusters``; of most it is their own."""
    content_hash: Mapped[str | None] = mapped_column(String(64))
    """:func:`schemas.content_hash` of the post; it outlives the content."""
    state: Mapped[str] = mapped_column(String(16))
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.account_id"))
    claim_number: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None while it is only reserved for ``claimed_by``, who has not been given it yet."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_because: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        Index("ix_items_rank", "state", "rank"),
        Index("ix_items_queue_rank", "state", "queue", "rank"),
        Index("ix_items_due", "state", "due_at"),
        Index("ix_items_cluster", "cluster", "state", "rank"),
        Index("ix_items_claimed_by", "claimed_by", "state"),
        Index("ix_items_post", "post_id", "revision"),
        Index("ix_items_author", "author_id"),
        Index("ix_items_content_hash", "content_hash"),
        Index("ix_items_kept", "erased_at", "received_at"),
    )


class Content(Table):
    """What was posted, apart from the item, so that erasing it is to delete a row."""

    __tablename__ = "contents"

    verdict_id: Mapped[UUID] = mapped_column(ForeignKey("items.verdict_id"), primary_key=True)
    escalation: Mapped[str] = mapped_column(Text)
    """The escalation as JSON, whole. The item's columns repeat what a list needs."""


class PostChange(Table):
    """What verdicts have said about a post: for escalations that are read after them."""

    __tablename__ = "post_changes"

    post_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    """The newest that was judged."""
    withdrawn_revision: Mapped[int | None] = mapped_column(BigInteger)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Decision(Table):
    """What a reviewer decided, one for each claim that ended in a decision."""

    __tablename__ = "decisions"

    decision_id: Mapped[UUID] = mapped_column(primary_key=True)
    verdict_id: Mapped[UUID] = mapped_column(ForeignKey("items.verdict_id"), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.account_id"))
    claim_number: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    machine_action: Mapped[str] = mapped_column(String(16))
    categories: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(Text)
    clause: Mapped[str | None] = mapped_column(String(64))
    """The rule of the policy that a restriction rests on, where the reviewer named one."""
    model: Mapped[str | None] = mapped_column(String(128))
    """Version of the model that had judged; None for decisions older than this column."""
    rules: Mapped[list[str]] = mapped_column(JSON)
    """Live rules that had fired. They stay when the content goes, for overturn rates by rule."""
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    together: Mapped[UUID | None] = mapped_column(index=True)
    """The decision that it was taken with, on near-identical items; None of one taken alone."""


class Statement(Table):
    """A restriction that an author feels. It names neither the author nor the post."""

    __tablename__ = "statements"

    verdict_id: Mapped[UUID] = mapped_column(primary_key=True)
    puid: Mapped[UUID] = mapped_column(unique=True)
    """Its name in the Transparency Database."""
    post: Mapped[str] = mapped_column(String(64))
    """A keyed hash of the post's id."""
    revision: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(16))
    age_gate: Mapped[int | None]
    geo_limit: Mapped[list[str]] = mapped_column(JSON)
    categories: Mapped[list[str]] = mapped_column(JSON)
    clause: Mapped[str | None] = mapped_column(String(64))
    modalities: Mapped[list[str]] = mapped_column(JSON)
    language: Mapped[str | None] = mapped_column(String(35))
    detected: Mapped[bool]
    """Whether automated means found the content, not chance."""
    content_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    exported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_statements_post", "post"),
        Index("ix_statements_decided", "decided_at"),
        Index("ix_statements_unexported", "exported_at", "recorded_at"),
    )


class OutboxRow(Table):
    """A record that Kafka must get, written in the transaction that made it true."""

    __tablename__ = "outbox"

    row_id: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decisions.decision_id"))
    topic: Mapped[str] = mapped_column(String(64))
    key: Mapped[bytes] = mapped_column(LargeBinary)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Not sent before: until then the decision can be undone."""
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a relay set out to send it; from then on there is no undoing."""
    taken_by: Mapped[str | None] = mapped_column(String(32))
    """Which relay did."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("decision_id", "topic", name="uq_outbox_decision_topic"),
        Index("ix_outbox_unsent", "sent_at", "row_id"),
    )
