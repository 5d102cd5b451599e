"""Keys under which nearly equal texts meet, so that who counts them need not compare them.

Locality-sensitive hashing (Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, 3.4): each key
is a hash of four minima of the text's stretches, so two texts whose sets have Jaccard similarity J
share one of three keys with probability 1 - (1 - J^4)^3: 0.96 at 0.9, 0.70 at 0.76, 0.18 at 0.5,
0.02 at 0.3.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np

from rules.banks.near_text import MIN_CHARS, stretches
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


def text_keys(text: str, folder: Folder) -> tuple[str, ...]:
    """The text's keys, 16 hexadecimal digits each; none when it is too short for any."""
    folded = folder.fold(text)
    if len(folded) < MIN_CHARS:
        return ()
    # A row a function, so that each minimum is over neighbours in memory.
    hashed = stretches(folded) * _FACTORS + _TERMS
    minima = hashed.min(axis=1).reshape(KEYS, MINIMA)
    return tuple(
        hashlib.blake2b(row.tobytes(), digest_size=KEY_BYTES, salt=bytes([number])).hexdigest()
        for number, row in enumerate(minima)
    )
