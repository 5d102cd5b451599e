"""Hostile cases by the hundred thousand: ``make fuzz-input N=100000``.

The cases run in a process of their own, which tells of each one that is answered. Where it dies,
that is a crash; where it says nothing for a while, a hang; both are counted, the case is kept, and
a new process goes on. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import logging
import pickle
import resource
import select
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.hostile.answering import CHILDREN, Answering, UnansweredError
from tests.hostile.cases import HostileCase, answer, cases

CAP_MIB = 2_048
"""Memory that the process and its children may take together at their peak: 600 MiB for torch and
the decoders, 512 MiB a child, and what two pictures of 50 megapixels take in threads."""

HANG_SECONDS = 300.0
"""Without an answer. Each wait of the worker itself is bounded by a few seconds; the rest is for a
machine that is busy with something more important."""

START_SECONDS = 1_800.0
"""To load torch and the decoders, and make the files, on such a machine."""

BATCH = 500
"""Cases drawn at a time, so that hypothesis keeps no memory of all of them."""

KIB = 1024


@dataclass(slots=True)
class Tally:
    """What came of the cases."""

    cases: int = 0
    crashes: int = 0
    hangs: int = 0
    unanswered: int = 0
    peak_mib: int = 0
    seconds: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        names = ("cases", "crashes", "hangs", "unanswered", "peak_mib", "seconds")
        return json.dumps({name: getattr(self, name) for name in names})

    def is_good(self) -> bool:
        return not (self.crashes or self.hangs or self.unanswered) and self.peak_mib <= CAP_MIB


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases; 0 if none crashed, hung, went unanswered or took too much memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for cases that went wrong, pickled")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.work is not None:
        _work(given.cases, given.seed, given.work)
        return 0
    keep = given.keep or Path(tempfile.mkdtemp(prefix="hostile-"))
    keep.mkdir(parents=True, exist_ok=True)
    print(f"memory cap {CAP_MIB:,} MiB; what goes wrong is kept in {keep}", flush=True)
    tally = Tally()
    begin = time.monotonic()
    while tally.cases < given.cases:
        _run_process(given.cases - tally.cases, given.seed + tally.cases, keep, tally)
        tally.seconds = round(time.monotonic() - begin, 1)
    for answered, count in tally.answers.most_common():
        print(f"{count:>8,}  {answered}")
    print(tally.line(), flush=True)
    return 0 if tally.is_good() else 1


def _run_process(wanted: int, first_seed: int, keep: Path, tally: Tally) -> None:
    """One process until it has answered all, died, or hung."""
    current = keep / "current"
    command = [sys.executable, "-m", "tests.hostile.fuzz", "--work", str(current)]
    with subprocess.Popen(
        [*command, "--cases", str(wanted), "--seed", str(first_seed)],
        stdout=subprocess.PIPE,
        bufsize=0,  # or lines would wait in a buffer that select knows nothing of
    ) as process:
        assert process.stdout is not None
        patience = START_SECONDS
        while line := _next_line(process.stdout, patience):
            patience = HANG_SECONDS
            kind, peak, answered = line.decode().rstrip("\n").split("\t")
            tally.cases += 1
            tally.peak_mib = max(tally.peak_mib, int(peak))
            tally.answers[answered] += 1
            if kind == "unanswered":
                tally.unanswered += 1
            if tally.cases % 1_000 == 0:
                print(f"{tally.cases:,} cases, peak {tally.peak_mib:,} MiB", flush=True)
        if line is None:
            tally.hangs += 1
            _kill_family(process.pid)
        elif process.wait() != 0:
            tally.crashes += 1
        else:
            return
        if not current.exists():
            raise RuntimeError("the process ended before its first case; its errors stand above")
        tally.cases += 1
        current.rename(keep / f"{'hang' if line is None else 'crash'}-{tally.cases}")


def _next_line(pipe: IO[bytes], seconds: float) -> bytes | None:
    """The next line; empty at the end; None when there is none in time."""
    ready, _, _ = select.select([pipe], [], [], seconds)
    return pipe.readline() if ready else None


def _kill_family(pid: int) -> None:
    parent = psutil.Process(pid)
    for process in [*parent.children(recursive=True), parent]:
        process.kill()


def _work(wanted: int, first_seed: int, current: Path) -> None:
    """Answer cases; a line for each says how it ended, the peak in MiB, the answer's class."""
    logging.disable()  # each bomb is a warning
    done = 0
    with (
        tempfile.TemporaryDirectory(prefix="hostile-") as folder,
        Answering.running(Path(folder)) as answering,
    ):

        def one(case: HostileCase) -> None:
            nonlocal done
            if done >= wanted:
                return
            current.write_bytes(pickle.dumps(case))
            kind, said = "answered", ""
            try:
                said = answer(answering, case)
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker would not answer
                kind = "unanswered"
                said = str(error) if isinstance(error, UnansweredError) else type(error).__name__
                kept = current.with_name(f"unanswered-{first_seed + done}")
                current.rename(kept)
                kept.with_suffix(".txt").write_text(traceback.format_exc(), encoding="utf-8")
            done += 1
            print(kind, _peak_mib(), _class_of(said), sep="\t", flush=True)

        batch = 0
        while done < wanted:
            drawn = settings(
                max_examples=min(BATCH, wanted - done),
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            drawn(seed(first_seed + batch)(given(cases())(one)))()
            batch += 1


def _peak_mib() -> int:
    """Of this process, and of its children as large as the largest of them.

    One that was stopped meanwhile is not among them; its limit bounds it.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = Path("/proc/thread-self/children").read_text(encoding="ascii").split()
    return (own + CHILDREN * max(map(_peak_kib, children), default=0)) // KIB


def _peak_kib(pid: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:  # it ended meanwhile
        return 0
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0]) if peaks else 0


def _class_of(said: str) -> str:
    """What the answer begins with: an error's class, a reason, an action."""
    head = said.partition(":")[0]
    return "".join(char if char.isprintable() and not char.isdigit() else "#" for char in head)[:60]


if __name__ == "__main__":
    sys.exit(main())
