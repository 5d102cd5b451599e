"""Media for the reviewer's eyes and ears: from the escalation itself or the object store.

Nothing is ever fetched from an address in a post. The type is told by the bytes, never by the post,
and only formats that a browser shows without running anything are served.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from PIL import Image, UnidentifiedImageError

from moderation.media import MediaError, MediaFetcher, MediaLimits
from schemas import Media, Modality, NotScanned, NotScannedReason, Post
from workers.review.errors import MediaUnavailableError
from workers.review.web.console_decoder import ConsoleDecoder
from workers.review.web.recent import Recent, ShownMedia
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


def _is_mpeg(content: bytes) -> bool:
    begins_frame = int.from_bytes(content[:2]) & MPEG_SYNC == MPEG_SYNC
    return begins_frame or content.startswith(b"ID3")


AUDIO_TYPES: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "audio/wav": lambda content: content.startswith(b"RIFF") and content[8:12] == b"WAVE",
    "audio/ogg": lambda content: content.startswith(b"OggS"),
    "audio/flac": lambda content: content.startswith(b"fLaC"),
    "audio/mp4": lambda content: content[4:8] == b"ftyp",
    "audio/mpeg": _is_mpeg,
}
"""With what tells each by its bytes."""


MOST_REMEMBERED_BYTES: Final = 64 * 1024 * 1024
REMEMBERED_SECONDS: Final = 300.0
"""Longer than most items take; what was erased is never asked for, and is gone after that."""


class MediaShelf:
    """Finds a medium, checks it, and says what type it is.

    What lies in the object store is remembered for a short while, by its hash, and so are drawn
    sounds: of each item they are asked for several times.

    Args:
        fetcher: for inline data and object-store keys; it must have no way to the web.
        limits: pictures with more pixels are not sent to a browser.
        decoder: of sounds that are drawn.
    """

    def __init__(self, fetcher: MediaFetcher, limits: MediaLimits, decoder: ConsoleDecoder) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._decoder = decoder
        self._recent = Recent(MOST_REMEMBERED_BYTES, REMEMBERED_SECONDS)
        # One at a time: ten minutes at 192 kHz are 460 MB of samples.
        self._drawing = asyncio.Semaphore(1)

    async def open(self, modality: Modality, media: Media) -> ShownMedia:
        """The medium, ready to serve.

        Raises:
            MediaUnavailableError: it is elsewhere, gone, altered, too large or of no known format.
        """
        if media.url is not None:
            raise MediaUnavailableError(
                "It lies at an outside address, which the console does not visit."
            )
        name = None if media.key is None or media.sha256 is None else f"{modality}:{media.sha256}"
        shown = self._recent.get(name)
        if shown is None:
            shown = await self._checked(modality, media)
            self._recent.put(name, shown)
        return shown

    async def _checked(self, modality: Modality, media: Media) -> ShownMedia:
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
        name = f"drawn:{hashlib.sha256(shown.content).hexdigest()}"
        async with self._drawing:
            drawn = self._recent.get(name)
            if drawn is None:
                try:
                    picture = await asyncio.to_thread(self._draw, shown.content)
                except MediaError as error:
                    raise MediaUnavailableError(f"It cannot be drawn: {error}.") from error
                drawn = ShownMedia(picture, "image/png")
                self._recent.put(name, drawn)
        return drawn

    def _draw(self, raw: bytes) -> bytes:
        limits = replace(self._limits, kept_seconds=self._limits.max_seconds)
        return sound_picture(self._decoder.audio(raw, limits).samples)

    async def warm(self, post: Post) -> None:
        """Have the media of a post ready for who is to see it next."""
        await self.unseen(post)
        for sound in post.audio:
            with suppress(MediaUnavailableError):  # said where it is shown
                await self.picture(sound)

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
    for kind, fits in AUDIO_TYPES.items():
        if fits(content):
            return kind
    raise MediaUnavailableError("It is no WAV, Ogg, FLAC, MP4 or MP3 sound.")
