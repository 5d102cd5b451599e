"""What somebody gave on the command line, as banks hold it and as they are asked about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from moderation.media import MediaLimits, decode_content, decode_image
from rules.banks import (
    MIN_QUALITY,
    BankError,
    BankKind,
    BankQuery,
    Part,
    PictureHash,
    dihedral_hashes,
    picture_hash,
    text_fingerprint,
    text_hash,
    text_sha256,
)
from rules.matchers import Folder

if TYPE_CHECKING:
    from moderation.scoring import PostScorer


@dataclass(frozen=True, slots=True)
class Content:
    """A text, a picture, a sound, or several of them as one post."""

    text: str | None = None
    image: Path | None = None
    audio: Path | None = None

    @property
    def parts(self) -> set[Part]:
        """Of posts, that there are; always the whole."""
        given: dict[Part, object] = {"text": self.text, "image": self.image, "audio": self.audio}
        return {"post", *(part for part, one in given.items() if one)}

    def check_given(self) -> None:
        """See that there is something.

        Raises:
            BankError: there is nothing.
        """
        if not self.text and self.image is None and self.audio is None:
            raise BankError("nothing to look at: give --text, --image or --audio")

    def rows(self, kind: BankKind, scorer: PostScorer | None) -> list[bytes]:
        """What a bank of this kind holds of it.

        Raises:
            BankError: the kind is of something else, or could not tell it from others.
            MediaError: the picture cannot be decoded.
        """
        if kind is BankKind.EMBEDDING and scorer is not None:
            return [row.tobytes() for row in self.vectors(scorer)]
        if kind is BankKind.TEXT and self.text:
            return [bytes.fromhex(text_sha256(self.text, Folder()))]
        if kind is BankKind.NEAR_TEXT and self.text:
            return [_near(self.text)]
        if kind is BankKind.PDQ and self.image:
            return _dihedral(self.image)
        if kind is BankKind.IMAGE and self.image:
            return [bytes.fromhex(_sha256(self.image))]
        if kind is BankKind.AUDIO and self.audio:
            return [bytes.fromhex(_sha256(self.audio))]
        raise BankError(f"a bank of kind {kind} takes {kind.part}: give --{kind.part}")

    def query(self, scorer: PostScorer | None) -> BankQuery:
        """What banks are asked about it; about its vectors with a scorer only."""
        images = []
        if self.image is not None:
            pdq, quality = picture_hash(_pixels(self.image))
            images.append(PictureHash(_sha256(self.image), pdq, quality))
        return BankQuery(
            text=None if self.text is None else text_hash(self.text, Folder()),
            images=images,
            audio=[_sha256(self.audio)] if self.audio else [],
            embeddings=None if scorer is None else self.vectors(scorer),
        )

    def vectors(self, scorer: PostScorer) -> NDArray[np.float32]:
        """The classifier's vectors of it as one post, shape = (views, width).

        Raises:
            BankError: some of it cannot be looked at.
        """
        images, audio = ([] if one is None else [one.read_bytes()] for one in self._media())
        post = decode_content("post", self.text, images, audio, MediaLimits())
        (scores,) = scorer.score([post], embed=True)
        if scores.not_scanned:
            missed = "; ".join(f"{gap.modality}: {gap.detail}" for gap in scores.not_scanned)
            raise BankError(f"the classifier did not see all of it: {missed}")
        if scores.embeddings is None or not len(scores.embeddings):
            raise BankError("there is nothing that the classifier could look at")
        return scores.embeddings

    def _media(self) -> tuple[Path | None, Path | None]:
        return self.image, self.audio


def _near(text: str) -> bytes:
    fingerprint = text_fingerprint(text, Folder())
    if fingerprint is None:
        raise BankError("the text is too short for near matches; use a bank of kind 'text'")
    return fingerprint


def _dihedral(image: Path) -> list[bytes]:
    hashes, quality = dihedral_hashes(_pixels(image))
    if quality < MIN_QUALITY:
        raise BankError(
            f"{image} has PDQ quality {quality}, {MIN_QUALITY} is needed: it shows too little "
            "to be told from others; use a bank of kind 'image'"
        )
    return list(dict.fromkeys(hashes))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _pixels(path: Path) -> NDArray[np.uint8]:
    # As the worker decodes: a hash taken otherwise would lie some bits away from its picture.
    return decode_image(path.read_bytes(), MediaLimits()).pixels
