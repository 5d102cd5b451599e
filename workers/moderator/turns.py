"""How often threads that compute take turns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SHORT_SECONDS: Final = 0.0005
"""Instead of Python's 0.005. A thread that judges gives the interpreter up after each post, to tell
the event loop, and then waits so long for its next turn while another thread loads a policy: with
200 posts a second, 5 ms a turn are more time than there is."""


@contextmanager
def short_turns() -> Iterator[None]:
    """Let no thread hold the interpreter for long while another waits for it."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SHORT_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
