"""The fingerprints of a post's text and media, by which banks know what they have seen before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from moderation.media import Blob, DecodedPost, MediaKey, Pixels
from rules.banks import (
    BankKind,
    BankQuery,
    PictureHash,
    TextHash,
    picture_hash,
    text_fingerprint,
    text_sha256,
)
from rules.matchers import Folder
from schemas import Modality, NotScanned, NotScannedReason, Post
from workers.streams import get_logger

log = get_logger(__name__)

PRINT_KINDS: Final = frozenset(BankKind) - {BankKind.EMBEDDING}
"""What can be told from a post's bytes; vectors are the classifier's to give."""

TEXT_KINDS: Final = frozenset({BankKind.TEXT, BankKind.NEAR_TEXT})

Kinds = Callable[[], Collection[BankKind]]
"""The kinds of fingerprints that somebody needs at the moment."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What can be looked up of a post."""

    query: BankQuery
    """Its pictures and sounds stand at their places in the post, those without prints too."""
    failed: tuple[NotScanned, ...] = ()
    """Pieces of which no print could be taken, although they could be looked at."""
    kinds: frozenset[BankKind] = PRINT_KINDS
    """For which they were taken."""

    @property
    def looked_for(self) -> frozenset[BankKind]:
        """Kinds of banks that can be asked with them."""
        given = self.query.embeddings is not None
        return self.kinds | {BankKind.EMBEDDING} if given else self.kinds - {BankKind.EMBEDDING}


@dataclass(frozen=True)
class Fingerprinter:
    """Takes the fingerprints that are needed, and no others. Threads may share it."""

    kinds: Kinds
    folder: Folder = field(default_factory=Folder)

    @property
    def reads_text(self) -> bool:
        """Whether texts cost time: they do where a fingerprint of them is needed."""
        return not TEXT_KINDS.isdisjoint(self.kinds())

    def take(
        self, post: Post, decoded: DecodedPost, blobs: Mapping[MediaKey, Blob]
    ) -> Fingerprints:
        """The fingerprints of a post. Blocks for the time of it: call it in a thread.

        Args:
            post: the post.
            decoded: its media, as far as they could be decoded.
            blobs: their bytes, or why there are none.
        """
        kinds = frozenset(self.kinds())
        failed: list[NotScanned] = []
        pixels = {
            decoded.place(Modality.IMAGE, number): picture
            for number, picture in enumerate(decoded.images)
        }
        images = []
        for index in range(len(post.images)):
            raw = blobs.get(MediaKey(Modality.IMAGE, index))
            digest = _sha256(raw) if BankKind.IMAGE in kinds else None
            pdq, quality = None, 0
            if BankKind.PDQ in kinds and index in pixels:
                pdq, quality = _picture_hash(pixels[index], index, failed)
            images.append(PictureHash(digest, pdq, quality))
        audio = [
            _sha256(blobs.get(MediaKey(Modality.AUDIO, index))) if BankKind.AUDIO in kinds else None
            for index in range(len(post.audio))
        ]
        query = BankQuery(post.post_id, self.text_hash(post.text, kinds), images, audio)
        return Fingerprints(query, tuple(failed), kinds)

    def take_texts(self, posts: Iterable[Post]) -> list[Fingerprints]:
        """The fingerprints of posts without media, likewise."""
        kinds = frozenset(self.kinds())
        return [
            Fingerprints(BankQuery(post.post_id, self.text_hash(post.text, kinds)), (), kinds)
            for post in posts
        ]

    def text_hash(self, text: str | None, kinds: Collection[BankKind]) -> TextHash | None:
        """The fingerprints of a text that are needed; those of a short text are by sha256 alone."""
        if not text or TEXT_KINDS.isdisjoint(kinds):
            return None
        near = text_fingerprint(text, self.folder) if BankKind.NEAR_TEXT in kinds else None
        digest = text_sha256(text, self.folder) if BankKind.TEXT in kinds or near is None else None
        return TextHash(digest, near)


def _sha256(raw: Blob | None) -> str | None:
    return hashlib.sha256(raw).hexdigest() if isinstance(raw, bytes) else None


def _picture_hash(pixels: Pixels, index: int, failed: list[NotScanned]) -> tuple[bytes | None, int]:
    try:
        return picture_hash(pixels)
    except Exception:
        # Native code met pixels it does not take. The picture was judged by the classifier all the
        # same, so only the look-up is missed, and said to be.
        log.exception("a picture's fingerprint could not be taken", index=index)
        failed.append(unmatched(Modality.IMAGE, index, "its fingerprint could not be taken"))
        return None, 0


def unmatched(modality: Modality, index: int, why: str) -> NotScanned:
    """That a piece was judged by the classifier, but not looked up in the banks."""
    return NotScanned(
        modality=modality, index=index, reason=NotScannedReason.BANK_FAILED, detail=why
    )
