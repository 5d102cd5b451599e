"""Harmless pictures pasted together from free ones."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from moderation.evaluation import DEV, TRAIN, read_manifest
from moderation.training import collages
from moderation.training.collages import paste_picture, read_material, write_collages
from moderation.training.errors import TrainingError


@pytest.fixture(name="photos")
def unpacked_packages(tmp_path: Path) -> Path:
    """A stamp or a background of each colour, six of each kind, in the packages' own layout."""
    photos = tmp_path / "photos"
    stamps = photos / "tuxpaint-stamps-default/usr/share/tuxpaint/stamps"
    for number in range(12):
        _save(stamps / f"food/{number}.png", "RGBA", (255, 0, number, 255))
    _save(stamps / "military/tank.png", "RGBA", (0, 255, 0, 255))
    for number in range(6):
        _save(photos / f"gnome-backgrounds/usr/share/{number}.png", "RGB", (0, 0, 100 + number))
        _save(photos / f"mate-backgrounds/usr/share/{number}.png", "RGB", (0, 0, 150 + number))
        wallpaper = photos / f"plasma-workspace-wallpapers/usr/share/wallpapers/W{number}/contents"
        _save(wallpaper / "images/40x30.png", "RGB", (0, 0, 200 + number))
        _save(wallpaper / "images/80x60.png", "RGB", (0, 0, 200 + number), size=(80, 60))
        _save(wallpaper / "screenshot.png", "RGB", (0, 255, 0), size=(200, 200))
    return photos


def _save(path: Path, mode: str, colour: tuple[int, ...], size: tuple[int, int] = (40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path)


def test_no_stamp_and_no_background_is_in_both_splits(photos: Path) -> None:
    material = read_material(photos)
    for kind, total in (("stamps", 12), ("backgrounds", 18)):
        colours = [
            {picture.getpixel((1, 1)) for picture in getattr(material[split], kind)}
            for split in (TRAIN, DEV)
        ]
        assert not colours[0] & colours[1]
        assert sum(len(getattr(material[split], kind)) for split in (TRAIN, DEV)) == total


def test_arms_people_and_screenshots_are_left_out(photos: Path) -> None:
    for material in read_material(photos).values():
        for picture in (*material.stamps, *material.backgrounds):
            assert np.asarray(picture)[..., 1].max() < 100  # green marks them here


def test_a_picture_is_the_same_for_the_same_draw(photos: Path) -> None:
    material = read_material(photos)[TRAIN]
    first, again = (paste_picture(material, random.Random(3)) for _ in range(2))
    other = paste_picture(material, random.Random(4))
    assert first.size == (256, 256)
    assert first.mode == "RGB"
    assert np.array_equal(np.asarray(first), np.asarray(again))
    assert not np.array_equal(np.asarray(first), np.asarray(other))


def test_the_manifest_says_that_nothing_in_them_is_harmful(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collages, "PICTURES", {TRAIN: 4, DEV: 2})
    write_collages(photos, tmp_path / "work")
    rows = read_manifest(tmp_path / "work/collages.jsonl")
    assert [row.split for row in rows] == [TRAIN] * 4 + [DEV] * 2
    assert all(row.image and row.image.is_file() for row in rows)
    assert all(not any(row.labels.values()) and row.labels["weapons"] == 0 for row in rows)


def test_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"make train-photos .* tuxpaint-stamps-default"):
        read_material(tmp_path)
