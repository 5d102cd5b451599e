"""Pictures in another crop, angle, light and quality."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from moderation.training import augment_image as module
from moderation.training.augment_image import augment_image, caption, coarsen, compress, crop

SIZE = 56


def picture() -> Image.Image:
    """Red above, blue below."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:32, :, 0] = 220
    pixels[32:, :, 2] = 220
    return Image.fromarray(pixels)


@pytest.mark.parametrize("seed", range(25))
def test_a_changed_picture_has_the_model_s_size(seed: int) -> None:
    pixels = np.asarray(picture()).transpose(2, 0, 1)
    changed = augment_image(pixels, random.Random(seed), SIZE)
    assert changed.shape == (3, SIZE, SIZE)
    assert changed.dtype == np.uint8
    assert changed.flags.c_contiguous


def test_above_stays_above_and_most_of_the_picture_is_seen() -> None:
    for seed in range(25):
        seen = np.asarray(crop(picture(), random.Random(seed), SIZE)).astype(int)
        redder = (seen[..., 0] - seen[..., 2]).mean(axis=1)
        assert redder[:8].mean() > redder[-8:].mean()


def test_crops_turn_and_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :20] = 255
    left_is_bright = [
        np.asarray(crop(Image.fromarray(pixels), random.Random(seed), SIZE))[:, :9].mean() > 127
        for seed in range(30)
    ]
    assert 5 < sum(left_is_bright) < 25
    monkeypatch.setattr(module, "MAX_DEGREES", 0.0)
    straight = np.asarray(crop(picture(), random.Random(1), SIZE))
    assert (straight == straight[:, :1]).all()


def test_pictures_are_turned_by_up_to_15_degrees_either_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MIN_CROP", 1.0)
    angles = []
    for seed in range(60):
        seen = np.asarray(crop(picture(), random.Random(seed), SIZE)).astype(int)
        heights = (seen[..., 0] > seen[..., 2]).sum(axis=0)  # of the red part, by column
        slope, _ = np.polyfit(np.arange(10, SIZE - 10), heights[10:-10], 1)
        angles.append(np.degrees(np.arctan(slope)))
    assert -15.5 <= min(angles) < -8 < 8 < max(angles) <= 15.5


CHANCES = ("GREY", "CAPTIONED", "COARSE", "BLURRED", "COMPRESSED")


@pytest.mark.parametrize("chance", CHANCES)
def test_each_change_of_a_picture_comes_at_its_chance(
    monkeypatch: pytest.MonkeyPatch, chance: str
) -> None:
    pixels = np.asarray(picture()).transpose(2, 0, 1)
    for name in CHANCES:
        monkeypatch.setattr(module, name, 0.0)
    plain = augment_image(pixels, random.Random(3), SIZE)
    assert np.array_equal(plain, augment_image(pixels, random.Random(3), SIZE))
    monkeypatch.setattr(module, chance, 1.0)
    assert not np.array_equal(plain, augment_image(pixels, random.Random(3), SIZE))


def test_light_and_colour_change(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CHANCES:
        monkeypatch.setattr(module, name, 0.0)
    pixels = np.asarray(picture()).transpose(2, 0, 1)
    brightest = [int(augment_image(pixels, random.Random(n), SIZE).max()) for n in range(30)]
    assert min(brightest) < 200
    assert max(brightest) > 240


def test_a_caption_leaves_most_of_the_picture() -> None:
    written = picture()
    caption(written, random.Random(1))
    changed = (np.asarray(written) != np.asarray(picture())).any(axis=-1).mean()
    assert 0 < changed < 0.5


def test_coarse_and_compressed_pictures_look_alike() -> None:
    for change in (coarsen, compress):
        seen = np.asarray(change(picture(), random.Random(1))).astype(int)
        assert np.abs(seen - np.asarray(picture())).mean() < 30
