"""What was made ready a moment ago, within bounds of memory and time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShownMedia:
    """Bytes and the type to serve them as."""

    content: bytes
    content_type: str


class Recent:
    """Remembers media by name; what was used least lately makes room.

    Args:
        most_bytes: of all that is remembered; something larger than an eighth of it is not.
        seconds: after which a medium is forgotten.
        now: seconds that never go back.
    """

    def __init__(
        self, most_bytes: int, seconds: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._now = now
        self._kept: OrderedDict[str, tuple[float, ShownMedia]] = OrderedDict()
        self._bytes = 0

    def get(self, name: str | None) -> ShownMedia | None:
        """The medium, if it is remembered; of no name nothing is."""
        self._forget_old()
        found = self._kept.get(name) if name is not None else None
        if name is None or found is None:
            return None
        self._kept.move_to_end(name)
        return found[1]

    def put(self, name: str | None, medium: ShownMedia) -> None:
        """Remember it, unless it has no name or is too large."""
        if name is None or name in self._kept or len(medium.content) * 8 > self._most_bytes:
            return
        self._kept[name] = (self._now() + self._seconds, medium)
        self._bytes += len(medium.content)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _forget_old(self) -> None:
        now = self._now()
        for name in [name for name, (until, _) in self._kept.items() if until <= now]:
            self._drop(name)

    def _drop(self, name: str) -> None:
        self._bytes -= len(self._kept.pop(name)[1].content)
