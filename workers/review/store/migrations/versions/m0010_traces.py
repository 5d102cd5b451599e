"""Which traces items and decisions belong to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "traces",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("traceparent", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index("ix_traces_kept", "traces", ["kept_at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("traces")
