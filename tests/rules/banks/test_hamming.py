"""Every hash within the radius is found, and none beyond it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from rules.banks.hamming import MAX_RADIUS, HammingIndex

Row = npt.NDArray[np.uint8]


def _flip(row: Row, count: int, rng: np.random.Generator) -> Row:
    bits = np.unpackbits(row)
    bits[rng.choice(256, count, replace=False)] ^= 1
    return np.packbits(bits)


@pytest.mark.parametrize("count", [0, 50, 6_000])
@pytest.mark.parametrize("radius", [0, 10, MAX_RADIUS])
def test_it_finds_what_comparing_with_all_finds(count: int, radius: int) -> None:
    rng = np.random.default_rng(count + radius)
    hashes = rng.integers(0, 256, (count, 32), np.uint8)
    near = [_flip(row, n % 40, rng) for n, row in enumerate(hashes[:80])]
    queries = np.concatenate([np.array(near, np.uint8).reshape(-1, 32), hashes[:3]])
    expected = {
        (q, int(h), int(d))
        for q, query in enumerate(queries)
        for h, d in enumerate(np.bitwise_count(hashes ^ query).sum(axis=1))
        if d <= radius
    }
    found = HammingIndex.build(hashes).search(queries, radius)
    assert set(zip(*(part.tolist() for part in found), strict=True)) == expected


def test_differences_spread_evenly_are_still_found() -> None:
    # The hardest case: no stretch of the hash is left with fewer than two changed bits.
    rng = np.random.default_rng(5)
    hashes = rng.integers(0, 256, (5_000, 32), np.uint8)
    for start in range(8):
        bits = np.unpackbits(hashes[7], bitorder="little")
        bits[start : start + 8 * MAX_RADIUS : 8] ^= 1
        query = np.packbits(bits, bitorder="little")[None]
        _, places, distances = HammingIndex.build(hashes).search(query, MAX_RADIUS)
        assert (7, MAX_RADIUS) in set(zip(places.tolist(), distances.tolist(), strict=True))


def test_a_radius_beyond_the_guarantee_is_refused() -> None:
    index = HammingIndex.build(np.zeros((1, 32), np.uint8))
    with pytest.raises(ValueError, match="expected 0 to 31"):
        index.search(np.zeros((1, 32), np.uint8), MAX_RADIUS + 1)
