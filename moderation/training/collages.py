"""Harmless photographs that anyone may use: cut-out things on photographed and painted grounds.

The public photographs at hand without weapons are ImageNet's, for research only. Debian carries
free ones instead: the stamps of Tux Paint (GPL-2, some 430 photographed and drawn things cut out
along their edges) and desktop backgrounds (GPL, CC BY-SA). One to five stamps, turned and resized,
on a piece of a background make a picture; so do colours that run into each other.

``python -m moderation.training.collages PHOTOS OUTPUT`` reads the folder into which `make
train-photos` unpacks the packages, and writes ``collages.jsonl``.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from moderation.evaluation import DEV, TRAIN, Row, write_manifest
from moderation.training.errors import TrainingError
from schemas import CATEGORIES

SEED: Final = 17
SIDE: Final = 256  # pixels
PICTURES: Final = {TRAIN: 1500, DEV: 200}
HELD_OUT_EVERY: Final = 6  # one stamp and one background in six belong to the dev split

STAMPS_PACKAGE: Final = "tuxpaint-stamps-default"
BACKGROUND_PACKAGES: Final = (
    "gnome-backgrounds",
    "mate-backgrounds",
    "plasma-workspace-wallpapers",
)
PICTURE_NAMES: Final = frozenset({".png", ".jpg", ".webp"})
UNFIT_FOLDERS: Final = frozenset({"military", "people", "symbols", "cartoon"})
"""Of stamps: arms, people, and what is no picture of a thing."""

STAMP_PX: Final = 400  # longer side that is kept in memory
BACKGROUND_PX: Final = 1200
STAMPS: Final = (0, 1, 1, 1, 1, 2, 2, 3, 5)  # on one picture, each as often as it stands here
PLAIN_SHARE: Final = 0.3  # of the grounds: colours that run into each other
MIRRORED_SHARE: Final = 0.5  # of the stamps
BLURRED_SHARE: Final = 0.3  # of the grounds: out of focus


@dataclass(frozen=True, slots=True)
class Material:
    """What pictures are made from.

    Attributes:
        stamps: RGBA.
        backgrounds: RGB.
    """

    stamps: Sequence[Image.Image]
    backgrounds: Sequence[Image.Image]


def read_material(photos: Path) -> dict[str, Material]:
    """The unpacked packages, by split; no stamp and no background is in both.

    Raises:
        TrainingError: a package is not there.
    """
    stamps = _stamp_files(photos / STAMPS_PACKAGE)
    backgrounds = [
        path for package in BACKGROUND_PACKAGES for path in _background_files(photos / package)
    ]
    return {
        split: Material(
            [_opened(path, STAMP_PX, "RGBA") for path in _of_split(stamps, split)],
            [_opened(path, BACKGROUND_PX, "RGB") for path in _of_split(backgrounds, split)],
        )
        for split in PICTURES
    }


def paste_picture(material: Material, draw: random.Random) -> Image.Image:
    """One picture, 256 x 256, RGB.

    Args:
        material: of its split.
        draw: of every choice.
    """
    picture = _ground(material.backgrounds, draw)
    count = draw.choice(STAMPS)
    for _ in range(count):
        stamp = _placed(draw.choice(material.stamps), draw, largest=1.2 if count == 1 else 0.7)
        left, top = (
            draw.randint(-length // 4, max(1, SIDE - 3 * length // 4)) for length in stamp.size
        )
        picture.paste(stamp, (left, top), stamp)
    return picture


def write_collages(photos: Path, output: Path) -> None:
    """Paste, and write ``collages.jsonl`` beside the folder of pictures.

    Raises:
        TrainingError: a package is not there.
    """
    folder = output / "collages"
    folder.mkdir(parents=True, exist_ok=True)
    material = read_material(photos)
    rows = []
    for split, count in PICTURES.items():
        draw = random.Random(f"{SEED} {split}")
        for number in range(count):
            path = folder / f"collage-{split}-{number}.jpg"
            paste_picture(material[split], draw).save(path, quality=85)
            rows.append(
                Row(
                    id=path.stem,
                    image=path,
                    labels=dict.fromkeys(CATEGORIES, 0),
                    source="collages",
                    split=split,
                )
            )
    write_manifest(output / "collages.jsonl", rows)


def _stamp_files(package: Path) -> list[Path]:
    return [path for path in _pictures(package) if not UNFIT_FOLDERS & set(path.parts)]


def _background_files(package: Path) -> list[Path]:
    """One file a background: KDE has each in many sizes, in a folder of its own."""
    largest: dict[str, Path] = {}
    for path in _pictures(package):
        parts = path.relative_to(package).parts
        place = parts.index("contents") if "contents" in parts else len(parts)
        name = parts[place - 1]
        known = largest.get(name)
        if "screenshot" not in path.stem and (
            known is None or path.stat().st_size > known.stat().st_size
        ):
            largest[name] = path
    return sorted(largest.values())


def _pictures(package: Path) -> list[Path]:
    found = sorted(
        path
        for path in package.rglob("*")
        if path.suffix in PICTURE_NAMES and path.is_file() and not path.is_symlink()
    )
    if not found:
        raise TrainingError(
            f"{package} holds no pictures; `make train-photos PHOTOS={package.parent}` unpacks "
            f"the Debian package {package.name} there"
        )
    return found


def _of_split(paths: Sequence[Path], split: str) -> list[Path]:
    return [
        path
        for number, path in enumerate(paths, start=1)
        if (number % HELD_OUT_EVERY == 0) == (split == DEV)
    ]


def _opened(path: Path, longest: int, mode: str) -> Image.Image:
    with Image.open(path) as file:
        file.draft(mode, (longest, longest))
        picture = file.convert(mode)
    picture.thumbnail((longest, longest))
    return picture


def _ground(backgrounds: Sequence[Image.Image], draw: random.Random) -> Image.Image:
    if draw.random() < PLAIN_SHARE:
        corners = np.array([draw.randint(0, 255) for _ in range(12)], np.uint8).reshape(2, 2, 3)
        ground = Image.fromarray(corners).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    else:
        whole = draw.choice(backgrounds)
        side = int(min(whole.size) * draw.uniform(0.15, 1))
        left, top = draw.randint(0, whole.width - side), draw.randint(0, whole.height - side)
        ground = whole.crop((left, top, left + side, top + side)).resize((SIDE, SIDE))
    if draw.random() < BLURRED_SHARE:
        ground = ground.filter(ImageFilter.GaussianBlur(draw.uniform(1, 6)))
    return ground


def _placed(stamp: Image.Image, draw: random.Random, *, largest: float) -> Image.Image:
    """Resized to a share of the picture, mirrored half the time, turned a little."""
    factor = draw.uniform(0.3, largest) * SIDE / max(stamp.size)
    width, height = (max(1, round(length * factor)) for length in stamp.size)
    placed = stamp.resize((width, height))
    if draw.random() < MIRRORED_SHARE:
        placed = placed.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return placed.rotate(draw.uniform(-25, 25), expand=True)


if __name__ == "__main__":
    write_collages(Path(sys.argv[1]), Path(sys.argv[2]))
