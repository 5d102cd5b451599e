"""What keeps automatic removals in bounds: quotas of rules, a quota of all, and the kill switch.

Nothing is dropped: what a brake holds back goes to a person. A rule over its quota keeps its labels
and its escalation, and asks for ``review`` instead of its other effects, mild or harsh. A removal
that an exempt rule asks for by itself is held back by no brake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from rules.engine.contexts import Thresholds
from rules.engine.document import BrakeSettings
from rules.engine.effects import Effects
from rules.engine.quotas import ALL_REMOVALS, QuotaLedger
from rules.engine.running_rule import Fired
from schemas import Action

REMOVALS_OFF: Final = "removals_off"
REMOVAL_QUOTA: Final = "removal_quota"


class Brakes:
    """The brakes of a policy over a ledger of quotas."""

    def __init__(self, settings: BrakeSettings, ledger: QuotaLedger) -> None:
        self._settings = settings
        self._exempt = frozenset(settings.exempt)
        self._ledger = ledger

    def hold_rules(self, fired: Sequence[Fired], outcome: Action, now: datetime) -> list[Fired]:
        """The rules with those held back that are over their quota.

        Args:
            fired: live rules that fired.
            outcome: what all of them together come to.
            now: the moment of the decision.
        """
        return [
            replace(one, held=True)
            if one.rule.quota is not None
            and one.rule.quota.outcome in {None, outcome}
            and not self._ledger.take(one.rule.id, now)
            else one
            for one in fired
        ]

    def hold_removal(
        self, fired: Sequence[Fired], thresholds: Mapping[str, Thresholds], now: datetime
    ) -> str | None:
        """The brake that turns a removal into a review, or ``None`` when it may go ahead."""
        if any(one.rule.id in self._exempt and _removes(one.effects, thresholds) for one in fired):
            return None
        if self._settings.removals == "off":
            return REMOVALS_OFF
        if self._settings.removal_quota is None or self._ledger.take(ALL_REMOVALS, now):
            return None
        return REMOVAL_QUOTA


def _removes(effects: Effects, thresholds: Mapping[str, Thresholds]) -> bool:
    """Whether the effects ask for a removal by themselves."""
    if effects.action is Action.REMOVE:
        return True
    limits = ((thresholds[c].remove, floor) for c, floor in effects.floor.items())
    return any(remove is not None and floor >= remove for remove, floor in limits)
