"""Appeals."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "appeals",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("contested", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.String(length=128), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.String(length=128), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("refused_because", sa.String(length=64), nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.verdict_id"]),
        sa.PrimaryKeyConstraint("appeal_id"),
        sa.UniqueConstraint("contested"),
    )
    op.create_index("ix_appeals_item_id", "appeals", ["item_id"], unique=False)
    op.create_index("ix_appeals_author_id", "appeals", ["author_id"], unique=False)
    op.create_index("ix_appeals_received_at", "appeals", ["received_at"], unique=False)


def downgrade() -> None:
    """Drop the table. Appeals that are still on the topic come in again."""
    op.drop_table("appeals")
