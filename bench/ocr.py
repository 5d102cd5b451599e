"""Which reader of text in pictures, at what size: ``python -m bench.ocr``.

Own sentences in English and Chinese, drawn in the fonts at hand over pictures drawn by code: flat,
small, turned, noisy, and over a busy ground. Each reader gets the same pictures. Printed are the
character error rate (edits by the length of what stood there, line breaks and case aside; at most 1
a picture), the letters found where there are none, and CPU seconds a picture, so that a busy
machine says the same. The last line is one JSON object of all figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from bench.ocr_pictures import CONDITIONS, SENTENCES, SIZE_PX, Example, make_examples
from moderation.media import Pixels
from moderation.reading import (
    PictureReader,
    RapidReader,
    ReaderUnavailableError,
    ReadingError,
    TesseractReader,
)

SIDES_PX: Final = (512, 736, 960)
"""Longer sides at which the readers are given the pictures."""

PACKAGES: Final = {
    "rapidocr": ("rapidocr", "onnxruntime", "opencv-python-headless", "shapely", "pyclipper"),
}


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
    examples = make_examples(given.examples, random.Random(7))  # noqa: S311 - examples that every run draws alike; nothing secret
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
