"""What encoders said of pieces before: reposts are most of real traffic."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from torch import Tensor

from moderation.inference.pieces import Piece

DEFAULT_CACHE_BYTES: Final = 64 * 1024 * 1024
"""About 40,000 vectors of 384 numbers: hours of what goes round on a busy platform."""

_KEY_BYTES: Final = 16
"""Of a hash: 2**64 pieces until two are likely to share one."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """What an encoder says of a piece.

    Attributes:
        vector: float32, shape = (width of the encoder,).
        said: what is spoken in a sound, spelt by ear; empty for all else.
    """

    vector: Tensor
    said: str = ""


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """How often a piece was known, and how often it had to be encoded."""

    hits: int
    misses: int


class EmbeddingCache:
    """Encodings by the content of their piece; the least recently used are forgotten first.

    A cache belongs to one model on one device. Several threads may use it.

    Args:
        max_bytes: of the vectors, in the memory of the device; 0 remembers nothing.
    """

    def __init__(self, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._known: OrderedDict[bytes, Encoding] = OrderedDict()
        self._hits = self._misses = 0
        self._lock = threading.Lock()

    @property
    def counts(self) -> CacheCounts:
        """Since the beginning."""
        return CacheCounts(self._hits, self._misses)

    def get(self, key: bytes) -> Encoding | None:
        """The encoding of the piece with this key, if it is remembered."""
        with self._lock:
            encoding = self._known.get(key)
            if encoding is None:
                self._misses += 1
                return None
            self._hits += 1
            self._known.move_to_end(key)
            return encoding

    def put(self, key: bytes, encoding: Encoding) -> None:
        """Remember an encoding, and forget others until it fits."""
        size = encoding.vector.nbytes
        if size > self._max_bytes:
            return
        # A row of a batch would keep the whole batch in memory.
        kept = replace(encoding, vector=encoding.vector.clone())
        with self._lock:
            if key in self._known:
                return
            self._known[key] = kept
            self._bytes += size
            while self._bytes > self._max_bytes:
                _, forgotten = self._known.popitem(last=False)
                self._bytes -= forgotten.vector.nbytes


def content_key(piece: Piece) -> bytes:
    """The same for two pieces exactly when the encoder is given the same."""
    sample = piece.sample
    content: object
    if sample.image is not None:
        content = sample.image
    elif sample.audio is not None:
        content = sample.audio
    else:
        content = list(sample.text or ())
    array = np.ascontiguousarray(content)
    digest = hashlib.blake2b(digest_size=_KEY_BYTES)
    digest.update(f"{piece.modality}{array.shape}{array.dtype}".encode())
    digest.update(array.data)
    return digest.digest()
