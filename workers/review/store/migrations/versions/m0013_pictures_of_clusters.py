"""Hashes of the pictures of clusters. Those that wait already go by the bytes of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column."""
    op.add_column("clusters", sa.Column("pictures", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Drop it, and what was found by it: the next of the kind begins a cluster of its own."""
    op.execute("DELETE FROM clusters WHERE pictures IS NOT NULL")
    op.drop_column("clusters", "pictures")
