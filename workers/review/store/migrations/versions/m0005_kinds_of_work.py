"""Second opinions, golden posts and appeals are items too; decisions can be undone for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
NOBODY = "00000000000000000000000000000000"
LONG_AGO = "1970-01-01 00:00:00+00:00"


def upgrade() -> None:
    """Say of every item what kind it is and what it is about; note what was judged by what."""
    op.add_column(
        "items", sa.Column("kind", sa.String(length=16), nullable=False, server_default="first")
    )
    op.add_column("items", sa.Column("subject", sa.Uuid(), nullable=False, server_default=NOBODY))
    op.execute("UPDATE items SET subject = verdict_id")
    op.create_index("ix_items_subject", "items", ["subject"], unique=False)
    op.create_index("ix_items_content_hash", "items", ["content_hash"], unique=False)
    op.add_column("decisions", sa.Column("model", sa.String(length=128), nullable=True))
    op.add_column("decisions", sa.Column("rules", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at"], unique=False)
    op.add_column("outbox", sa.Column("due_at", INSTANT, nullable=False, server_default=LONG_AGO))
    op.add_column("outbox", sa.Column("taken_at", INSTANT, nullable=True))
    op.add_column("outbox", sa.Column("taken_by", sa.String(length=32), nullable=True))
    op.create_table(
        "golden_posts",
        sa.Column("verdict_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["accounts.account_id"]),
        sa.ForeignKeyConstraint(["verdict_id"], ["items.verdict_id"]),
        sa.PrimaryKeyConstraint("verdict_id"),
    )


def downgrade() -> None:
    """Forget what is no escalation: items of other kinds, and what was decided on them."""
    op.drop_table("golden_posts")
    others = "(SELECT verdict_id FROM items WHERE kind != 'first')"
    of_others = f"(SELECT decision_id FROM decisions WHERE verdict_id IN {others})"  # noqa: S608 - constants of this file alone are put in
    op.execute(f"DELETE FROM outbox WHERE decision_id IN {of_others}")  # noqa: S608 - constants of this file alone are put in
    op.execute(f"DELETE FROM decisions WHERE verdict_id IN {others}")  # noqa: S608 - constants of this file alone are put in
    op.execute(f"DELETE FROM contents WHERE verdict_id IN {others}")  # noqa: S608 - constants of this file alone are put in
    op.execute("DELETE FROM items WHERE kind != 'first'")
    for column in ("due_at", "taken_at", "taken_by"):
        op.drop_column("outbox", column)
    op.drop_index("ix_decisions_decided_at", "decisions")
    for column in ("model", "rules"):
        op.drop_column("decisions", column)
    op.drop_index("ix_items_content_hash", "items")
    op.drop_index("ix_items_subject", "items")
    for column in ("kind", "subject"):
        op.drop_column("items", column)
