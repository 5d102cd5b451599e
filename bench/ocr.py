"""Which reader of text in pictures, at what size: ``python -m bench.ocr``.

Own sentences in English and Chinese, drawn in the fonts at hand over pictures drawn by code: flat,
small, turned, noisy, and over a busy ground. Each reader gets the same pictures. Printed are the
character error rate (edits by the length of what stood there, line breaks and case aside; at most 1
a picture), the letters found where there are none, and CPU seconds a picture, so that a busy
machine says the same. The last line is one JSON object of all figures.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from moderation.media import Pixels
from moderation.reading import (
    PictureReader,
    RapidReader,
    ReaderUnavailableError,
    ReadingError,
    TesseractReader,
)

SENTENCES: Final = {
    "english": (
        "FREE GIFT CARDS message me today",
        "Everyone hates you. Just leave.",
        "Meet behind the station at 9, cash only",
        "Best prices in town, call 555 0134",
        "nobody asked for your opinion, clown",
        "When the bus is late again on Monday",
        "Win an iPhone! visit deals.example",
        "Our cat has learned to open doors",
    ),
    "chinese": (
        "加微信领红包，名额有限",
        "你真是个没用的废物",
        "现金交易，晚上九点老地方见",
        "今天的晚霞特别好看",
        "点击链接免费领取手机",
        "周末一起去公园散步吧",
        "全城最低价，欢迎咨询",
        "我家的猫学会了开门",
    ),
}

FONTS: Final = {
    "english": (
        "truetype/dejavu/DejaVuSans.ttf",
        "truetype/dejavu/DejaVuSans-Bold.ttf",
        "truetype/dejavu/DejaVuSerif.ttf",
        "truetype/dejavu/DejaVuSansMono.ttf",
        "opentype/noto/NotoSansCJK-Bold.ttc",
    ),
    "chinese": (
        "opentype/noto/NotoSansCJK-Regular.ttc",
        "opentype/noto/NotoSansCJK-Bold.ttc",
        "opentype/noto/NotoSerifCJK-Regular.ttc",
    ),
}
"""Debian's fonts-dejavu and fonts-noto-cjk, under /usr/share/fonts."""

FONT_FOLDER: Final = Path("/usr/share/fonts")
SIZE_PX: Final = (960, 720)
SIDES_PX: Final = (512, 736, 960)
"""Longer sides at which the readers are given the pictures."""

CONDITIONS: Final = ("plain", "small", "turned", "noisy", "photo")
PACKAGES: Final = {
    "rapidocr": ("rapidocr", "onnxruntime", "opencv-python-headless", "shapely", "pyclipper"),
}


@dataclass(frozen=True, slots=True)
class Example:
    """A picture, and what stands in it."""

    language: str
    condition: str
    text: str
    picture: Image.Image


def make_examples(count: int, rng: random.Random) -> list[Example]:
    """``count`` examples of each language and condition, and as many pictures without text."""
    written = [
        _written(language, condition, SENTENCES[language][n % len(SENTENCES[language])], rng)
        for language in SENTENCES
        for condition in CONDITIONS
        for n in range(count)
    ]
    return written + [Example("none", "empty", "", _ground(rng, busy=True)) for _ in range(count)]


def _written(language: str, condition: str, text: str, rng: random.Random) -> Example:
    ground = _ground(rng, busy=condition == "photo")
    size = rng.randint(11, 18) if condition == "small" else rng.randint(32, 56)
    font = ImageFont.truetype(FONT_FOLDER / rng.choice(FONTS[language]), size)
    angle = rng.uniform(8, 25) * rng.choice((-1, 1)) if condition == "turned" else 0.0
    picture = _with_text(ground, _lines(text, font, language), font, angle, rng)
    if condition == "noisy":
        picture = _spoilt(picture, rng)
    return Example(language, condition, text, picture)


def _ground(rng: random.Random, *, busy: bool) -> Image.Image:
    """A soft gradient; when busy, with shapes of every size and the grain of a camera."""
    width, height = SIZE_PX
    corners = np.array([[rng.randint(40, 215) for _ in range(3)] for _ in range(2)], float)
    slope = np.linspace(0, 1, height)[:, None, None]
    shades = corners[0] * (1 - slope) + corners[1] * slope
    picture = Image.fromarray(np.broadcast_to(shades, (height, width, 3)).astype(np.uint8))
    if not busy:
        return picture
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = rng.uniform(-100, width), rng.uniform(-100, height)
        across = rng.uniform(10, 260)
        box = (x, y, x + across, y + across * rng.uniform(0.4, 1.6))
        colour = tuple(rng.randint(30, 225) for _ in range(3))
        rng.choice((draw.ellipse, draw.rectangle))(box, fill=colour)
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, 8, (height, width, 3))
    return Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))


def _lines(text: str, font: ImageFont.FreeTypeFont, language: str) -> str:
    """The text broken into lines that fit."""
    units, joint = (text.split(), " ") if language == "english" else (list(text), "")
    lines = [""]
    for unit in units:
        longer = f"{lines[-1]}{joint}{unit}".strip()
        if lines[-1] and font.getlength(longer) > SIZE_PX[0] * 0.7:
            lines.append(unit)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def _with_text(
    ground: Image.Image,
    text: str,
    font: ImageFont.FreeTypeFont,
    angle: float,
    rng: random.Random,
) -> Image.Image:
    layer = Image.new("RGBA", ground.size)
    draw = ImageDraw.Draw(layer)
    left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font=font)
    margin = 0.1
    x = rng.uniform(margin, 1 - margin) * max(1, ground.width - (right - left)) * 0.8 + 40
    y = rng.uniform(margin, 1 - margin) * max(1, ground.height - (bottom - top))
    if angle:  # turned about the middle, it must stay inside
        x, y = (ground.width - right) / 2, (ground.height - bottom) / 2
    ink, rim = rng.choice((("white", "black"), ("black", "white")))
    rim_px = 1 + round(font.size / 40)
    draw.multiline_text((x, y), text, font=font, fill=ink, stroke_width=rim_px, stroke_fill=rim)
    layer = layer.rotate(angle, Image.Resampling.BICUBIC)
    return Image.alpha_composite(ground.convert("RGBA"), layer).convert("RGB")


def _spoilt(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Noise, blur and a poor JPEG, as of a picture that went from hand to hand."""
    values = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.8)), float)
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, 18, values.shape)
    buffer = io.BytesIO()
    Image.fromarray((values + noise).clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=30)
    return Image.open(buffer).convert("RGB")


def error_rate(found: str, true: str) -> float:
    """Edits by the length of the truth, at most 1."""
    found, true = _comparable(found), _comparable(true)
    row = list(range(len(true) + 1))
    for place, letter in enumerate(found, start=1):
        diagonal, row[0] = row[0], place
        for at, other in enumerate(true, start=1):
            diagonal, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, diagonal + (letter != other)),
            )
    return min(1.0, row[-1] / len(true))


def _comparable(text: str) -> str:
    folded = text.casefold().translate(str.maketrans("，。！？：", ",.!?:"))
    joined = " ".join(folded.split())
    # Between Chinese characters a space says nothing, between words it does.
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", joined)


def cpu_seconds() -> float:
    """Of this process and the programs that it ran."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(reader: PictureReader, examples: Sequence[Example], side: int) -> dict[str, float]:
    """The figures of one reader at one size."""
    reader.read(_pixels(examples[0].picture, side))  # loads the models
    rates, ghosts, seconds = defaultdict(list), [], []
    for example in examples:
        pixels = _pixels(example.picture, side)
        begin = cpu_seconds()
        found = _read(reader, pixels)
        seconds.append(cpu_seconds() - begin)
        if not example.text:
            ghosts.append(len(_comparable(found)))
            continue
        rate = error_rate(found, example.text)
        for group in (example.language, example.condition, "all"):
            rates[group].append(rate)
    figures = {f"error_{group}": statistics.fmean(values) for group, values in rates.items()}
    figures["letters_where_none"] = statistics.fmean(ghosts)
    figures["cpu_seconds"] = statistics.fmean(seconds)
    return {name: round(value, 4) for name, value in figures.items()}


def _read(reader: PictureReader, pixels: Pixels) -> str:
    """What a reader gives up on, it has not read."""
    try:
        return reader.read(pixels)
    except ReadingError as error:
        print(error)
        return ""


def _pixels(picture: Image.Image, side: int) -> Pixels:
    copy = picture.copy()
    copy.thumbnail((side, side), Image.Resampling.BICUBIC)
    return np.asarray(copy)


def installed_mib(names: Sequence[str]) -> float:
    """What the packages take on disk."""
    return sum(_size(name) for name in names) / 2**20


def _size(name: str) -> int:
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    return sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).exists())


def readers() -> Iterator[tuple[str, PictureReader]]:
    """Those that are installed."""
    makers: dict[str, Callable[[], PictureReader]] = {
        "rapidocr": RapidReader,
        "tesseract": TesseractReader,
    }
    for name, make in makers.items():
        try:
            yield name, make()
        except ReaderUnavailableError as error:
            print(f"{name} is left out: {error}")


def main() -> None:
    """Measure, print a table, and the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--examples", type=int, default=8, help="of each language and condition")
    parser.add_argument("--sides", type=int, nargs="*", default=SIDES_PX, help="pixels")
    parser.add_argument("--show", type=Path, help="folder to save the pictures to")
    given = parser.parse_args()
    examples = make_examples(given.examples, random.Random(7))  # noqa: S311 - drawn again alike
    if given.show:
        given.show.mkdir(parents=True, exist_ok=True)
        for number, example in enumerate(examples):
            name = f"{number:03}-{example.language}-{example.condition}.png"
            example.picture.save(given.show / name)
    columns = ("all", *SENTENCES, *CONDITIONS)
    print(f"{len(examples)} pictures of {SIZE_PX[0]}x{SIZE_PX[1]} px; {platform.machine()}")
    print(f"{'reader':<10}{'side':>6}" + "".join(f"{name:>9}" for name in columns), end="")
    print(f"{'ghosts':>9}{'CPU s':>8}")
    results: dict[str, dict[str, dict[str, float]]] = {}
    for name, reader in readers():
        print(f"{name}: {reader.name}")
        for side in given.sides:
            figures = results.setdefault(name, {})[str(side)] = measure(reader, examples, side)
            cells = "".join(f"{figures[f'error_{column}']:9.3f}" for column in columns)
            print(
                f"{name:<10}{side:>6}{cells}{figures['letters_where_none']:9.1f}"
                f"{figures['cpu_seconds']:8.2f}",
                flush=True,
            )
    sizes = {name: round(installed_mib(parts), 1) for name, parts in PACKAGES.items()}
    print(f"size of packages: {sizes} MiB")
    print(json.dumps({"examples": len(examples), "readers": results, "package_mib": sizes}))


if __name__ == "__main__":
    main()
