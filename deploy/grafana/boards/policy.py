"""Policy and rules: which policy judges, what its rules do, what is held back, what banks know."""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Board, Row
from deploy.grafana.rows import banks, brakes, policy, rules
from deploy.grafana.variables import INSTANCE, Choice

BOARD: Final = Board(
    name="policy",
    title="policy and rules",
    description=(
        "For whoever writes the policy: which version judges, which rules fire and fail, what "
        "quotas hold back, what the banks know."
    ),
    choices=(INSTANCE, Choice("rule", "Rule", "moderation_rule_hits_total")),
    rows=(
        Row("Which policy judges?", policy.panels),
        Row("What do its rules do?", rules.panels),
        Row("What is held back?", brakes.panels),
        Row("What do the banks know?", banks.panels),
    ),
)
