"""A worker's place among those of its machine: which cores and which GPU are its own.

Left to themselves, several workers take a thread a core each, and their threads push one another
from core to core and out of the caches.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """The ``number``-th, from 1, of so many workers."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2/4``.

        Raises:
            ValueError: it is no such place.
        """
        match = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
        if match is None or int(match[1]) > int(match[2]):
            raise ValueError(f"{text!r} is no place among workers; write it like 2/4")
        return cls(int(match[1]), int(match[2]))

    def share(self, things: Sequence[T]) -> Sequence[T]:
        """This worker's part of what lies side by side; where there are too few, one of them."""
        if len(things) < self.of:
            return [things[(self.number - 1) % len(things)]] if things else []
        first = len(things) * (self.number - 1) // self.of
        end = len(things) * self.number // self.of
        return things[first:end]

    def gpu(self, count: int) -> str:
        """The device of this worker, of so many GPUs: each has its own while they last."""
        return f"cuda:{(self.number - 1) % count}"


def keep_to(place: Place) -> None:
    """Let this process compute on its share of the cores alone; alone on a machine, on all.

    Threads that are started from now on keep to them too, and :func:`os.sched_getaffinity` tells
    how many they are. A system that knows no such thing is left as it is.
    """
    if place.of > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, place.share(sorted(os.sched_getaffinity(0))))
