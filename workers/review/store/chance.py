"""What nobody can foresee."""

from __future__ import annotations

import secrets
from typing import Final

CHANCES: Final = 2**53
"""As many as a float tells apart."""


def by_chance() -> float:
    """A number from 0 up to 1."""
    return secrets.randbelow(CHANCES) / CHANCES
