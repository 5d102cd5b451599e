"""Keys under which nearly equal texts meet, so that who counts them need not compare them.

Locality-sensitive hashing (Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, 3.4): each key
is a hash of four minima of the text's stretches, so two texts whose sets have Jaccard similarity J
share one of three keys with probability 1 - (1 - J^4)^3: 0.96 at 0.9, 0.70 at 0.76, 0.18 at 0.5,
0.02 at 0.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules.banks.near_text import MIN_CHARS, SHINGLE, stretches
from rules.matchers import Folder

KEYS: Final = 3

MINIMA: Final = 4
"""In a key."""

KEY_BYTES: Final = 8
"""Among a hundred million texts, two keys meet by chance alone once in a thousand times."""

_DRAWN: Final = np.random.default_rng(20_261).integers(
    1, 2**63, size=(2, KEYS * MINIMA, 1), dtype=np.uint64
)
_FACTORS: Final = _DRAWN[0] | np.uint64(1)
_TERMS: Final = _DRAWN[1]
"""Of the hash functions x -> factor x + term. Workers that differ in them never meet."""


_HASHERS: Final = tuple(
    hashlib.blake2b(digest_size=KEY_BYTES, salt=bytes([number])) for number in range(KEYS)
)
"""One a key, so that the same minima under another key are another hash."""

CHARS_AT_ONCE: Final = 16_384
"""Folded characters that are hashed together: their hashes stay in the processor's cache."""


def text_keys(texts: Iterable[str], folder: Folder) -> list[tuple[str, ...]]:
    """Each text's keys, 16 hexadecimal digits each; none when it is too short for any.

    Many at once cost a fraction of what they cost one by one (``python -m bench.banks``).
    """
    keys: list[tuple[str, ...]] = []
    waiting: list[str] = []
    chars = 0
    for text in texts:
        folded = folder.fold(text)
        if chars + len(folded) > CHARS_AT_ONCE:
            keys += _keys(waiting)
            waiting, chars = [], 0
        waiting.append(folded)
        chars += len(folded)
    return keys + _keys(waiting)


def _keys(folded: Sequence[str]) -> list[tuple[str, ...]]:
    long = [text for text in folded if len(text) >= MIN_CHARS]
    if not long:
        return [()] * len(folded)
    raw = _minima(long).tobytes()
    width = len(raw) // (len(long) * KEYS)
    keys = [
        _key(_HASHERS[place % KEYS], raw[start : start + width])
        for place, start in enumerate(range(0, len(raw), width))
    ]
    found = iter([tuple(keys[first : first + KEYS]) for first in range(0, len(keys), KEYS)])
    return [next(found) if len(text) >= MIN_CHARS else () for text in folded]


def _minima(folded: Sequence[str]) -> NDArray[np.uint64]:
    """Of each hash function over the stretches of each text; shape = (texts, functions)."""
    lengths = np.array([len(text) for text in folded])
    starts = np.cumsum(lengths) - lengths
    # Between two texts lie stretches of both, which belong to neither.
    ends = starts + lengths - SHINGLE + 1
    edges = np.stack((starts, ends), axis=1).ravel()[:-1]
    hashed = stretches("".join(folded))
    return np.stack(
        [
            np.minimum.reduceat(hashed * factor + term, edges)[::2]
            for factor, term in zip(_FACTORS, _TERMS, strict=True)
        ],
        axis=1,
    )


def _key(hasher: hashlib.blake2b, minima: bytes) -> str:
    hasher = hasher.copy()
    hasher.update(minima)
    return hasher.hexdigest()
