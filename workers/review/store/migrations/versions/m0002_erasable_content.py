"""Content apart from its item, so that it can be erased; what verdicts say about posts."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from schemas import Escalation, content_hash

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)
ROWS_AT_ONCE = 200

items = sa.table(
    "items",
    sa.column("verdict_id", sa.Uuid()),
    sa.column("escalation", sa.Text()),
    sa.column("content_hash", sa.String()),
    sa.column("received_at", INSTANT),
    sa.column("closed_at", INSTANT),
    sa.column("erased_at", INSTANT),
    sa.column("erased_because", sa.String()),
)
contents = sa.table(
    "contents", sa.column("verdict_id", sa.Uuid()), sa.column("escalation", sa.Text())
)


def upgrade() -> None:
    """Move the content of every item into a table of its own, and keep its hash."""
    op.create_table(
        "contents",
        sa.Column("verdict_id", sa.Uuid(), nullable=False),
        sa.Column("escalation", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["verdict_id"], ["items.verdict_id"]),
        sa.PrimaryKeyConstraint("verdict_id"),
    )
    op.create_table(
        "post_changes",
        sa.Column("post_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_revision", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("post_id"),
    )
    op.create_index("ix_post_changes_seen_at", "post_changes", ["seen_at"], unique=False)
    op.add_column("items", sa.Column("content_hash", sa.String(length=64), nullable=True))
    op.add_column("items", sa.Column("erased_at", INSTANT, nullable=True))
    op.add_column("items", sa.Column("erased_because", sa.String(length=16), nullable=True))
    op.create_index("ix_items_kept", "items", ["erased_at", "received_at"], unique=False)

    for verdict_id, escalation in _rows(items):
        if not escalation:  # a downgrade cannot bring back what was erased, nor say why it was
            closed_at = sa.func.coalesce(items.c.closed_at, items.c.received_at)
            erased = items.update().where(items.c.verdict_id == verdict_id)
            op.execute(erased.values(erased_at=closed_at, erased_because="expired"))
            continue
        op.execute(contents.insert().values(verdict_id=verdict_id, escalation=escalation))
        digest = content_hash(Escalation.from_bytes(escalation.encode()).post)
        op.execute(
            items.update().where(items.c.verdict_id == verdict_id).values(content_hash=digest)
        )
    op.drop_column("items", "escalation")


def downgrade() -> None:
    """Put what is still kept back beside the items; what was erased stays away."""
    op.add_column("items", sa.Column("escalation", sa.Text(), nullable=False, server_default=""))
    for verdict_id, escalation in _rows(contents):
        op.execute(
            items.update().where(items.c.verdict_id == verdict_id).values(escalation=escalation)
        )
    op.drop_index("ix_items_kept", "items")
    for column in ("content_hash", "erased_at", "erased_because"):
        op.drop_column("items", column)
    op.drop_table("post_changes")
    op.drop_table("contents")


def _rows(table: Any) -> Iterator[Any]:
    """Every row, a page at a time: content is large, and rows are written between the pages."""
    page = sa.select(table.c.verdict_id, table.c.escalation).order_by(table.c.verdict_id)
    page = page.limit(ROWS_AT_ONCE)
    rows = op.get_bind().execute(page).all()
    while rows:
        yield from rows
        rows = op.get_bind().execute(page.where(table.c.verdict_id > rows[-1].verdict_id)).all()
