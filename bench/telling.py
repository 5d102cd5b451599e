"""How a bench that runs in one process tells what it has measured."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from typing import Any


def tell(measured: Mapping[str, Any]) -> None:
    """Print the machine and the figures, a line each; the last line is all of it as JSON."""
    cores = f"{os.cpu_count()} CPUs, Python {platform.python_version()}"
    figures = {"machine": f"{platform.machine()}, {cores}", **measured}
    width = max(map(len, figures)) + 1
    for name, value in figures.items():
        print(f"{name:{width}} {value}")
    print(json.dumps(figures))
