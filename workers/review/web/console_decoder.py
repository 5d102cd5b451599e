"""Decodes what is drawn and compared: hostile media in a child that can be stopped."""

from __future__ import annotations

import threading
from typing import Final

from moderation.media import (
    DecodedAudio,
    DecodedImage,
    DecodingPool,
    GuardedDecoder,
    MediaKey,
    MediaLimits,
    decode_audio,
    decode_image,
    is_hostile,
)
from schemas import Modality

DECODE_SECONDS: Final = 10.0
"""Ten minutes of MP3 decode in two."""
DECODE_MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Ten minutes at 192 kHz are 460 MB of samples."""


class ConsoleDecoder:
    """Decodes; blocks for the time of it, and threads may share it. Close it at the end.

    The child starts with the first medium that needs it: most consoles never do.
    """

    def __init__(self) -> None:
        self._pool: DecodingPool | None = None
        self._lock = threading.Lock()

    def audio(self, raw: bytes, limits: MediaLimits) -> DecodedAudio:
        """The samples.

        Raises:
            MediaError: it is no sound, over a limit, or took too much time or memory.
        """
        if not is_hostile({MediaKey(Modality.AUDIO, 0): raw}):
            return decode_audio(raw, limits)
        return self._guarded().audio(raw, limits)

    def image(self, raw: bytes, limits: MediaLimits) -> DecodedImage:
        """The pixels.

        Raises:
            MediaError: it is no picture, over a limit, or took too much time or memory.
        """
        if not is_hostile({MediaKey(Modality.IMAGE, 0): raw}):
            return decode_image(raw, limits)
        return self._guarded().image(raw, limits)

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()

    def _guarded(self) -> GuardedDecoder:
        with self._lock:
            if self._pool is None:
                self._pool = DecodingPool(1, memory_bytes=DECODE_MEMORY_BYTES)
            return GuardedDecoder(self._pool, seconds=DECODE_SECONDS)
