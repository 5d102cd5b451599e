"""What the commands about quotas say and do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import typer
from pydantic import ValidationError

from workers.quotas import Standing, read_quotas, write_quotas
from workers.settings import KafkaSettings
from workers.streams import StreamsError

T = TypeVar("T")

READER: Final = "command-line"

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def read_or_exit() -> list[Standing]:
    """Where every quota stands.

    Raises:
        typer.Exit: the topic cannot be read.
    """
    return _or_exit(_standings())


def as_table(standings: Sequence[Standing]) -> str:
    """A line a quota, aligned, and one for each worker that used some of it."""
    if not standings:
        return "no worker has told of a quota yet"
    rows: list[tuple[str, ...]] = [("RULE", "POLICY", "QUOTA", "USED", "LEFT", "STATE")]
    for one in standings:
        figures = (_quota(one), str(one.used), str(one.left), _state(one))
        rows.append((one.terms.rule, one.terms.policy, *figures))
        rows += [(f"  {worker}", "", "", str(n), "", "") for worker, n in one.by_worker.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_lines(standings: Sequence[Standing]) -> str:
    """A JSON object a quota."""
    return "\n".join(
        json.dumps(
            {
                "policy": one.terms.policy,
                "rule": one.terms.rule,
                "posts": one.terms.posts,
                "per_seconds": one.terms.per.total_seconds(),
                "outcome": one.terms.outcome,
                "used": one.used,
                "left": one.left,
                "by_worker": one.by_worker,
                "tripped": one.tripped,
                "by": one.by,
                "at": None if one.at is None else one.at.isoformat(),
                "resets": one.resets,
            }
        )
        for one in standings
    )


def reset_or_exit(rule: str | None, *, every: bool, by: str) -> str:
    """Reset one rule's quotas, or all that are tripped; what to say about it.

    Raises:
        typer.Exit: the rule is not known, or the topic cannot be read or written.
    """
    if (rule is None) != every:
        raise _failed("name one rule, or give --all for every quota that is tripped")
    try:
        done = _or_exit(_reset(rule, by))
    except ValidationError as error:
        raise _failed(
            f"{by!r} cannot stand in the record; name yourself by --by, in letters and digits"
        ) from error
    if done:
        return "\n".join(
            f"OK {one.terms.rule} of {one.terms.policy}: {_quota(one)}" for one in done
        )
    if rule is None:
        return "OK nothing is tripped"
    known = sorted({one.terms.rule for one in read_or_exit()})
    raise _failed(
        f"no worker has told of a quota of {rule}; known are: {', '.join(known) or 'none'}"
    )


async def _standings() -> list[Standing]:
    ledger, broken = await read_quotas(KafkaSettings(), READER)
    if broken:
        typer.echo(f"{broken} records on the topic break the contract and are left out", err=True)
    return ledger.standings(datetime.now(UTC))


async def _reset(rule: str | None, by: str) -> list[Standing]:
    """The quotas that were reset, as they stood before."""
    kafka, now = KafkaSettings(), datetime.now(UTC)
    ledger, _ = await read_quotas(kafka, READER)
    chosen = [
        one
        for one in ledger.standings(now)
        if (one.tripped if rule is None else one.terms.rule == rule)
    ]
    for one in chosen:
        ledger.reset(one.terms, by, now)
    await write_quotas(kafka, ledger.outgoing(now))
    return chosen


def _or_exit(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except StreamsError as error:
        raise _failed(str(error)) from error


def _quota(one: Standing) -> str:
    counted = "" if one.terms.outcome is None else f" of {one.terms.outcome}"
    return f"{one.terms.posts} in {_short(one.terms.per)}{counted}"


def _state(one: Standing) -> str:
    if one.tripped:
        return f"TRIPPED by {one.by} at {_moment(one.at)}"
    if one.resets:
        return f"open, last reset by {one.by} at {_moment(one.at)}"
    return "open"


def _moment(at: datetime | None) -> str:
    return "an unknown time" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _short(time: timedelta) -> str:
    """As a policy writes it: in the largest unit that leaves no rest."""
    seconds = int(time.total_seconds())
    return next(f"{seconds // size}{unit}" for unit, size in _UNITS if seconds % size == 0)


def _failed(message: str) -> typer.Exit:
    """Tell on standard error; the exit to raise."""
    typer.echo(message, err=True)
    return typer.Exit(1)
