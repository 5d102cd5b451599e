"""Whether two escalations are near-identical: the same media, and nearly the same text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from rules.banks import text_fingerprint, text_sha256
from rules.matchers import Folder
from schemas import Escalation, content_hash

NEAR_BITS: Final = 24
"""Bits of 256 in which the fingerprints of like texts differ at most: on average those of texts
whose stretches of five characters have a Jaccard similarity of 0.81. A bank asks for 31; here one
decision goes for all, so it is less."""

BAND_BYTES: Final = 2
"""Of a fingerprint's 16 bands, each of which is a key. Texts with at most 15 bits between them
share one for certain; at 24 bits, 39 of 40 pairs do."""

KEY_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Likeness:
    """What an item is compared by."""

    keys: tuple[int, ...]
    """Like items share one; each covers queue, category and media, so these are always the same."""
    near: bytes | None
    """The text's fingerprint, 32 bytes; None where it is too short for one: then the key tells."""

    def is_like(self, other: bytes | None) -> bool:
        """Whether an item that shares a key, by its fingerprint, is near-identical."""
        if self.near is None or other is None:
            return self.near is other
        return distance(self.near, other) <= NEAR_BITS


def distance(one: bytes, other: bytes) -> int:
    """The number of bits in which two fingerprints differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def likeness(escalation: Escalation, category: str | None, folder: Folder) -> Likeness | None:
    """The item's likeness; None where it is to be judged by itself.

    That is a post of the audit sample, as figures are estimated from it, and one with a medium that
    can change behind its address.
    """
    post = escalation.post
    media = content_hash(post.model_copy(update={"text": None}))
    if escalation.verdict.sampling.sampled or media is None:
        return None
    text = post.text or ""
    near = text_fingerprint(text, folder)
    bands = [text_sha256(text, folder)] if near is None else _bands(near)
    common = [escalation.queue, category, media]
    keys = {_key([*common, number, band]) for number, band in enumerate(bands)}
    return Likeness(tuple(sorted(keys)), near)


def _bands(near: bytes) -> list[str]:
    return [near[at : at + BAND_BYTES].hex() for at in range(0, len(near), BAND_BYTES)]


def _key(parts: list[str | int | None]) -> int:
    digest = hashlib.blake2b(json.dumps(parts).encode(), digest_size=KEY_BYTES).digest()
    return int.from_bytes(digest, signed=True)
