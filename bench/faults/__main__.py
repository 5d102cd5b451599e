"""``python -m bench.faults``: see ``--help``.

The last line of standard output is one JSON object: the faults injected, the posts accepted, how
many of them are answered, lost and duplicated, and the seconds that it took. The exit status is 0
only where no promise was broken; every breach is listed before.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.faults.background import background
from bench.faults.broker import FragileBroker
from bench.faults.check import Breach
from bench.faults.journal import Journal
from bench.faults.plan import Fault, Kind, plan
from bench.faults.run import Reckoning, run_scenario
from bench.faults.scenario import SCENARIOS, Scenario
from workers.streams import BrokerError

FAULTS: Final = 100
"""About twenty minutes on two cores."""

LISTED: Final = 50
"""Findings that are printed; all are in the folder."""

SEED_BITS: Final = 32


def main(words: Sequence[str] | None = None) -> int:
    """Run the scenarios; returns the exit status."""
    options = _options(words)
    folder = options.folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{options.seed}"
    folder.mkdir(parents=True)
    # What the clients say while the broker is away; the journal says what matters.
    logging.basicConfig(filename=folder / "harness.log")
    journal = Journal(folder / "faults.jsonl", sys.stdout)
    journal.note(f"seed {options.seed}; logs in {folder}", seed=options.seed)
    scenarios = [one for one in SCENARIOS if one.name in options.scenario]
    with tempfile.TemporaryDirectory() as broker_folder:
        try:
            broker = FragileBroker(Path(broker_folder))
        except BrokerError as error:
            print(f"no Apache Kafka can run here: {error}", file=sys.stderr)
            return 2
        try:
            with background() as loop:
                reckonings = [
                    run_scenario(
                        scenario,
                        faults,
                        broker=broker,
                        folder=folder / scenario.name,
                        journal=journal,
                        background=loop,
                    )
                    for scenario, faults in _shared(scenarios, options)
                ]
        finally:
            broker.stop()
    return report(reckonings, folder, journal.seconds)


def report(reckonings: Sequence[Reckoning], folder: Path, seconds: float) -> int:
    """Print what was found, and the figures as the last line; returns the exit status."""
    wrong = [
        *(complaint for one in reckonings for complaint in one.complaints),
        *(str(finding) for one in reckonings for finding in one.findings),
    ]
    if wrong:
        (folder / "findings.txt").write_text("\n".join(wrong) + "\n", encoding="utf-8")
        for line in wrong[:LISTED]:
            print(line)
        print(f"{len(wrong)} findings, all in {folder / 'findings.txt'}")
    figures = {
        "faults": sum(one.faults for one in reckonings),
        "posts": sum(one.posts for one in reckonings),
        "answered": sum(one.answered for one in reckonings),
        "lost": sum(one.count(Breach.LOST) for one in reckonings),
        "duplicated": sum(one.count(Breach.DUPLICATED, Breach.CONTRADICTED) for one in reckonings),
        "seconds": round(seconds, 1),
    }
    print(json.dumps(figures))
    return 1 if wrong else 0


def _shared(
    scenarios: Sequence[Scenario], options: argparse.Namespace
) -> list[tuple[Scenario, list[Fault]]]:
    """Each scenario with its share of the faults; at least one, and the first has the rest."""
    whole = sum(one.share for one in scenarios)
    counts = [max(1, round(options.faults * one.share / whole)) for one in scenarios]
    counts[0] = max(1, options.faults - sum(counts[1:]))
    return [
        (one, _planned(one, count, options)) for one, count in zip(scenarios, counts, strict=True)
    ]


def _planned(scenario: Scenario, count: int, options: argparse.Namespace) -> list[Fault]:
    return plan(options.seed, count, scenario.delivery, options.kind or tuple(Kind))


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.faults", description="Inject faults into workers on Apache Kafka."
    )
    parser.add_argument("--faults", type=int, default=FAULTS, help="how many")
    parser.add_argument(
        "--seed",
        type=int,
        default=random.SystemRandom().getrandbits(SEED_BITS),
        help="of a run to tell again; random by default, and printed",
    )
    parser.add_argument(
        "--scenario",
        nargs="+",
        choices=[one.name for one in SCENARIOS],
        default=[one.name for one in SCENARIOS],
        help="kinds of workers; all by default",
    )
    parser.add_argument(
        "--kind", nargs="+", type=Kind, choices=list(Kind), help="of faults; all by default"
    )
    parser.add_argument("--folder", type=Path, default=Path("runs/faults"), help="for logs")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
