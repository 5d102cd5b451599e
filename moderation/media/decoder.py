"""Where a medium is decoded: in the calling thread, or in a child that can be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from moderation.media.audio import DecodedAudio, decode_audio
from moderation.media.errors import MediaError, MediaTooLargeError
from moderation.media.hostile import is_plain_audio, is_plain_image
from moderation.media.images import DecodedImage, decode_image
from moderation.media.isolation import DecodingPool
from moderation.media.limits import MediaLimits
from schemas import Modality

Decoded = TypeVar("Decoded")


class MediaDecoder(Protocol):
    """Turns bytes into pixels and samples; blocks for the time of it."""

    def image(self, raw: bytes, limits: MediaLimits) -> DecodedImage:
        """Pixels, or :class:`~moderation.media.MediaError` with the reason."""
        ...

    def audio(self, raw: bytes, limits: MediaLimits) -> DecodedAudio:
        """Samples, or :class:`~moderation.media.MediaError` with the reason."""
        ...


class ThreadDecoder:
    """Decodes everything where it is called: for files of one's own, where hanging is no harm."""

    def image(self, raw: bytes, limits: MediaLimits) -> DecodedImage:
        """As :func:`~moderation.media.decode_image`."""
        return decode_image(raw, limits)

    def audio(self, raw: bytes, limits: MediaLimits) -> DecodedAudio:
        """As :func:`~moderation.media.decode_audio`."""
        return decode_audio(raw, limits)


class GuardedDecoder:
    """Decodes plain files where it is called, all others in a child. One for each post.

    Args:
        pool: of children.
        seconds: that all media of the post together may take in children; twenty bombs in a post
            cost no more than one.
        trusts_nothing: whether plain files go to a child as well.
    """

    def __init__(self, pool: DecodingPool, *, seconds: float, trusts_nothing: bool = False) -> None:
        self._pool = pool
        self._seconds = self._left = seconds
        self._trusts_nothing = trusts_nothing

    def image(self, raw: bytes, limits: MediaLimits) -> DecodedImage:
        """As :func:`~moderation.media.decode_image`, or why it was stopped."""
        if not self._trusts_nothing and is_plain_image(raw):
            return decode_image(raw, limits)
        return self._isolated(self._pool.image, raw, limits)

    def audio(self, raw: bytes, limits: MediaLimits) -> DecodedAudio:
        """As :func:`~moderation.media.decode_audio`, or why it was stopped."""
        if not self._trusts_nothing and is_plain_audio(raw):
            return decode_audio(raw, limits)
        return self._isolated(self._pool.audio, raw, limits)

    def _isolated(
        self,
        decode: Callable[[bytes, MediaLimits, float], Decoded],
        raw: bytes,
        limits: MediaLimits,
    ) -> Decoded:
        if self._left <= 0:
            raise MediaTooLargeError(
                f"the post's media before it took all of its {self._seconds:g} s to decode; "
                "send simpler files"
            )
        begin = time.monotonic()
        try:
            return decode(raw, limits, self._left)
        finally:
            self._left -= time.monotonic() - begin


def needs_child(media: Iterable[tuple[Modality, bytes]]) -> bool:
    """Whether one of the media is not plain. What is no medium is refused without a child."""
    return any(not _is_plain(modality, raw) for modality, raw in media)


def _is_plain(modality: Modality, raw: bytes) -> bool:
    try:
        return is_plain_image(raw) if modality is Modality.IMAGE else is_plain_audio(raw)
    except MediaError:
        return True
