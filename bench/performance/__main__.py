"""Every benchmark of the worker, one after the other: ``python -m bench.performance``.

A part that fails is told, and the others go on. The last line is one JSON object of all ratios.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from bench.performance import latency, peers_table, pipeline, plumbing, scale
from bench.performance.options import parsed
from bench.performance.scale import BACKLOG

Ratios = dict[str, float | bool | None]

NO_GPU: Final = "the GPU is not measured here: run `make bench-gpu` on a machine that has one"


def main() -> None:
    """Run all; the exit code is 1 where a part failed."""
    options, given = parsed(__doc__, _add)
    failed = run_parts(
        {
            "pipeline": partial(pipeline.measure, options),
            "peers": partial(peers_table.measure, options),
            "plumbing": partial(plumbing.measure, options),
            "latency": partial(latency.measure, options),
            "scale": partial(scale.measure, options, given.backlog),
        },
        options.device,
    )
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def run_parts(parts: Mapping[str, Callable[[], Ratios]], device: str) -> list[str]:
    """Run each, print the line of all ratios; returns the names of those that failed."""
    ratios: Ratios = {}
    failed = []
    for name, measure in parts.items():
        print(f"== {name} ==", flush=True)
        try:
            ratios |= measure()
        except Exception:  # noqa: BLE001 - it is printed whole, and the other parts are hours of work
            traceback.print_exc()
            failed.append(name)
        ratios[f"{name}_failed"] = name in failed
    if device == "cpu":
        print(NO_GPU)
    print(json.dumps(ratios), flush=True)
    return failed


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backlog", type=int, default=BACKLOG, help="posts of the long backlog")


if __name__ == "__main__":
    main()
