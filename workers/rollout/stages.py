"""The steps of a roll-out: what is asked of the workers now, and after each command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas import ModelFolder, ModelRollout
from workers.rollout.errors import RolloutError

STAGES: Final = (0.01, 0.1, 0.5, 1.0)
"""Shares of the posts that a candidate judges, one after the other: each shows what the one before
had too few posts for, and the last leaves the old model loaded, so that a way back needs no
loading."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks, and when."""

    by: str
    at: datetime


def untouched(group: str, order: Order) -> ModelRollout:
    """Where nobody has asked for anything: each worker's own model judges."""
    return ModelRollout(group=group, by=order.by, at=order.at)


def start(
    now: ModelRollout, candidate: ModelFolder, compared_share: float, order: Order
) -> ModelRollout:
    """Compare a candidate with the live model; it judges no post yet.

    Raises:
        RolloutError: another roll-out is on, or the candidate judges already.
    """
    if now.candidate is not None:
        raise RolloutError(
            f"a roll-out of {now.candidate.name} is on; promote it to its end, or take it back by "
            "`moderation rollout rollback`"
        )
    if now.live is not None and now.live.digest == candidate.digest:
        raise RolloutError(f"{candidate.name} is the model that judges: its files are the same")
    return _with(now, order, candidate=candidate, compared_share=compared_share)


def promote(now: ModelRollout, order: Order) -> ModelRollout:
    """The next stage; after the last one the candidate is the live model, and the old one goes.

    Raises:
        RolloutError: no roll-out is on.
    """
    if now.candidate is None:
        raise RolloutError("no roll-out is on; begin one by `moderation rollout start FOLDER`")
    following = next((share for share in STAGES if share > now.candidate_share), None)
    if following is not None:
        return _with(now, order, candidate_share=following)
    return ModelRollout(
        group=now.group,
        live=now.candidate,
        previous=now.live,
        can_go_back=True,
        by=order.by,
        at=order.at,
    )


def roll_back(now: ModelRollout, order: Order) -> ModelRollout:
    """Without the candidate; where there is none, with the model that judged before.

    Raises:
        RolloutError: there is nothing to go back to.
    """
    if now.candidate is not None:
        return _with(now, order, candidate=None, candidate_share=0.0, compared_share=0.0)
    if not now.can_go_back:
        raise RolloutError("no roll-out is on, and none was before: there is no way back")
    return _with(now, order, live=now.previous, previous=now.live)


def _with(now: ModelRollout, order: Order, **changes: object) -> ModelRollout:
    return ModelRollout(**(dict(now) | changes | {"by": order.by, "at": order.at}))


def percent(share: float) -> str:
    """``1 %``."""
    return f"{share * 100:g} %"


def name_of(folder: ModelFolder | None) -> str:
    """For people."""
    return "the workers' own model" if folder is None else folder.name


def told(now: ModelRollout) -> str:
    """One sentence on who judges what."""
    if now.candidate is None:
        return f"{name_of(now.live)} judges all posts"
    compared = f"both score {percent(now.compared_share)} of the posts"
    if now.candidate_share:
        judges = f"{now.candidate.name} judges {percent(now.candidate_share)} of the posts"
        return f"{judges}, {name_of(now.live)} the others; {compared}"
    return f"{name_of(now.live)} judges all posts, {now.candidate.name} none; {compared}"
