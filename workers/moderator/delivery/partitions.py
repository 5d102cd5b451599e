"""Which partition a key goes to: the one that every Kafka client chooses by default.

By murmur2 (Appleby 2008) as Kafka's Java client has it. aiokafka hashes byte by byte, which takes
several times longer.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from typing import Final

_SEED: Final = 0x9747B28C
_MIX: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF
_POSITIVE: Final = 0x7FFFFFFF


def partition_of(key: bytes | None, partitions: Sequence[int]) -> int:
    """The partition of a record with this key; any, where it has none.

    Args:
        key: of the record.
        partitions: the topic's numbers, in order.
    """
    if key is None:
        return random.choice(partitions)  # noqa: S311 - spreads load, hides nothing
    return partitions[(murmur2(key) & _POSITIVE) % len(partitions)]


def murmur2(key: bytes) -> int:
    """The hash of a key, 0 to 2^32 - 1."""
    words = len(key) // 4
    mixed = _SEED ^ len(key)
    for word in struct.unpack_from(f"<{words}I", key):
        spread = word * _MIX & _MASK
        mixed = (mixed * _MIX & _MASK) ^ ((spread ^ spread >> 24) * _MIX & _MASK)
    if rest := key[4 * words :]:
        mixed = (mixed ^ int.from_bytes(rest, "little")) * _MIX & _MASK
    mixed = (mixed ^ mixed >> 13) * _MIX & _MASK
    return mixed ^ mixed >> 15
