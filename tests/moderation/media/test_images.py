from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from moderation.media import (
    MediaError,
    MediaLimits,
    UndecodableMediaError,
    UnsupportedMediaError,
    decode_image,
)
from tests.moderation.media.corpus import (
    DAMAGES,
    PURPLE,
    Damage,
    animated_gif,
    encoded,
    outcome,
    picture,
)

LIMITS = MediaLimits()


def is_close(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() < 12)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_accepted_format_becomes_rgb_of_the_same_size(kind: str) -> None:
    pixels = decode_image(encoded(picture(), kind), LIMITS).pixels

    assert pixels.dtype == np.uint8
    assert pixels.shape == (48, 64, 3)
    assert is_close(pixels[24, 8], PURPLE)
    assert is_close(pixels[24, 56], (255, 255, 255))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("CMYK", "JPEG"),
        ("P", "PNG"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("YCbCr", "JPEG"),
        ("P", "GIF"),
    ],
)
def test_other_colour_spaces_keep_their_colours(mode: str, kind: str) -> None:
    pixels = decode_image(encoded(picture(mode=mode), kind), LIMITS).pixels

    assert is_close(pixels[24, 8], PURPLE)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_and_bilevel_pictures_become_rgb(mode: str) -> None:
    pixels = decode_image(encoded(picture(mode=mode), "PNG"), LIMITS).pixels

    assert pixels.shape == (48, 64, 3)
    assert pixels[24, 56].tolist() == [255, 255, 255]


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    deep = np.full((8, 8), 0x4000, np.uint16)

    pixels = decode_image(encoded(Image.fromarray(deep), "PNG"), LIMITS).pixels

    assert pixels[0, 0].tolist() == [0x40, 0x40, 0x40]


def test_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side: turn it clockwise to view

    pixels = decode_image(encoded(picture(), "JPEG", exif=exif), LIMITS).pixels

    assert pixels.shape == (64, 48, 3)
    assert is_close(pixels[8, 24], PURPLE)
    assert is_close(pixels[56, 24], (255, 255, 255))


@pytest.mark.parametrize(("drawing", "ground"), [((0, 0, 0), 255), ((255, 255, 255), 0)])
def test_a_transparent_drawing_never_vanishes_on_its_ground(
    drawing: tuple[int, int, int], ground: int
) -> None:
    image = Image.new("RGBA", (40, 40), (*drawing, 0))
    image.paste((*drawing, 255), (10, 10, 30, 30))

    pixels = decode_image(encoded(image, "PNG"), LIMITS).pixels

    assert pixels[20, 20].tolist() == list(drawing)
    assert pixels[2, 2].tolist() == [ground] * 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_large_pictures_are_shrunk_and_keep_their_shape(kind: str) -> None:
    raw = encoded(picture((2000, 1000)), kind)

    pixels = decode_image(raw, MediaLimits(kept_side_px=200)).pixels

    assert pixels.shape == (100, 200, 3)
    assert is_close(pixels[50, 20], PURPLE)


def test_an_animation_gives_its_first_frame_and_says_so() -> None:
    image = decode_image(animated_gif(), LIMITS)

    assert image.is_animated
    assert is_close(image.pixels[16, 16], PURPLE)
    assert not decode_image(animated_gif(frames=1), LIMITS).is_animated


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_truncated_picture_is_undecodable_never_partial(kind: str, kept: float) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    raw = encoded(Image.fromarray(noise), kind)

    with pytest.raises(UndecodableMediaError, match="broken or truncated"):
        decode_image(raw[: int(len(raw) * kept)], LIMITS)


def test_no_bytes_are_undecodable() -> None:
    with pytest.raises(UndecodableMediaError, match="no bytes"):
        decode_image(b"", LIMITS)


@pytest.mark.parametrize(
    "raw",
    [
        encoded(picture(), "BMP"),
        encoded(picture(), "TIFF"),
        encoded(picture(), "ICO"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"hello",
    ],
    ids=["bmp", "tiff", "ico", "eps", "svg", "text"],
)
def test_formats_off_the_allow_list_are_unsupported(raw: bytes) -> None:
    with pytest.raises(UnsupportedMediaError, match="JPEG, PNG, WebP or GIF"):
        decode_image(raw, LIMITS)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_are_refused_with_a_media_error(raw: bytes) -> None:
    with pytest.raises(MediaError):
        decode_image(raw, LIMITS)


SEEDS = {
    "jpeg": encoded(picture(), "JPEG"),
    "png": encoded(picture(mode="P"), "PNG"),
    "webp": encoded(picture(), "WEBP"),
    "gif": animated_gif(),
    "exif": encoded(picture(), "JPEG", exif=bytes.fromhex("4578696600004d4d002a00000008") * 3),
}


@pytest.mark.parametrize("seed", SEEDS)
@settings(max_examples=60, deadline=None)
@given(damage=DAMAGES)
def test_a_damaged_file_is_refused_or_decoded_and_never_crashes(seed: str, damage: Damage) -> None:
    image = outcome(decode_image, damage.done_to(SEEDS[seed]), LIMITS)

    if isinstance(image, MediaError):
        assert str(image)
    else:
        assert image.pixels.dtype == np.uint8
        assert image.pixels.ndim == 3
        assert max(image.pixels.shape) <= LIMITS.kept_side_px


def test_concurrent_decoding_gives_what_decoding_alone_gives() -> None:
    from concurrent.futures import ThreadPoolExecutor

    files = [encoded(picture((300 + 10 * n, 200)), "JPEG") for n in range(12)]
    alone = [decode_image(raw, LIMITS).pixels for raw in files]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda raw: decode_image(raw, LIMITS).pixels, files))

    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_as_viewers_turn_it(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = encoded(picture(), kind, exif=exif)

    pixels = decode_image(raw, LIMITS).pixels

    with Image.open(io.BytesIO(raw)) as stored:
        upright = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))
    assert np.array_equal(pixels, upright)


def test_an_animated_png_says_so() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (PURPLE, (0, 200, 0))]
    raw = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])

    image = decode_image(raw, LIMITS)

    assert image.is_animated
    assert is_close(image.pixels[16, 16], PURPLE)
