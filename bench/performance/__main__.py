"""Every benchmark of the worker, one after the other: ``python -m bench.performance``.

The last line is one JSON object of all ratios.
"""

from __future__ import annotations

import argparse
import json

from bench.performance import latency, peers_table, pipeline, plumbing, scale
from bench.performance.options import parsed
from bench.performance.scale import BACKLOG


def main() -> None:
    """Run all."""
    options, given = parsed(__doc__, _add)
    ratios = pipeline.measure(options)
    ratios |= peers_table.measure(options)
    ratios |= plumbing.measure(options)
    ratios |= latency.measure(options)
    ratios |= scale.measure(options, given.backlog)
    print(json.dumps(ratios))


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backlog", type=int, default=BACKLOG, help="posts of the long backlog")


if __name__ == "__main__":
    main()
