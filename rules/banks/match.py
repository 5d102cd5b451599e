"""What is looked up in banks, and what is found there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schemas import Action

Part: TypeAlias = Literal["text", "image", "audio", "post"]
"""The part of a post that a match is about; ``post`` is all of it together."""


@dataclass(frozen=True, slots=True)
class TextHash:
    """The fingerprints of a text; ``None`` where one was not taken."""

    sha256: str | None = None
    """Of the text as it folds, in lower-case hexadecimal."""
    near: bytes | None = None
    """For near-duplicates, 32 bytes; texts that are too short have none."""


@dataclass(frozen=True, slots=True)
class PictureHash:
    """The fingerprints of one picture; ``None`` where one could not be taken."""

    sha256: str | None = None
    """Of the file's bytes, in lower-case hexadecimal."""
    pdq: bytes | None = None
    """PDQ hash, 32 bytes."""
    quality: int = 100
    """PDQ quality, 0 to 100; a picture without structure has a low one."""


@dataclass(frozen=True)
class BankQuery:
    """What is known of one post."""

    key: str = ""
    """Names the post, so that a bank's ratio treats it alike every time."""
    text: TextHash | None = None
    images: Sequence[PictureHash] = ()
    audio: Sequence[str | None] = ()
    """sha256 of each sound's bytes."""
    embeddings: NDArray[np.float32] | None = None
    """The classifier's vectors of the whole post, shape = (views, width), of any length but zero;
    ``None`` where nobody took them."""


@dataclass(frozen=True, slots=True)
class BankMatch:
    """An entry of a bank that a part of the post matches."""

    bank: str
    modality: Part
    index: int
    """Which picture or sound, from 0; 0 for the post."""
    distance: float
    """0 for the same; bits (PDQ, near text) or 1 - cosine (embedding) otherwise."""
    action: Action
    """What the bank asks for; at most ``review`` while the entry is in quarantine or the bank in
    doubt."""
    entry: str
    """The entry's id in its bank."""
    quarantined: bool = False
    """Whether the entry matched too many posts at once."""
    doubted: bool = False
    """Whether reviewers have denied too many of the bank's matches."""
