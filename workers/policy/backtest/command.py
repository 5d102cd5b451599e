"""Command line of ``moderation rules backtest``, ``diff`` and ``record``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

if TYPE_CHECKING:
    from workers.streams import Stretch

Old: TypeAlias = Annotated[Path, typer.Argument(help="The policy in force.")]
New: TypeAlias = Annotated[Path, typer.Argument(help="The policy that would take its place.")]
Workers: TypeAlias = Annotated[
    int, typer.Option(min=0, help="Processes that judge; 0 takes one a core.")
]
SkipBad: TypeAlias = Annotated[
    bool, typer.Option("--skip-bad", help="Count records that cannot be judged, and go on.")
]
Since: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Verdicts from then on: 90m, 24h, 7d (ago), or 2026-01-31T12:00:00Z."),
]
Until: TypeAlias = Annotated[
    str | None, typer.Option(help="Verdicts before then, written like --since.")
]
Last: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, help="The last so many verdicts; 10000 when no stretch is named."),
]

SAVED: Final = (".json", ".md")

LAST: Final = 10_000
"""Verdicts that are read when no stretch is named: enough for a share of 1 % to be known to about
±0.2 points (Wilson, 95 %)."""


def register(rules: typer.Typer) -> None:
    """Add the commands to ``moderation rules``."""
    rules.command("diff")(diff)
    rules.command("backtest")(backtest)
    rules.command("record")(record)


def diff(
    old: Old,
    new: New,
    records: Annotated[
        Path,
        typer.Argument(
            help="Recorded posts, a JSON line each, or escalations; .gz is unpacked, - is stdin."
        ),
    ],
    *,
    workers: Workers = 1,
    skip_bad: SkipBad = False,
) -> None:
    """Judge the recorded posts of a file by two policies and tell what changes.

    As `backtest` does, for a file that is at hand.
    """
    from workers.policy.backtest.sources import from_files
    from workers.policy.backtest.work import Options, plain_errors, run_backtest
    from workers.policy.report import load_or_exit

    policies = load_or_exit(old), load_or_exit(new)
    with plain_errors():
        run_backtest(*policies, from_files([records]), Options(workers, skip_bad))


def backtest(
    old: Old,
    new: New,
    records: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Recorded posts, a JSON line each (what `moderation rules record` writes), or "
            "escalations; .gz is unpacked, - is stdin."
        ),
    ] = None,
    *,
    from_kafka: Annotated[
        bool, typer.Option("--from-kafka", help="Take posts and verdicts from the topics.")
    ] = False,
    since: Since = None,
    until: Until = None,
    last: Last = None,
    workers: Workers = 0,
    skip_bad: SkipBad = False,
    save: Annotated[
        list[Path] | None,
        typer.Option(help="Write the whole result: .json, or .md to read; repeatable."),
    ] = None,
    fail_above_changes: Annotated[
        str | None,
        typer.Option(help="Exit code 3 when more of the verdicts change: 2%, or 0.02."),
    ] = None,
) -> None:
    """Judge recorded posts again, by two policies, and tell what changes.

    How many verdicts change, which way, by category, rule and surface; the review load by queue
    and day; how far each policy agrees with what reviewers decided; examples. The last line is one
    JSON object of all figures.
    """
    from workers.policy.backtest.sources import from_files, from_topics
    from workers.policy.backtest.work import Options, plain_errors, run_backtest
    from workers.policy.report import load_or_exit

    if bool(records) is from_kafka:
        raise typer.BadParameter("give either files of RECORDS or --from-kafka")
    if not from_kafka and (since, until, last) != (None, None, None):
        raise typer.BadParameter("--since, --until and --last go with --from-kafka")
    options = Options(workers, skip_bad, _savable(save or []), _share(fail_above_changes))
    policies = load_or_exit(old), load_or_exit(new)
    with plain_errors():
        source = from_files(records) if records else from_topics(_stretch(since, until, last))
        run_backtest(*policies, source, options)


def record(
    output: Annotated[
        Path, typer.Argument(help="File to write, .jsonl or .jsonl.gz; - is stdout.")
    ],
    *,
    since: Since = None,
    until: Until = None,
    last: Last = None,
) -> None:
    """Join posts, verdicts and reviewers' decisions from the topics into a file of records.

    A backtest over it can be repeated when the topics have moved on. Inline pictures and sounds
    are not copied, only named by their hash.
    """
    from workers.policy.backtest.work import plain_errors, write_records

    with plain_errors():
        write_records(output, _stretch(since, until, last))


def _stretch(since: str | None, until: str | None, last: int | None) -> Stretch:
    """The stretch of verdicts that the options name."""
    from datetime import UTC, datetime

    from workers.policy.backtest.moments import moment
    from workers.streams import Stretch

    now = datetime.now(UTC)
    try:
        begin, end = (None if text is None else moment(text, now) for text in (since, until))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    named = (since, until, last) != (None, None, None)
    return Stretch(begin, end, last if named else LAST)


def _savable(paths: list[Path]) -> list[Path]:
    for path in paths:
        if path.suffix not in SAVED:
            raise typer.BadParameter(f"--save {path}: expected a name in {' or '.join(SAVED)}")
    return paths


def _share(text: str | None) -> float | None:
    """A share from per cent, or from 0 to 1."""
    if text is None:
        return None
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise typer.BadParameter(f"--fail-above-changes {text}: expected 2%, or 0.02")
    return share
