"""Programs that `make deploy-tools` builds from Go's module proxy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

BUILT = Path(__file__).parents[2] / ".cache" / "go" / "bin"


def require_program(name: str) -> str:
    """Where the program lies, the machine's own or the one that was built; skips without."""
    program = shutil.which(name) or shutil.which(name, path=BUILT)
    if program is None:
        pytest.skip(f"{name} is not here; `make deploy-tools` builds it, where Go is installed")
    return program
