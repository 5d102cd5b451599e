"""Fingerprints of texts that stay near when the text changes a little: one-bit MinHash.

A text is the set of its stretches of 5 folded characters. Of each of 256 hash functions over the
set, one bit of the minimum is kept (b-bit minwise hashing, Li & König 2010), so two texts whose
sets have Jaccard similarity J differ in 256 (1 - J) / 2 bits on average: 31 bits are J = 0.76.
The fingerprints are searched by the same complete index as PDQ hashes.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules.banks.hamming import HASH_BITS
from rules.banks.match import TextHash
from rules.matchers import Folder

SHINGLE: Final = 5
"""Characters a stretch: about a word in English; in Chinese, whose characters fold with spaces
between them, two or three characters."""

MIN_CHARS: Final = 24
"""Folded characters below which one edit changes most stretches; only exact matches are meant."""

_FACTORS: Final = np.random.default_rng(20_231).integers(
    1, 2**63, size=(2, HASH_BITS), dtype=np.uint64
)
"""Of the hash functions x -> factor x + term. Part of the fingerprint: never to change."""

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)


def text_sha256(text: str, folder: Folder) -> str:
    """sha256 of the text as it folds, so that case, spacing and disguise make no difference."""
    return hashlib.sha256(folder.fold(text).encode("utf-8", "surrogatepass")).hexdigest()


def text_fingerprint(text: str, folder: Folder) -> bytes | None:
    """The text's fingerprint, 32 bytes, or ``None`` when it is too short for one."""
    folded = folder.fold(text)
    if len(folded) < MIN_CHARS:
        return None
    bits = (_minima(shingles(folded)) & np.uint64(1)).astype(np.uint8)
    return np.packbits(bits).tobytes()


def text_hash(text: str, folder: Folder) -> TextHash:
    """Both fingerprints of a text."""
    return TextHash(text_sha256(text, folder), text_fingerprint(text, folder))


def shingles(text: str) -> NDArray[np.uint64]:
    """Hashes of the stretches of a folded text, each once, ascending; shape = (n,)."""
    return np.unique(stretches(text))


def stretches(text: str) -> NDArray[np.uint64]:
    """Hashes of the stretches of a folded text, in their order; shape = (n,)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    count = len(codes) - SHINGLE + 1
    hashed = np.zeros(count, np.uint64)
    for place in range(SHINGLE):
        hashed = hashed * _BASE + codes[place : place + count]
    hashed = (hashed ^ (hashed >> np.uint64(31))) * _MIX
    mixed: NDArray[np.uint64] = hashed ^ (hashed >> np.uint64(29))
    return mixed


def _minima(shingles: NDArray[np.uint64]) -> NDArray[np.uint64]:
    factors, terms = _FACTORS
    hashed = (shingles[:, None] * (factors | np.uint64(1)) + terms) >> np.uint64(32)
    lowest: NDArray[np.uint64] = hashed.min(axis=0)
    return lowest
