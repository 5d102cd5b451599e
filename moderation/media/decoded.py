"""A post after the media stage: what the classifier can look at, and what it cannot and why."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from moderation.media.audio import Samples
from moderation.media.decoder import MediaDecoder, ThreadDecoder, needs_child
from moderation.media.errors import (
    HashMismatchError,
    MediaError,
    MediaTooLargeError,
    MissingMediaError,
)
from moderation.media.images import Pixels
from moderation.media.limits import MediaLimits
from schemas import FoundText, Media, Modality, NotScanned, NotScannedReason, Post

Decoded = TypeVar("Decoded")

Blob = bytes | MediaError
"""The bytes of a medium, or why there are none."""


@dataclass(frozen=True, slots=True)
class MediaKey:
    """Names one medium of a post: its modality and its place in ``images`` or ``audio``."""

    modality: Modality
    index: int


@dataclass(frozen=True, slots=True)
class DecodedPost:
    """What the classifier gets.

    Attributes:
        post_id: of the post.
        text: None when there is none, or only white space.
        images: RGB, uint8, each of shape (height, width, 3); of the shape that its model takes,
            once a scorer has prepared them.
        audio: mono 16 kHz float32 in -1..1, each of shape (samples,).
        not_scanned: what is missing from the above, and why.
        image_places: for each of ``images`` its place in the post; 0, 1, 2 ... if left out.
        audio_places: likewise for ``audio``.
        found_texts: what was read in pictures and heard in sounds: an entry for each that was
            read, empty where it holds no words. None of those that nobody read.
    """

    post_id: str
    text: str | None = None
    images: tuple[Pixels, ...] = ()
    audio: tuple[Samples, ...] = ()
    not_scanned: tuple[NotScanned, ...] = ()
    image_places: tuple[int, ...] | None = None
    audio_places: tuple[int, ...] | None = None
    found_texts: tuple[FoundText, ...] = ()

    def place(self, modality: Modality, number: int) -> int:
        """The place in the post of the given decoded medium; 0 for text."""
        places = {Modality.IMAGE: self.image_places, Modality.AUDIO: self.audio_places}
        known = places.get(modality)
        return number if known is None else known[number]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        return self.text is None and not self.images and not self.audio


def is_hostile(blobs: Mapping[MediaKey, Blob]) -> bool:
    """Whether decoding takes a child (:class:`GuardedDecoder`), and so perhaps its whole time."""
    return needs_child(
        (key.modality, blob) for key, blob in blobs.items() if isinstance(blob, bytes)
    )


def decode_post(
    post: Post,
    blobs: Mapping[MediaKey, Blob],
    limits: MediaLimits,
    decoder: MediaDecoder | None = None,
) -> DecodedPost:
    """Decode all media of a post. Blocks for the time of it: call it in a thread.

    Never raises for a bad medium, see :func:`decode_content`; bytes without the promised sha256
    are bad.

    Args:
        post: the post.
        blobs: what :func:`~moderation.media.gather_media` brought.
        limits: on each medium.
        decoder: where media are decoded; in this thread, if left out.
    """
    images = [
        _promised(medium, blobs.get(MediaKey(Modality.IMAGE, index)))
        for index, medium in enumerate(post.images)
    ]
    audio = [
        _promised(medium, blobs.get(MediaKey(Modality.AUDIO, index)))
        for index, medium in enumerate(post.audio)
    ]
    return decode_content(post.post_id, post.text, images, audio, limits, decoder=decoder)


def decode_content(
    post_id: str,
    text: str | None,
    images: Sequence[Blob],
    audio: Sequence[Blob],
    limits: MediaLimits,
    *,
    decoder: MediaDecoder | None = None,
) -> DecodedPost:
    """Decode content that is not, or not yet, a post. Blocks for the time of it.

    Never raises for a bad medium: that becomes an entry of ``not_scanned``, as does an animation
    of which only the first frame is looked at, or a sound of which only the beginning is
    (``truncated``). Whether that degrades the verdict is the policy's to say.

    Args:
        post_id: names the content.
        text: as it was posted.
        images: bytes, or why there are none.
        audio: likewise.
        limits: on each medium.
        decoder: where media are decoded; in this thread, if left out.
    """
    text = text if text and not text.isspace() else None
    if not images and not audio:
        return DecodedPost(post_id, text, image_places=(), audio_places=())
    decoder = decoder or ThreadDecoder()
    not_scanned: list[NotScanned] = []
    pictures = _decoded(Modality.IMAGE, images, decoder.image, limits, not_scanned)
    sounds = _decoded(Modality.AUDIO, audio, decoder.audio, limits, not_scanned)
    for index, picture in pictures.items():
        if picture.is_animated:
            detail = "only the first frame of the animation was looked at"
            not_scanned.append(_truncated(Modality.IMAGE, index, detail))
    for index, sound in sounds.items():
        if sound.is_cut:
            detail = f"the first {limits.kept_seconds:g} s of {sound.seconds:.0f} s were heard"
            not_scanned.append(_truncated(Modality.AUDIO, index, detail))
    return DecodedPost(
        post_id=post_id,
        text=text,
        images=tuple(picture.pixels for picture in pictures.values()),
        audio=tuple(sound.samples for sound in sounds.values()),
        not_scanned=tuple(not_scanned),
        image_places=tuple(pictures),
        audio_places=tuple(sounds),
    )


def _decoded(
    modality: Modality,
    blobs: Sequence[Blob],
    decode: Callable[[bytes, MediaLimits], Decoded],
    limits: MediaLimits,
    not_scanned: list[NotScanned],
) -> dict[int, Decoded]:
    """The media that could be decoded, by their place; the others are put on the list."""
    whole = {}
    for index, blob in enumerate(blobs):
        try:
            whole[index] = decode(_within_limits(blob, limits), limits)
        except MediaError as error:
            not_scanned.append(error.not_scanned(modality, index))
    return whole


def _within_limits(blob: Blob, limits: MediaLimits) -> bytes:
    if isinstance(blob, MediaError):
        raise blob
    if len(blob) > limits.max_bytes:
        raise MediaTooLargeError(
            f"{len(blob):,} bytes are over the limit of {limits.max_bytes:,}; send less"
        )
    return blob


def _promised(medium: Media, blob: Blob | None) -> Blob:
    if blob is None:
        return MissingMediaError("the medium was not fetched")
    if isinstance(blob, MediaError) or medium.sha256 is None:
        return blob
    if hashlib.sha256(blob).hexdigest() != medium.sha256:
        return HashMismatchError("the bytes do not have the promised sha256; post it again")
    return blob


def _truncated(modality: Modality, index: int, detail: str) -> NotScanned:
    return NotScanned(
        modality=modality, index=index, reason=NotScannedReason.TRUNCATED, detail=detail
    )
