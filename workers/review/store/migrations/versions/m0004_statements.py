"""Restrictions that authors feel, for statements of reasons."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "statements",
        sa.Column("verdict_id", sa.Uuid(), nullable=False),
        sa.Column("puid", sa.Uuid(), nullable=False),
        sa.Column("post", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("age_gate", sa.Integer(), nullable=True),
        sa.Column("geo_limit", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("modalities", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("detected", sa.Boolean(), nullable=False),
        sa.Column("content_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("exported_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("verdict_id"),
        sa.UniqueConstraint("puid"),
    )
    op.create_index("ix_statements_post", "statements", ["post"], unique=False)
    op.create_index("ix_statements_decided", "statements", ["decided_at"], unique=False)
    op.create_index(
        "ix_statements_unexported", "statements", ["exported_at", "recorded_at"], unique=False
    )


def downgrade() -> None:
    """Drop the table. Verdicts that are still on the topic fill it again, under the same names."""
    op.drop_table("statements")
