"""Entries of one kind, indexed: the base of a bank, or what was added since."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from rules.banks.hamming import HammingIndex
from rules.banks.settings import BankKind


class Shelf(Protocol):
    """Finds the rows near to queries."""

    def search(self, queries: NDArray[np.generic], reach: float) -> list[list[tuple[int, float]]]:
        """For each query the rows within reach, with their distance."""
        ...


@dataclass(frozen=True)
class ExactShelf:
    """Digests of 32 bytes, found by bisection over their first 8 bytes."""

    rows: NDArray[np.uint8]
    heads: NDArray[np.uint64]
    """In order."""
    places: NDArray[np.uint32]

    @classmethod
    def build(cls, rows: NDArray[np.uint8]) -> ExactShelf:
        """Index digests, shape (count, 32)."""
        heads = _heads(rows)
        places = np.argsort(heads, kind="stable").astype(np.uint32)
        return cls(rows, heads[places], places)

    def search(self, queries: NDArray[np.generic], reach: float) -> list[list[tuple[int, float]]]:
        """The equal rows; there is no reach beyond that."""
        del reach
        asked = np.asarray(queries, np.uint8)
        heads = _heads(asked)
        first = np.searchsorted(self.heads, heads, "left")
        after = np.searchsorted(self.heads, heads, "right")
        return [
            [
                (int(place), 0.0)
                for place in self.places[start:end]
                if np.array_equal(self.rows[place], query)
            ]
            for query, start, end in zip(asked, first, after, strict=True)
        ]


@dataclass(frozen=True)
class HammingShelf:
    """Hashes of 256 bits."""

    index: HammingIndex

    def search(self, queries: NDArray[np.generic], reach: float) -> list[list[tuple[int, float]]]:
        """Rows within ``reach`` bits."""
        found: list[list[tuple[int, float]]] = [[] for _ in queries]
        asked, places, distances = self.index.search(np.asarray(queries, np.uint8), int(reach))
        for query, place, distance in zip(asked, places, distances, strict=True):
            found[query].append((int(place), float(distance)))
        return found


class CosineShelf:
    """Unit vectors, compared with all of them by FAISS."""

    def __init__(self, rows: NDArray[np.float32]) -> None:
        self._index = faiss.IndexFlatIP(rows.shape[1])
        self._index.add(np.ascontiguousarray(rows))

    def search(self, queries: NDArray[np.generic], reach: float) -> list[list[tuple[int, float]]]:
        """Rows with ``1 - cosine`` of at most ``reach``."""
        asked = np.ascontiguousarray(queries, np.float32)
        # FAISS leaves out what is at the radius itself.
        limits, cosines, places = self._index.range_search(
            asked, float(np.nextafter(np.float32(1 - reach), np.float32(-2)))
        )
        return [
            [
                (int(place), max(0.0, 1.0 - float(cosine)))
                for place, cosine in zip(places[start:end], cosines[start:end], strict=True)
            ]
            for start, end in pairwise(limits)
        ]


def build_shelf(kind: BankKind, rows: NDArray[np.generic]) -> Shelf:
    """The index that the kind is searched by."""
    if kind is BankKind.EMBEDDING:
        return CosineShelf(np.asarray(rows, np.float32))
    digests = np.asarray(rows, np.uint8)
    return HammingShelf(HammingIndex.build(digests)) if kind.hamming else ExactShelf.build(digests)


def _heads(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    heads: NDArray[np.uint64] = np.ascontiguousarray(rows[:, :8]).view(np.uint64).ravel()
    return heads
