"""Parsers of our own, led by their coverage: ``make fuzz-parsers SECONDS=60``.

Atheris (libFuzzer) sees which branches an input takes, and keeps what takes new ones. Each parser
has a process of its own and the same time. Where one dies or raises what it may not, the input is
kept in ``runs/fuzz-parsers`` and the exit code is 1. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

FOUND: Final = Path("runs/fuzz-parsers")
HANG_SECONDS: Final = 10
"""For one input; the slowest honest one takes milliseconds."""
LONGEST_BYTES: Final = 4_096
INSTRUMENTED: Final = ("moderation.media", "rules", "schemas", "workers.moderator.records")

_EXECUTIONS: Final = re.compile(rb"stat::number_of_executed_units:\s*(\d+)")
_COVERED: Final = re.compile(rb"cov: (\d+)")


def main(arguments: Sequence[str] | None = None) -> None:
    """Fuzz every parser, or in a child the one that is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each parser")
    parser.add_argument("--only", default="", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if "atheris" in sys.modules or find_spec("atheris") is None:
        parser.error("atheris is not installed; run this as `make fuzz-parsers`")
    if options.only:
        fuzz(options.only, options.seconds)
        return
    from tests.hostile.parsers import parsers

    tallies = {name: _in_a_child(name, options.seconds) for name in parsers()}
    for name, tally in tallies.items():
        said = "FAILED" if tally["failed"] else "no failure"
        _say(
            f"{name:<10}{tally['executions']:>12,} inputs {tally['branches']:>6,} branches  {said}"
        )
    failed = [name for name, tally in tallies.items() if tally["failed"]]
    inputs = sum(tally["executions"] for tally in tallies.values())
    _say(json.dumps({"parsers": len(tallies), "inputs": inputs, "failed": failed}))
    sys.exit(bool(failed))


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one parser in this process; ends it."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        from tests.hostile.parsers import parsers
    parser = parsers()[name]
    corpus = FOUND / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(parser.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-timeout={HANG_SECONDS}", f"-max_len={LONGEST_BYTES}"]
    places = [f"-artifact_prefix={FOUND}/{name}-", str(corpus)]
    atheris.Setup([sys.argv[0], *limits, "-seed=1", "-print_final_stats=1", *places], parser.try_on)
    atheris.Fuzz()


def _in_a_child(name: str, seconds: int) -> dict[str, Any]:
    command = [sys.executable, "-m", __spec__.name, "--only", name, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        sys.stderr.buffer.write(done.stderr)
    executions, covered = _EXECUTIONS.search(done.stderr), _COVERED.findall(done.stderr)
    return {
        "executions": int(executions[1]) if executions else 0,
        "branches": max(map(int, covered), default=0),
        "failed": bool(done.returncode) or not executions,
    }


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
