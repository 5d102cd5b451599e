"""Posts with the words that stand in their pictures and are said in their sounds."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from moderation.media import DecodedPost, MediaLimits, shrink
from moderation.reading.port import PictureReader, Transcriber
from schemas import MAX_TEXT_LENGTH, FoundText, Modality, NotScanned, NotScannedReason

log = logging.getLogger(__name__)

READ_SIDE_PX: Final = 960
"""Longer side of a picture that is read: at the 512 that the classifier looks at, small print is
lost (``bench/ocr.py``)."""

Medium = TypeVar("Medium")


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads pictures and who hears words; None where nobody does."""

    picture: PictureReader | None = None
    transcriber: Transcriber | None = None

    def decoding(self, limits: MediaLimits) -> MediaLimits:
        """The limits under which pictures are decoded, so that small print survives."""
        if self.picture is None:
            return limits
        side = max(limits.kept_side_px, READ_SIDE_PX)
        return dataclasses.replace(limits, kept_side_px=side)


@dataclass(slots=True)
class _Found:
    texts: list[FoundText] = field(default_factory=list)
    failures: list[NotScanned] = field(default_factory=list)


def with_words(post: DecodedPost, readers: Readers, limits: MediaLimits) -> DecodedPost:
    """Read the post's pictures and sounds. Blocks for the time of it: call it in a thread.

    A picture or sound on which its reader raises is an entry of ``not_scanned`` (``truncated``: it
    was looked at, but not read). Where there is no reader there is neither entry nor text.

    Args:
        post: decoded under ``readers.decoding(limits)``.
        readers: who reads.
        limits: to whose ``kept_side_px`` the pictures are shrunk afterwards.
    """
    if not post.images and not post.audio:
        return post
    found = _Found()
    if readers.picture is not None:
        for index, pixels in _media(post, Modality.IMAGE, post.images):
            _read(Modality.IMAGE, index, readers.picture.read, pixels, found)
    if readers.transcriber is not None:
        for index, samples in _media(post, Modality.AUDIO, post.audio):
            _read(Modality.AUDIO, index, readers.transcriber.transcribe, samples, found)
    return dataclasses.replace(
        post,
        images=tuple(shrink(pixels, limits.kept_side_px) for pixels in post.images),
        found_texts=tuple(found.texts),
        not_scanned=(*post.not_scanned, *found.failures),
    )


def _media(
    post: DecodedPost, modality: Modality, media: tuple[Medium, ...]
) -> Iterator[tuple[int, Medium]]:
    for number, medium in enumerate(media):
        yield post.place(modality, number), medium


def _read(
    modality: Modality, index: int, read: Callable[[Medium], str], medium: Medium, into: _Found
) -> None:
    try:
        text = read(medium)
    except Exception as error:  # whatever a reader meets, the post is judged without its words
        log.warning("the words in a medium could not be read", exc_info=True)
        detail = f"the words in it could not be read ({type(error).__name__})"
        into.failures.append(
            NotScanned(
                modality=modality, index=index, reason=NotScannedReason.TRUNCATED, detail=detail
            )
        )
    else:
        into.texts.append(FoundText(modality=modality, index=index, text=_storable(text)))


def _storable(text: str) -> str:
    """What the contract can carry; a reader may answer anything."""
    clean = text.replace("\x00", "").encode(errors="ignore").decode()
    return clean.strip()[:MAX_TEXT_LENGTH]
