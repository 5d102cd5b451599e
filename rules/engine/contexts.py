"""Which thresholds hold for a post: by its surface, its region and its audience.

A context applies when all that it names fits the post. Of several that apply and speak about the
same threshold the strictest value holds, so no order matters; where none speaks, the category's own
stays. ``never`` is the mildest value of all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rules.engine.document import (
    THRESHOLDS,
    AudienceSettings,
    ContextSettings,
    PolicyDocument,
    ThresholdSettings,
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability an action applies; ``None`` for never."""

    limit: float | None = None
    review: float | None = None
    remove: float | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The thresholds that hold for a post, and the contexts that made them so."""

    names: tuple[str, ...]
    thresholds: Mapping[str, Thresholds]


_ANYWHERE: Final = ""
"""Stands for every surface and region that no context names."""


class ContextTable:
    """All combinations of surface and region that a policy tells apart, worked out in advance."""

    def __init__(self, document: PolicyDocument) -> None:
        contexts = {
            name: (_surfaces(one, document.audiences), frozenset(one.regions))
            for name, one in document.contexts.items()
        }
        self._surfaces = frozenset[str]().union(*(surfaces for surfaces, _ in contexts.values()))
        self._regions = frozenset[str]().union(*(regions for _, regions in contexts.values()))
        self._table = {
            (surface, region): _context(
                document,
                tuple(
                    name
                    for name, (surfaces, regions) in sorted(contexts.items())
                    if (surface in surfaces or not _names_surfaces(document.contexts[name]))
                    and (region in regions or not regions)
                ),
            )
            for surface in (*self._surfaces, _ANYWHERE)
            for region in (*self._regions, _ANYWHERE)
        }

    def at(self, surface: str, region: str | None) -> Context:
        """What holds on the surface and in the region."""
        key = (
            surface if surface in self._surfaces else _ANYWHERE,
            region if region is not None and region in self._regions else _ANYWHERE,
        )
        return self._table[key]


def _names_surfaces(context: ContextSettings) -> bool:
    return bool(context.surfaces or context.audiences)


def _surfaces(
    context: ContextSettings, audiences: Mapping[str, AudienceSettings]
) -> frozenset[str]:
    """The surfaces that fit: those named, those of the audiences, or what is in both."""
    of_audiences = frozenset(s for name in context.audiences for s in audiences[name].surfaces)
    if context.surfaces and context.audiences:
        return of_audiences.intersection(context.surfaces)
    return of_audiences.union(context.surfaces)


def _context(document: PolicyDocument, names: tuple[str, ...]) -> Context:
    return Context(
        names,
        {
            category: _merged(
                own,
                [
                    document.contexts[name].categories[category]
                    for name in names
                    if category in document.contexts[name].categories
                ],
            )
            for category, own in document.categories.items()
        },
    )


def _merged(own: ThresholdSettings, others: Iterable[ThresholdSettings]) -> Thresholds:
    values = {}
    for name in THRESHOLDS:
        given = [getattr(one, name) for one in others if name in one.model_fields_set]
        strictest = min((math.inf if value is None else value for value in given), default=None)
        values[name] = (
            getattr(own, name)
            if strictest is None
            else (None if math.isinf(strictest) else strictest)
        )
    return Thresholds(**values)
