"""Perceptual hashes of a post's pictures, by which near-identical posts find each other."""

from __future__ import annotations

import asyncio

from moderation.media import MediaError, MediaLimits
from rules.banks import MIN_QUALITY, picture_hash
from schemas import Media, Modality, Post
from workers.review.errors import MediaUnavailableError
from workers.review.web.console_decoder import ConsoleDecoder
from workers.review.web.media import MediaShelf
from workers.streams import get_logger

log = get_logger(__name__)


class PictureHashes:
    """Takes PDQ hashes of what the console can show.

    Args:
        shelf: has the pictures.
        limits: a picture over them is not hashed.
        decoder: of the pictures.
    """

    def __init__(self, shelf: MediaShelf, limits: MediaLimits, decoder: ConsoleDecoder) -> None:
        self._shelf = shelf
        self._limits = limits
        self._decoder = decoder

    async def of(self, post: Post) -> bytes | None:
        """A hash of 32 bytes for each picture, one after another.

        None where one of them has no hash that tells it from others: it lies elsewhere, is broken
        or too plain. A post without pictures has no bytes.
        """
        hashes = []
        for picture in post.images:
            found = await self._hash(picture)
            if found is None:
                return None
            hashes.append(found)
        return b"".join(hashes)

    async def _hash(self, picture: Media) -> bytes | None:
        try:
            shown = await self._shelf.open(Modality.IMAGE, picture)
            bits, quality = await asyncio.to_thread(self._hashed, shown.content)
        except (MediaUnavailableError, MediaError):
            return None  # its item's page says why it cannot be shown
        except Exception:
            # Native code met pixels it does not take; the post must reach the queue all the same.
            log.exception("a picture could not be hashed, so it is compared by its bytes alone")
            return None
        return bits if quality >= MIN_QUALITY else None

    def _hashed(self, raw: bytes) -> tuple[bytes, int]:
        return picture_hash(self._decoder.image(raw, self._limits).pixels)
