"""Rows of banks: hashes of 256 bits, or unit vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rules.banks.errors import BankError
from rules.banks.hamming import HASH_BYTES
from rules.banks.settings import BankKind

_NUMBER_BYTES = 4
"""Of a float32."""


def parse_row(kind: BankKind, text: str) -> NDArray[np.generic]:
    """A row from its hexadecimal form.

    Raises:
        BankError: it is not hexadecimal, has not the length of its kind, or is no vector.
    """
    try:
        raw = bytes.fromhex(text)
    except ValueError as error:
        raise BankError(f"{text[:80]!r} is no hexadecimal number") from error
    if kind is BankKind.EMBEDDING:
        if len(raw) % _NUMBER_BYTES:
            raise BankError(f"{text[:80]!r} has {len(raw)} bytes, no whole float32 numbers")
        return unit(np.frombuffer(raw, "<f4"))
    if len(raw) != HASH_BYTES:
        raise BankError(f"{text[:80]!r} has {len(raw)} bytes; a {kind} hash has {HASH_BYTES}")
    return np.frombuffer(raw, np.uint8)


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector at length one.

    Raises:
        BankError: it is empty, zero, or not finite.
    """
    length = float(np.linalg.norm(vector))
    if not 0.0 < length < float("inf"):
        raise BankError("an embedding must be finite and not zero")
    scaled: NDArray[np.float32] = (vector / length).astype(np.float32)
    return scaled
