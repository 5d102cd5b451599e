"""What the commands about roll-outs do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import typer
from pydantic import ValidationError

from schemas import ModelFolder, ModelRollout
from workers.fleet.reading import ask_all
from workers.rollout.change import Step, change
from workers.rollout.digest import folder_digest
from workers.rollout.errors import RolloutError
from workers.rollout.figures import Figures, figures_of
from workers.rollout.guard import hindrances
from workers.rollout.limits import Limits
from workers.rollout.stages import Order, promote, roll_back, start, told
from workers.rollout.table import show
from workers.rollout.topic import Published, read_rollout
from workers.settings import KafkaSettings
from workers.streams import StreamsError

T = TypeVar("T")

ASK_SECONDS: Final = 5.0
"""After which a worker counts as gone."""


def started_or_exit(folder: Path, compared: float, group: str, by: str) -> str:
    """Compare the model of a folder; what to say about it."""
    try:
        candidate = ModelFolder(name=folder.resolve().name, digest=folder_digest(folder))
    except OSError as error:
        raise _failed(f"{folder} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        raise _failed(
            f"{folder.resolve().name!r} cannot name a model: use letters, digits, and . _ -"
        ) from error
    asked = _ask(group, by, lambda now, order: start(now, candidate, compared, order))
    return (
        f"OK {told(asked)}\nworkers load it from MODERATION_WORKER_MODELS/{candidate.name}, of "
        f"{candidate.digest}\n`moderation rollout status` shows how the two compare"
    )


def promoted_or_exit(
    addresses: Sequence[str], limits: Limits, group: str, by: str, *, force: bool
) -> str:
    """Go to the next stage, if nothing speaks against it; what to say about it."""
    seen = _now(group)
    against = []
    if seen.rollout is not None and seen.rollout.candidate is not None:
        against = list(hindrances(_figures(addresses), limits))
    if against and not force:
        raise _failed(
            "not promoted:\n"
            + "\n".join(f"- {one}" for one in against)
            + "\n--force promotes all the same"
        )
    passed_over = "".join(f"\npassed over: {one}" for one in against)
    return f"OK {told(_ask(group, by, promote, seen))}{passed_over}"


def rolled_back_or_exit(group: str, by: str) -> str:
    """Go back; what to say about it."""
    return f"OK {told(_ask(group, by, roll_back))}"


def show_or_exit(addresses: Sequence[str], limits: Limits, group: str, *, as_json: bool) -> None:
    """Print where the roll-out is."""
    now = _now(group).rollout
    figures = _figures(addresses)
    against = []
    if now is not None and now.candidate is not None:
        against = list(hindrances(figures, limits))
    if as_json:
        asked = None if now is None else now.model_dump(mode="json", exclude_none=True)
        typer.echo(json.dumps({"asked": asked, **figures.as_json(), "hindrances": against}))
    else:
        show(now, figures, against)


def _figures(addresses: Sequence[str]) -> Figures:
    return figures_of(asyncio.run(ask_all(addresses, seconds=ASK_SECONDS)))


def _ask(group: str, by: str, step: Step, seen: Published | None = None) -> ModelRollout:
    order = Order(by, datetime.now(UTC))
    return _or_exit(change(KafkaSettings(), group, order, step, seen=seen))


def _now(group: str) -> Published:
    return _or_exit(read_rollout(KafkaSettings(), group))


def _or_exit(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (StreamsError, RolloutError) as error:
        raise _failed(str(error)) from error


def _failed(message: str) -> typer.Exit:
    """Tell on standard error; the exit to raise."""
    typer.echo(message, err=True)
    return typer.Exit(1)
