"""Media for the reviewer's eyes and ears: from the escalation itself or the object store.

Nothing is ever fetched from an address in a post. The type is told by the bytes, never by the post,
and only formats that a browser shows without running anything are served.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image, UnidentifiedImageError

from moderation.media import MediaError, MediaFetcher, MediaLimits, decode_audio
from schemas import Media, Modality, NotScanned, NotScannedReason, Post
from workers.review.errors import MediaUnavailableError
from workers.review.web.sound_picture import sound_picture

IMAGE_TYPES: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
"""By Pillow's names. SVG is left out: it can carry scripts."""

MPEG_SYNC: Final = 0xFFE0
"""The eleven set bits that an MPEG audio frame begins with, ISO/IEC 11172-3."""


@dataclass(frozen=True, slots=True)
class ShownMedia:
    """Bytes and the type to serve them as."""

    content: bytes
    content_type: str


class MediaShelf:
    """Finds a medium, checks it, and says what type it is.

    Args:
        fetcher: for inline data and object-store keys; it must have no way to the web.
        limits: pictures with more pixels are not sent to a browser.
    """

    def __init__(self, fetcher: MediaFetcher, limits: MediaLimits) -> None:
        self._fetcher = fetcher
        self._limits = limits

    async def open(self, modality: Modality, media: Media) -> ShownMedia:
        """The medium, ready to serve.

        Raises:
            MediaUnavailableError: it is elsewhere, gone, altered, too large or of no known format.
        """
        if media.url is not None:
            raise MediaUnavailableError(
                "It lies at an outside address, which the console does not visit."
            )
        try:
            content = await self._fetcher.fetch(media)
        except MediaError as error:
            raise MediaUnavailableError(f"It cannot be had: {error}.") from error
        if len(content) > self._limits.max_bytes:
            raise MediaUnavailableError(
                f"It has {len(content):,} bytes, over the limit of {self._limits.max_bytes:,}."
            )
        if media.sha256 is not None and hashlib.sha256(content).hexdigest() != media.sha256:
            raise MediaUnavailableError("The stored bytes are not those that were posted.")
        if modality is Modality.IMAGE:
            return ShownMedia(content, self._image_type(content))
        return ShownMedia(content, _audio_type(content))

    async def picture(self, sound: Media) -> ShownMedia:
        """The whole sound as a picture.

        Raises:
            MediaUnavailableError: it cannot be had, see :meth:`open`, or not be decoded here.
        """
        shown = await self.open(Modality.AUDIO, sound)
        limits = replace(self._limits, kept_seconds=self._limits.max_seconds)
        try:
            decoded = await asyncio.to_thread(decode_audio, shown.content, limits)
        except MediaError as error:
            raise MediaUnavailableError(f"It cannot be drawn: {error}.") from error
        drawn = await asyncio.to_thread(sound_picture, decoded.samples)
        return ShownMedia(drawn, "image/png")

    async def unseen(self, post: Post) -> tuple[NotScanned, ...]:
        """The media of the post that cannot be shown."""
        found = []
        for modality, pieces in ((Modality.IMAGE, post.images), (Modality.AUDIO, post.audio)):
            for index, media in enumerate(pieces):
                try:
                    await self.open(modality, media)
                except MediaUnavailableError as error:
                    found.append(
                        NotScanned(
                            modality=modality,
                            index=index,
                            reason=NotScannedReason.MISSING,
                            detail=str(error)[:1000],
                        )
                    )
        return tuple(found)

    def _image_type(self, content: bytes) -> str:
        try:
            with Image.open(io.BytesIO(content), formats=tuple(IMAGE_TYPES)) as image:
                pixels, kind = image.width * image.height, image.format or ""
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise self._too_many_pixels() from None
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
            raise MediaUnavailableError("It is no readable JPEG, PNG, WebP or GIF.") from None
        if pixels > self._limits.max_pixels:
            raise self._too_many_pixels()
        return IMAGE_TYPES[kind]

    def _too_many_pixels(self) -> MediaUnavailableError:
        return MediaUnavailableError(
            f"It unfolds to over {self._limits.max_pixels:,} pixels; no browser should try."
        )


def _audio_type(content: bytes) -> str:
    if content.startswith(b"RIFF") and content[8:12] == b"WAVE":
        return "audio/wav"
    if content.startswith(b"OggS"):
        return "audio/ogg"
    if content.startswith(b"fLaC"):
        return "audio/flac"
    if content[4:8] == b"ftyp":
        return "audio/mp4"
    begins_frame = int.from_bytes(content[:2]) & MPEG_SYNC == MPEG_SYNC
    if begins_frame or content.startswith(b"ID3"):
        return "audio/mpeg"
    raise MediaUnavailableError("It is no WAV, Ogg, FLAC, MP4 or MP3 sound.")
