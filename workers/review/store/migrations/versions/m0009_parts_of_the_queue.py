"""What a queue is looked at by: the rules that brought an item up, and how grave it may be."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from rules.engine import reach_weight

revision = "0009"
down_revision = "0008"

ROWS_AT_ONCE = 200

items = sa.table(
    "items",
    sa.column("verdict_id", sa.Uuid()),
    sa.column("subject", sa.Uuid()),
    sa.column("kind", sa.String()),
    sa.column("state", sa.String()),
    sa.column("priority", sa.Double()),
    sa.column("reach", sa.BigInteger()),
    sa.column("severity", sa.Double()),
)
contents = sa.table(
    "contents", sa.column("verdict_id", sa.Uuid()), sa.column("escalation", sa.Text())
)
item_rules = sa.table("item_rules", sa.column("subject", sa.Uuid()), sa.column("rule", sa.String()))


def upgrade() -> None:
    """Make the table and the column, and fill them for what waits."""
    op.add_column("items", sa.Column("severity", sa.Double(), nullable=True))
    op.create_table(
        "item_rules",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject", "rule"),
    )
    op.create_index("ix_item_rules_rule", "item_rules", ["rule", "subject"], unique=False)
    page = (
        sa.select(items, contents.c.escalation)
        .join(contents, contents.c.verdict_id == items.c.verdict_id)
        .where(items.c.state == "open", items.c.kind == "first")
        .order_by(items.c.verdict_id)
        .limit(ROWS_AT_ONCE)
    )
    bind = op.get_bind()
    rows = bind.execute(page).all()
    while rows:
        for row in rows:
            _fill(row)
        rows = bind.execute(page.where(items.c.verdict_id > rows[-1].verdict_id)).all()


def downgrade() -> None:
    """Drop them."""
    op.drop_table("item_rules")
    op.drop_column("items", "severity")


def _fill(row: Any) -> None:
    weight = row.priority / reach_weight(row.reach)
    op.execute(items.update().where(items.c.verdict_id == row.verdict_id).values(severity=weight))
    hits = json.loads(row.escalation)["verdict"]["rule_hits"]
    fired = {hit["rule"] for hit in hits if hit["mode"] == "live" and not hit["errored"]}
    for rule in sorted(fired):
        op.execute(item_rules.insert().values(subject=row.subject, rule=rule))
