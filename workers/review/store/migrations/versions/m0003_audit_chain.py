"""A digest in every row of the audit trail, over the row and the digest before it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

FIRST_LINK = "0" * 64
ROWS_AT_ONCE = 1_000

APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
APPEND_ONLY_POSTGRESQL = """
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
"""
VERBS = ("UPDATE", "DELETE")

audit = sa.table(
    "audit",
    sa.column("row_id", sa.BigInteger()),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("event", sa.String()),
    sa.column("actor", sa.String()),
    sa.column("verdict_id", sa.Uuid()),
    sa.column("origin", sa.String()),
    sa.column("detail", sa.JSON()),
    sa.column("digest", sa.String()),
)


def upgrade() -> None:
    """Chain the rows that are there; what was tampered with before cannot show any more."""
    _drop_triggers()
    op.add_column(
        "audit", sa.Column("digest", sa.String(length=64), nullable=False, server_default="")
    )
    previous, last = FIRST_LINK, 0
    while rows := _page(last):
        for row in rows:
            previous, last = _digest(previous, row), row.row_id
            op.execute(audit.update().where(audit.c.row_id == last).values(digest=previous))
    _make_triggers()


def downgrade() -> None:
    """Forget the digests."""
    _drop_triggers()
    op.drop_column("audit", "digest")
    _make_triggers()


def _page(after: int) -> Any:
    wanted = sa.select(audit).where(audit.c.row_id > after).order_by(audit.c.row_id)
    return op.get_bind().execute(wanted.limit(ROWS_AT_ONCE)).all()


def _digest(previous: str, row: Any) -> str:
    said = [
        previous,
        _in_utc(row.at).isoformat(),
        row.event,
        row.actor,
        None if row.verdict_id is None else str(row.verdict_id),
        row.origin,
        row.detail,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _drop_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in VERBS:
            op.execute(f"DROP TRIGGER audit_no_{verb}")
    else:
        op.execute("DROP TRIGGER audit_no_change ON audit")


def _make_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in VERBS:
            op.execute(APPEND_ONLY_SQLITE.format(verb=verb))
    else:
        op.execute(APPEND_ONLY_POSTGRESQL)
