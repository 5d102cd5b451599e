"""Whether two escalations are near-identical: nearly the same text and pictures, equal sounds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rules.banks import text_fingerprint, text_sha256
from rules.matchers import Folder
from schemas import Escalation, content_hash

NEAR_BITS: Final = 24
"""Bits of 256 in which the fingerprints of like texts differ at most: on average those of texts
whose stretches of five characters have a Jaccard similarity of 0.81. A bank asks for 31; here one
decision goes for all, so it is less."""

NEAR_PICTURE_BITS: Final = 24
"""Of 256 in which PDQ hashes of like pictures differ at most; PDQ's authors match at 31. Of 40 made
pictures as smooth as photographs, JPEG and WebP of low quality changed 8 at most, brightness 12,
half the size 30. Another caption changed 8 to 28: so a person sees what is put together."""

HASH_BYTES: Final = 32

BAND_BYTES: Final = 2
"""Of a fingerprint's 16 bands, each of which is a key. Fingerprints with at most 15 bits between
them share one for certain; at 24 bits, 39 of 40 pairs do."""

KEY_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Likeness:
    """What an item is compared by."""

    keys: tuple[int, ...]
    """Like items share one. Each covers queue, category and sounds, so these are always the same,
    and whatever is not compared by fingerprints."""
    near: bytes | None
    """The text's fingerprint, 32 bytes; None where it is too short for one: then the key tells."""
    pictures: bytes | None = None
    """Their hashes, 32 bytes each; None where they are the same by sha256: then the key tells."""

    def is_like(self, near: bytes | None, pictures: bytes | None) -> bool:
        """Whether an item that shares a key, by its fingerprints, is near-identical."""
        return _within(self.near, near, NEAR_BITS) and _within(
            self.pictures, pictures, NEAR_PICTURE_BITS
        )


def distance(one: bytes | None, other: bytes | None) -> int:
    """The number of bits in which two fingerprints differ; without them the keys have told: 0."""
    if one is None or other is None:
        return 0
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def compares_pictures(escalation: Escalation) -> bool:
    """Whether hashes of its pictures are of use, see :func:`likeness`."""
    return bool(escalation.post.images) and not escalation.verdict.sampling.sampled


def likeness(
    escalation: Escalation, category: str | None, folder: Folder, pictures: bytes | None = None
) -> Likeness | None:
    """The item's likeness; None where it is to be judged by itself.

    That is a post of the audit sample, as figures are estimated from it, and one with a medium that
    can change behind its address.

    Args:
        escalation: the item's.
        category: its leading one.
        folder: of texts.
        pictures: the hash of each picture of the post, 32 bytes each. Without them pictures are
            alike only if they are the same.
    """
    post = escalation.post
    media = content_hash(post.model_copy(update={"text": None}))
    if escalation.verdict.sampling.sampled or media is None:
        return None
    text = post.text or ""
    near = text_fingerprint(text, folder)
    short = text_sha256(text, folder) if near is None else None
    if pictures:
        sounds = content_hash(post.model_copy(update={"text": None, "images": ()}))
        common = [escalation.queue, category, sounds, len(post.images), short]
        return Likeness(_keys(common, pictures[:HASH_BYTES]), near, pictures)
    common = [escalation.queue, category, media]
    keys = _keys(common, near) if near is not None else (_key([*common, 0, short]),)
    return Likeness(keys, near)


def _within(one: bytes | None, other: bytes | None, bits: int) -> bool:
    if one is None or other is None:
        return one is other
    if len(one) != len(other):
        return False
    pairs = zip(_each(one), _each(other), strict=True)
    return all(distance(left, right) <= bits for left, right in pairs)


def _each(hashes: bytes) -> Iterator[bytes]:
    return (hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))


def _keys(common: list[str | int | None], fingerprint: bytes) -> tuple[int, ...]:
    bands = (fingerprint[at : at + BAND_BYTES].hex() for at in range(0, HASH_BYTES, BAND_BYTES))
    return tuple(sorted({_key([*common, number, band]) for number, band in enumerate(bands)}))


def _key(parts: list[str | int | None]) -> int:
    digest = hashlib.blake2b(json.dumps(parts).encode(), digest_size=KEY_BYTES).digest()
    return int.from_bytes(digest, signed=True)
