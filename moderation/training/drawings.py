"""Drawn pictures: harmless scenes and tools, and plain silhouettes of guns.

The public pictures are photographs only; without drawings every drawing is new to the model and may
look like anything. ``python -m moderation.training.drawings OUTPUT`` writes ``drawings.jsonl``.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from moderation.evaluation import DEV, TRAIN, Row, write_manifest
from schemas import CATEGORIES

SEED: Final = 13
SIDE: Final = 224  # pixels
PICTURES: Final = {TRAIN: 1000, DEV: 160}
GUN_SHARE: Final = 0.3
WORDS: Final = ("hello", "sale", "menu", "news", "today", "map", "music", "cat", "team", "week")

Point = tuple[float, float]
Colour = tuple[int, int, int]


def draw_picture(kind: str, draw: random.Random) -> Image.Image:
    """One picture, 224 x 224, RGB.

    Args:
        kind: ``gun``, ``tool`` or ``scene``.
        draw: of every choice.
    """
    background = _colour(draw, light=draw.random() < 0.7)  # most paper is light
    picture = Image.new("RGB", (SIDE, SIDE), background)
    canvas = ImageDraw.Draw(picture)
    if draw.random() < 0.4:
        _clutter(canvas, draw, shapes=draw.randint(1, 4))
    if kind == "scene":
        _clutter(canvas, draw, shapes=draw.randint(2, 12))
        _text(canvas, draw)
    else:
        ink = _colour(draw, light=sum(background) < 3 * 110)
        shape = draw.choice(GUNS if kind == "gun" else TOOLS)
        move = _placing(draw)
        for polygon in shape(draw):
            canvas.polygon([move(point) for point in polygon], fill=ink)
    if draw.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(draw.uniform(0.3, 1.5)))
    return picture


def write_drawings(output: Path) -> None:
    """Draw, and write ``drawings.jsonl`` beside the folder of pictures."""
    folder = output / "drawings"
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for split, count in PICTURES.items():
        draw = random.Random(f"{SEED} {split}")
        for number in range(count):
            gun = draw.random() < GUN_SHARE
            kind = "gun" if gun else draw.choice(("scene", "scene", "tool"))
            path = folder / f"drawing-{split}-{number}.png"
            draw_picture(kind, draw).save(path)
            labels = dict.fromkeys(CATEGORIES, 0) | {"weapons": int(gun)}
            if gun:
                del labels["violence"]
            rows.append(
                Row(id=path.stem, image=path, labels=labels, source="drawings", split=split)
            )
    write_manifest(output / "drawings.jsonl", rows)


def _box(left: float, top: float, right: float, bottom: float, lean: float = 0) -> list[Point]:
    """A box in a unit square; its bottom is moved sideways by `lean`."""
    return [(left, top), (right, top), (right + lean, bottom), (left + lean, bottom)]


def _pistol(draw: random.Random) -> list[list[Point]]:
    thick, lean = draw.uniform(0.12, 0.2), -draw.uniform(0.02, 0.16)
    slide = _box(0.08, 0.3, 0.95, 0.3 + thick)
    grip = _box(0.1, 0.3 + thick, 0.32, draw.uniform(0.75, 0.95), lean)
    guard = _box(0.34, 0.3 + thick, 0.5, 0.36 + thick)
    trigger = _box(0.38, 0.3 + thick, 0.42, 0.42 + thick)
    under = _box(0.47, 0.3 + thick, 0.5, 0.47 + thick)
    sight = _box(0.88, 0.26, 0.92, 0.3)
    return [slide, grip, guard, trigger, under, sight]


def _rifle(draw: random.Random) -> list[list[Point]]:
    barrel = _box(0.55, 0.44, 1.0, 0.44 + draw.uniform(0.03, 0.06))
    body = _box(0.28, 0.4, 0.7, 0.52)
    stock = [(0.0, 0.44), (0.28, 0.4), (0.28, 0.5), (0.02, draw.uniform(0.58, 0.66))]
    grip = _box(0.32, 0.52, 0.4, 0.68, -0.05)
    magazine = _box(0.46, 0.52, 0.55, draw.uniform(0.64, 0.8), draw.uniform(-0.02, 0.08))
    scope = _box(0.35, 0.32, 0.55, 0.37)
    return [barrel, body, stock, grip, magazine, *([scope] if draw.random() < 0.5 else [])]


def _hammer(draw: random.Random) -> list[list[Point]]:
    return [_box(0.46, 0.3, 0.54, 0.98), _box(draw.uniform(0.2, 0.3), 0.15, 0.75, 0.32)]


def _key(draw: random.Random) -> list[list[Point]]:
    ring = [(0.2 + 0.15 * math.cos(a / 3), 0.5 + 0.15 * math.sin(a / 3)) for a in range(19)]
    teeth = [_box(x, 0.53, x + 0.05, draw.uniform(0.6, 0.68)) for x in (0.7, 0.8, 0.9)]
    return [ring, _box(0.3, 0.47, 0.97, 0.53), *teeth]


def _bottle(draw: random.Random) -> list[list[Point]]:
    neck = draw.uniform(0.25, 0.4)
    return [_box(0.44, 0.05, 0.56, neck), _box(0.35, neck, 0.65, 0.97)]


def _house(draw: random.Random) -> list[list[Point]]:
    roof = [(0.1, 0.5), (0.5, draw.uniform(0.1, 0.3)), (0.9, 0.5)]
    return [roof, _box(0.18, 0.5, 0.82, 0.95)]


def _mug(draw: random.Random) -> list[list[Point]]:
    handle = draw.uniform(0.78, 0.9)
    return [_box(0.25, 0.2, 0.7, 0.85), _box(0.7, 0.35, handle, 0.42), _box(0.7, 0.6, handle, 0.67),
            _box(handle - 0.06, 0.35, handle, 0.67)]  # fmt: skip


def _corner(draw: random.Random) -> list[list[Point]]:
    """An L, a T, an umbrella handle: what is bent like a gun and is none."""
    thick, at = draw.uniform(0.08, 0.25), draw.uniform(0.05, 0.75)
    return [_box(0.05, 0.1, 0.95, 0.1 + thick), _box(at, 0.1, at + thick, 0.95)]


Shape = Callable[[random.Random], list[list[Point]]]
GUNS: Final[Sequence[Shape]] = (_pistol, _pistol, _rifle)
TOOLS: Final[Sequence[Shape]] = (_hammer, _key, _bottle, _house, _mug, _corner)


def _placing(draw: random.Random) -> Callable[[Point], Point]:
    """Scale, mirror, turn and move the unit square onto the picture."""
    size = SIDE * draw.uniform(0.45, 0.95)
    angle = math.radians(draw.gauss(0, 15))
    mirror = draw.choice((-1, 1))
    left, top = SIDE / 2 + draw.uniform(-20, 20), SIDE / 2 + draw.uniform(-20, 20)

    def move(point: Point) -> Point:
        x, y = (point[0] - 0.5) * mirror * size, (point[1] - 0.5) * size
        return (
            left + x * math.cos(angle) - y * math.sin(angle),
            top + x * math.sin(angle) + y * math.cos(angle),
        )

    return move


def _clutter(canvas: ImageDraw.ImageDraw, draw: random.Random, *, shapes: int) -> None:
    for _ in range(shapes):
        x, y = draw.uniform(-20, SIDE), draw.uniform(-20, SIDE)
        box = (x, y, x + draw.uniform(10, 140), y + draw.uniform(10, 140))
        ink = _colour(draw, light=draw.random() < 0.5)
        filled = draw.random() < 0.7
        shape = draw.choice((canvas.ellipse, canvas.rectangle))
        shape(box, fill=ink if filled else None, outline=ink)


def _text(canvas: ImageDraw.ImageDraw, draw: random.Random) -> None:
    for _ in range(draw.randint(0, 4)):
        place = (draw.uniform(0, SIDE * 0.7), draw.uniform(0, SIDE * 0.9))
        words = " ".join(draw.choices(WORDS, k=draw.randint(1, 4)))
        canvas.text(place, words, fill=_colour(draw, light=False), font_size=draw.randint(10, 40))


def _colour(draw: random.Random, *, light: bool) -> Colour:
    low, high = (130, 255) if light else (0, 120)
    return (draw.randint(low, high), draw.randint(low, high), draw.randint(low, high))


if __name__ == "__main__":
    write_drawings(Path(sys.argv[1]))
