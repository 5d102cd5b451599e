"""Exact search of 256-bit hashes within a radius: multi-index hashing (Norouzi et al. 2012).

Each hash is cut into 11 stretches of 23 bits. Two hashes at most 31 bits apart differ by at most 2
bits in one stretch at least (31 // 11 = 2), so looking up every stretch with up to 2 bits flipped
finds all of them: the search is complete, not approximate. A bitmap of the stretches that occur,
small enough for the processor's cache, turns away most look-ups; the rest are found by bisection
and compared in full.

All arrays can be memory-mapped. A million hashes take 32 MB, their index 99 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

HASH_BYTES: Final = 32
HASH_BITS: Final = 8 * HASH_BYTES
MAX_RADIUS: Final = 31
"""Beyond it the authors of PDQ expect false matches, and this index would miss some."""

STRETCHES: Final = 11
STRETCH_BITS: Final = HASH_BITS // STRETCHES
_FLIPS: Final = MAX_RADIUS // STRETCHES
_SMALL: Final = 4096
"""Hashes up to which comparing with all is as fast as looking up."""
_BATCH: Final = 64
"""Queries at a time: about 200,000 look-ups, whose working arrays stay in cache."""


@dataclass(frozen=True)
class HammingIndex:
    """Finds the hashes within a radius of others."""

    hashes: NDArray[np.uint8]
    """(count, 32)."""
    values: NDArray[np.uint32]
    """(11, count): the values of each stretch, in order; empty for few hashes."""
    places: NDArray[np.uint32]
    """(11, count): whose they are."""
    bitmaps: NDArray[np.uint8]
    """(11, 2^20): which values occur, a bit each."""

    @classmethod
    def build(cls, hashes: NDArray[np.uint8]) -> HammingIndex:
        """Index hashes, shape (count, 32)."""
        count = len(hashes)
        if count <= _SMALL:
            empty = np.empty((STRETCHES, 0), np.uint32)
            return cls(hashes, empty, empty, np.empty((STRETCHES, 0), np.uint8))
        values = np.empty((STRETCHES, count), np.uint32)
        places = np.empty((STRETCHES, count), np.uint32)
        bitmaps = np.empty((STRETCHES, 1 << (STRETCH_BITS - 3)), np.uint8)
        for stretch in range(STRETCHES):
            read = _stretch(hashes, stretch)
            order = np.argsort(read, kind="stable")
            values[stretch], places[stretch] = read[order], order
            occurs = np.zeros(1 << STRETCH_BITS, np.bool_)
            occurs[read] = True
            bitmaps[stretch] = np.packbits(occurs, bitorder="little")
        return cls(hashes, values, places, bitmaps)

    def search(
        self, queries: NDArray[np.uint8], radius: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """All pairs within the radius, in bits.

        Args:
            queries: shape (queries, 32).
            radius: 0 to 31.

        Returns:
            Place of the query, place of the hash, and their distance, ordered by the three.

        Raises:
            ValueError: the radius is not 0 to 31.
        """
        if not 0 <= radius <= MAX_RADIUS:
            raise ValueError(f"a radius of {radius} bits; expected 0 to {MAX_RADIUS}")
        found = [np.empty((0, 3), np.int64)]
        for start in range(0, len(queries), _BATCH):
            batch = queries[start : start + _BATCH]
            asked, places = self._candidates(batch)
            distances = _distances(batch[asked], self.hashes[places])
            near = distances <= radius
            found.append(np.stack([asked[near] + start, places[near], distances[near]], axis=1))
        pairs = np.unique(np.concatenate(found), axis=0)
        return pairs[:, 0], pairs[:, 1], pairs[:, 2]

    def _candidates(
        self, queries: NDArray[np.uint8]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if not self.values.shape[1]:
            asked, places = np.indices((len(queries), len(self.hashes)))
            return asked.ravel(), places.ravel()
        flips = _flips()
        all_asked, all_places = [], []
        for stretch in range(STRETCHES):
            probes = (_stretch(queries, stretch)[:, None] ^ flips).ravel()
            bitmap = self.bitmaps[stretch]
            hit = np.flatnonzero((bitmap[probes >> 3] >> (probes & 7).astype(np.uint8)) & 1)
            values = self.values[stretch]
            first = np.searchsorted(values, probes[hit], "left")
            length = np.searchsorted(values, probes[hit], "right") - first
            spread = np.repeat(first - np.cumsum(length) + length, length)
            spread += np.arange(len(spread))
            all_asked.append(np.repeat(hit // len(flips), length))
            all_places.append(self.places[stretch][spread].astype(np.int64))
        return np.concatenate(all_asked), np.concatenate(all_places)


def _flips() -> NDArray[np.uint32]:
    """Every change of up to 2 of the 23 bits: 277 of them."""
    return np.array(
        [
            sum(1 << bit for bit in bits)
            for count in range(_FLIPS + 1)
            for bits in combinations(range(STRETCH_BITS), count)
        ],
        np.uint32,
    )


def _stretch(hashes: NDArray[np.uint8], stretch: int) -> NDArray[np.uint32]:
    """The stretch's 23 bits of each hash as a number."""
    byte, shift = divmod(stretch * STRETCH_BITS, 8)
    wide = np.zeros((len(hashes), 4), np.uint8)
    part = hashes[:, byte : byte + 4]
    wide[:, : part.shape[1]] = part
    mask = np.uint32((1 << STRETCH_BITS) - 1)
    read: NDArray[np.uint32] = (wide.view("<u4").ravel() >> np.uint32(shift)) & mask
    return read


def _distances(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.int64]:
    wide = np.ascontiguousarray(left).view(np.uint64) ^ np.ascontiguousarray(right).view(np.uint64)
    total: NDArray[np.int64] = np.bitwise_count(wide).sum(axis=1, dtype=np.int64)
    return total
