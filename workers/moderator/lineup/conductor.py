"""Brings the models that are asked for into force, or as many as can be had, and says why not all.

::

    asked for -> let go what is no longer asked for -> load, check, warm up -> swap
                                          or refused: the live model judges on, and log, metrics
                                          and /readyz say so

One model is loaded at a time, and never a third one: a candidate goes before another model is
loaded. It is not loaded again where that one cannot be had.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from schemas import ModelFolder
from workers.moderator.errors import ModeratorError
from workers.moderator.lineup.lineup import Lineup
from workers.moderator.lineup.metrics import LineupMetrics
from workers.moderator.lineup.models import Models
from workers.moderator.lineup.slot import Slot
from workers.moderator.refusal import Refusal
from workers.streams import get_logger

log = get_logger(__name__)

Name = ModelFolder | str | None
"""Of a model: one in the folder of models, a folder as a setting names it, or none for the model
that judges first."""

OpenModel = Callable[[Name], Awaitable[Slot]]
"""Loads a model and warms it up."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which models are asked for, with which shares of the posts."""

    live: Name = None
    candidate: Name = None
    candidate_share: float = 0.0
    compared_share: float = 0.0


class Conductor:
    """Follows what is asked for, one wish after the other.

    Args:
        models: hold what is in force; they began with the model of the settings.
        open_model: loads.
        wants_vectors: whether banks are asked about the classifier's vectors.
        metrics: count the outcomes.
        clock: the time of a refusal.
    """

    def __init__(
        self,
        models: Models,
        open_model: OpenModel,
        *,
        wants_vectors: Callable[[], bool],
        metrics: LineupMetrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._models = models
        self._open_model = open_model
        self._wants_vectors = wants_vectors
        self._metrics = metrics
        self._clock = clock
        self._names: dict[Slot, Name] = {models.current.live: None}
        self._refusal: Refusal | None = None

    @property
    def refusal(self) -> Refusal | None:
        """Why what was asked for last is not in force; ``None`` when it is."""
        return self._refusal

    @property
    def in_force(self) -> str:
        """Which models those are, for people."""
        lineup = self._models.current
        if lineup.candidate is None:
            return f"{lineup.live.version} judges, without a candidate"
        return f"{lineup.live.version} judges, with the candidate {lineup.candidate.version}"

    async def follow(self, wish: Wish, *, source: str) -> bool:
        """Bring it into force, as far as that is possible; whether it is in force now.

        Args:
            wish: what is asked for.
            source: where that stands, for people.
        """
        before = self._models.current
        try:
            await self._live(wish)
            await self._candidate(wish)
        except ModeratorError as error:
            self.refuse(source, str(error))
            return False
        except Exception as error:
            # Whatever a model's files make the loader do, posts are judged by the live one.
            log.exception("a model broke the loader", source=source)
            self.refuse(source, f"the loader failed: {type(error).__name__}: {error}")
            return False
        self._refusal = None
        lineup = self._models.current
        self._metrics.asked_for("unchanged" if lineup == before else "activated")
        log.info(
            "the models are those that are asked for",
            model=lineup.live.version,
            candidate=None if lineup.candidate is None else lineup.candidate.version,
            candidate_share=lineup.candidate_share,
            compared_share=lineup.compared_share,
            source=source,
        )
        return True

    async def _live(self, wish: Wish) -> None:
        """Have the live model judge alone, or with the candidate where both stay."""
        lineup = self._models.current
        if wish.live == self._names[lineup.live]:
            if lineup.candidate is not None and not self._stays(lineup.candidate, wish):
                self._models.swap(Lineup(lineup.live))
            return
        chosen = next((slot for slot in lineup.slots if self._names[slot] == wish.live), None)
        if chosen is None:
            self._models.swap(Lineup(lineup.live))
            chosen = await self._open(wish.live)
        self._models.swap(Lineup(chosen))

    def _stays(self, candidate: Slot, wish: Wish) -> bool:
        return wish.candidate is not None and self._names[candidate] == wish.candidate

    async def _candidate(self, wish: Wish) -> None:
        lineup = self._models.current
        if wish.candidate is None:
            return
        candidate = lineup.candidate or await self._open(wish.candidate)
        self._models.swap(
            replace(
                lineup,
                candidate=candidate,
                candidate_share=wish.candidate_share,
                compared_share=wish.compared_share,
            )
        )

    async def _open(self, name: Name) -> Slot:
        """Load a second model, with no other one but the live one in memory.

        Raises:
            ModeratorError: it cannot be had, or not beside the live one.
        """
        await self._models.settled()
        slot = await self._open_model(name)
        why_not = self._models.refusal_of(slot, wants_vectors=self._wants_vectors())
        if why_not is not None:
            await slot.close()
            raise ModeratorError(why_not)
        present = self._models.current.slots
        self._names = {one: own for one, own in self._names.items() if one in present}
        self._names[slot] = name
        return slot

    def refuse(self, source: str, reason: str) -> None:
        """Go on with what is in force now, and say why."""
        self._refusal = Refusal(source, reason, self._clock())
        self._metrics.asked_for("refused")
        log.error(
            "the models that are asked for cannot be had",
            in_force=self.in_force,
            source=source,
            reason=reason,
        )
