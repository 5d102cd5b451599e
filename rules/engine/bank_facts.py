"""Facts about what the banks of known content recognised in a post."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cel_expr_python import cel

from rules.decision import BankMatch
from rules.engine.document import BankSettings
from rules.engine.fact import Fact, FactView
from schemas import BankPart

GROUPS: Final[Mapping[BankPart, str]] = {
    BankPart.TEXT: "text",
    BankPart.IMAGE: "images",
    BankPart.AUDIO: "audio",
    BankPart.POST: "post",
}
"""What the facts about a part begin with."""


def bank_facts(banks: Mapping[str, BankSettings]) -> dict[str, Fact]:
    """Whether each bank recognised something, and at which distances."""
    facts = {}
    for name, settings in banks.items():
        group = GROUPS[settings.modality]
        found = _reader(name, settings)
        facts[f"{group}.bank.{name}"] = Fact(
            cel.Type.BOOL, f"whether the bank {name} knows something in the post", _any(found)
        )
        whole = settings.modality is BankPart.POST
        facts[f"{group}.bank_distances.{name}"] = Fact(
            cel.Type.List(cel.Type.DOUBLE if whole else cel.Type.INT),
            f"distances of what the bank {name} knows, nearest first",
            _distances(found, float if whole else int),
        )
    return facts


Found = Callable[[FactView], Sequence[BankMatch] | None]


def _reader(name: str, settings: BankSettings) -> Found:
    def read(view: FactView) -> Sequence[BankMatch] | None:
        matches = view.case.bank_matches.get(name)
        if matches is None:
            return None if settings.required else ()
        return [match for match in matches if match.modality is settings.modality]

    return read


def _any(found: Found) -> Callable[[FactView], object | None]:
    def read(view: FactView) -> bool | None:
        matches = found(view)
        return None if matches is None else bool(matches)

    return read


def _distances(found: Found, unit: Callable[[float], float]) -> Callable[[FactView], object | None]:
    def read(view: FactView) -> list[float] | None:
        matches = found(view)
        return None if matches is None else sorted(unit(match.distance) for match in matches)

    return read
