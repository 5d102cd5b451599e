"""How far a partition is answered, as one commit can say it: a position, and what lies beyond it.

Kafka keeps one number a partition, and up to 4096 bytes of the client's own beside it. The number
is the position: everything before it is answered. The bytes hold a bit for each offset after it,
set where that record is answered already. So a record that takes long holds up no other, and
whoever reads on from the position answers nothing twice.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final, Self

from workers.streams.logs import get_logger

log = get_logger(__name__)

MAX_REACH: Final = 24_000
"""Offsets from the position to the last answer that a commit can tell of: 3,000 bytes of bits, in
base64 4,000 of the 4,096 that brokers take (``offset.metadata.max.bytes``)."""

_MARK: Final = "answered:"
"""Begins the metadata. What begins otherwise, such as that of a reset, tells nothing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything before ``position`` is answered, and so are the offsets ``beyond`` it."""

    position: int
    beyond: tuple[int, ...] = ()

    @property
    def end(self) -> int:
        """After everything that is answered."""
        return max((self.position, *(offset + 1 for offset in self.beyond)))

    def to_metadata(self) -> str:
        """The offsets beyond the position, for the commit's metadata; empty when there are none.

        Raises:
            ValueError: an offset lies further than :data:`MAX_REACH` after the position.
        """
        if not self.beyond:
            return ""
        reach = max(self.beyond) - self.position
        if reach > MAX_REACH:
            raise ValueError(
                f"offset {max(self.beyond)} is {reach} after position {self.position}; a commit "
                f"can tell of {MAX_REACH}: answer it in a later one"
            )
        bits = bytearray(reach // 8 + 1)
        for offset in self.beyond:
            place = offset - self.position
            bits[place // 8] |= 1 << place % 8
        return _MARK + base64.b64encode(bits).decode()

    @classmethod
    def from_metadata(cls, position: int, metadata: str) -> Self:
        """Read a commit back. Metadata that nobody here wrote tells of nothing beyond."""
        if not metadata.startswith(_MARK):
            return cls(position)
        try:
            bits = base64.b64decode(metadata[len(_MARK) :], validate=True)
        except (binascii.Error, ValueError):
            log.warning("the metadata of a commit cannot be read; records may be answered again")
            return cls(position)
        return cls(
            position,
            tuple(
                position + index * 8 + bit
                for index, byte in enumerate(bits)
                for bit in range(8)
                if byte >> bit & 1
            ),
        )
