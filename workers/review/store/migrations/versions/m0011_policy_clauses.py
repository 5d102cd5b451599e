"""The clause of the policy that a decision names, and its statement of reasons with it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = ("decisions", "statements")


def upgrade() -> None:
    """Add the columns; nothing older named a clause."""
    for table in TABLES:
        op.add_column(table, sa.Column("clause", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_column(table, "clause")
