"""How large a medium may be, and how much of it is kept for the classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SAMPLE_RATE_HZ: Final = 16_000
"""Of decoded sound. Twice the 8 kHz that speech and most sound events need (Nyquist), and the rate
that speech models are trained at."""

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Limits on one medium. All are checked before the work that they bound.

    A medium over a ``max_`` limit is refused as ``too_large``. ``kept_`` limits refuse nothing:
    pictures are shrunk to them, and of longer sound the rest is reported as ``truncated``.
    """

    max_bytes: int = 20 * MIB
    """Encoded. A 50-megapixel JPEG and ten minutes of 256 kbit/s MP3 fit."""

    max_pixels: int = 50_000_000
    """Width times height. Phone cameras of today write 50 megapixels; as RGBA they take 200 MB
    while being decoded, which a worker with a few decoding threads can afford."""

    max_side_px: int = 16_384
    """Width or height. Just above what WebP can express; longer strips are not photographs."""

    kept_side_px: int = 512
    """Longer side after decoding. More than any encoder here looks at, enough for a perceptual
    hash (PDQ works at 512 px), and it bounds a decoded picture to 786 kB."""

    max_seconds: float = 600.0
    """Of sound. Of anything longer the classifier would hear too little to call it scanned."""

    kept_seconds: float = 60.0
    """Of sound, from its beginning. Bounds a decoded sound to 3.8 MB."""

    max_channels: int = 8
    """7.1 surround; more is studio material, or a file made to exhaust memory."""

    min_sample_rate_hz: int = 4_000
    """Below it not even speech is intelligible."""

    max_sample_rate_hz: int = 192_000
    """The highest rate that consumer hardware records."""
