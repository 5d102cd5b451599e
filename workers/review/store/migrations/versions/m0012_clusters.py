"""Clusters of near-identical items. What waits already stays by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NONE_YET = "00000000000000000000000000000000"


def upgrade() -> None:
    """Make the tables; every item there is becomes a cluster of its own."""
    op.create_table(
        "clusters",
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("near", sa.LargeBinary(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id"),
    )
    op.create_table(
        "cluster_keys",
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.cluster_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cluster_id", "key"),
    )
    op.create_index("ix_cluster_keys_key", "cluster_keys", ["key"], unique=False)
    op.add_column("items", sa.Column("cluster", sa.Uuid(), nullable=False, server_default=NONE_YET))
    op.execute("UPDATE items SET cluster = verdict_id")
    op.create_index("ix_items_cluster", "items", ["cluster", "state", "rank"], unique=False)
    op.create_index("ix_items_claimed_by", "items", ["claimed_by", "state"], unique=False)
    op.add_column("decisions", sa.Column("together", sa.Uuid(), nullable=True))
    op.create_index("ix_decisions_together", "decisions", ["together"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_decisions_together", "decisions")
    op.drop_column("decisions", "together")
    op.drop_index("ix_items_claimed_by", "items")
    op.drop_index("ix_items_cluster", "items")
    op.drop_column("items", "cluster")
    op.drop_table("cluster_keys")
    op.drop_table("clusters")
