"""A picture's bytes to pixels, with every claim of the file checked before it costs anything."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from moderation.media.bare import UPRIGHT, bare_picture
from moderation.media.errors import MediaTooLargeError, UndecodableMediaError
from moderation.media.headers import image_format, image_size
from moderation.media.limits import MediaLimits

Pixels = NDArray[np.uint8]
"""A picture, shape = (height, width, 3), RGB, 0..255."""

SHRINK_GAP: Final = 2.0
"""JPEGs are decoded at the smallest of 1/2, 1/4, 1/8 that is still this many times the target, and
resampled from there: five times faster on camera pictures, without visible aliasing."""

LIGHT: Final = 170
"""Luminance 0..255. A drawing lighter than this on average would vanish on white."""

_DEEP_GREY_MODES: Final = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N"})

_DEEP_BYTES: Final = 2
"""Of a sample of 16 bits; Pillow keeps those of some files in 32."""

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by EXIF's number of its orientation."""


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """Pixels, and whether they are only the first frame of an animation."""

    pixels: Pixels
    is_animated: bool = False


def decode_image(raw: bytes, limits: MediaLimits) -> DecodedImage:
    """Decode JPEG, PNG, WebP or GIF, as the format's signature says.

    The result is upright (EXIF orientation), RGB, and at most ``limits.kept_side_px`` a side. Of
    an animation it is the first frame. Transparency is laid on white, or on black where the
    drawing itself is light, so that nothing can hide by its colour.

    Raises:
        UnsupportedMediaError: another format.
        MediaTooLargeError: more pixels than the limits allow, by the header.
        UndecodableMediaError: empty, broken or truncated. A part of a picture is never returned.
    """
    kind = image_format(raw)
    _check_size(image_size(raw, kind), limits)
    bare = bare_picture(raw, kind)
    try:
        with Image.open(io.BytesIO(bare.raw), formats=[kind]) as image:
            # Pillow reads the header with its own parser: two parsers may disagree on a crafted
            # file, and it is Pillow's size that will be allocated.
            _check_size(image.size, limits)
            is_animated = bare.is_animated or bool(getattr(image, "is_animated", False))
            image.seek(0)
            pixels = _to_rgb(_turned(_shrunk(image, limits.kept_side_px), bare.orientation))
    except MediaTooLargeError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise MediaTooLargeError(f"the {kind} unpacks to more pixels than are allowed") from None
    except Exception as error:
        # Decoders meet hostile input with whatever exception comes to hand (OSError, SyntaxError,
        # struct.error, ValueError ...); each means that the picture cannot be shown to a model.
        raise UndecodableMediaError(
            f"the {kind} is broken or truncated ({type(error).__name__}); upload it again"
        ) from error
    return DecodedImage(pixels, is_animated)


def shrink(pixels: Pixels, side: int) -> Pixels:
    """The same picture with a longer side of at most ``side`` px."""
    if max(pixels.shape[:2]) <= side:
        return pixels
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=SHRINK_GAP)
    return np.asarray(image)


def _check_size(size: tuple[int, int], limits: MediaLimits) -> None:
    width, height = size
    if max(size) > limits.max_side_px or width * height > limits.max_pixels:
        raise MediaTooLargeError(
            f"{width}x{height} px is over the limit of {limits.max_pixels:,} pixels or "
            f"{limits.max_side_px:,} a side; send a smaller picture"
        )


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    if image.mode in _DEEP_GREY_MODES:
        # Pillow would clip 16 bits at 255; shifting keeps the picture.
        deep = np.asarray(image)
        if deep.dtype.itemsize > _DEEP_BYTES:
            deep = deep.clip(0, 0xFFFF)
        image = Image.fromarray((deep >> 8).astype(np.uint8))
    elif image.mode == "P":
        # Palette indices cannot be averaged.
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=SHRINK_GAP)
    return image


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image if orientation == UPRIGHT else image.transpose(_TURNS[orientation])


def _to_rgb(image: Image.Image) -> Pixels:
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    rgba = image.convert("RGBA")
    alpha = np.asarray(rgba.getchannel("A"), dtype=np.float64)
    luminance = np.asarray(rgba.convert("L"), dtype=np.float64)
    visible = alpha.sum()
    is_light = visible > 0 and (luminance * alpha).sum() / visible > LIGHT
    ground = Image.new("RGBA", rgba.size, "black" if is_light else "white")
    return np.asarray(Image.alpha_composite(ground, rgba).convert("RGB"))
