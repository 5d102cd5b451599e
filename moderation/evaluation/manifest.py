"""Manifests: labelled posts, one JSON object a line, plain or gzipped.

A row is ``{"id", "text"?, "image"?, "audio"?, "labels": {category: 0 | 1}, "lang"?, "source"?,
"split"?, "event"?, "transcript"?}``; media paths are relative to the manifest. A category without a
label is unknown.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile
from PIL import Image

from moderation.evaluation.errors import ManifestError
from moderation.model import MODALITIES, SAMPLE_RATE
from schemas import Modality

TRAIN: Final = "train"
DEV: Final = "dev"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled post.

    Attributes:
        labels: 0 or 1 by category; a category that is missing is unknown.
        event: what a sound is of, such as ``dog``; for probes of the audio encoder.
        transcript: what is spoken in a sound, word for word; teaches the audio encoder to listen,
            and is never part of the post.
    """

    id: str
    text: str | None = None
    image: Path | None = None
    audio: Path | None = None
    labels: Mapping[str, int] = field(default_factory=dict)
    lang: str = ""
    source: str = ""
    split: str = TRAIN
    event: str = ""
    transcript: str = ""

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """What the post consists of, in the model's order."""
        return tuple(m for m in MODALITIES if getattr(self, m.value) is not None)


def read_manifest(path: Path, *, split: str | None = None) -> list[Row]:
    """Read one manifest.

    Args:
        path: ``.jsonl`` or ``.jsonl.gz``.
        split: of all rows, whatever they say themselves.

    Raises:
        ManifestError: no such file, or a line is not such a row.
    """
    if not path.is_file():
        raise ManifestError(f"{path}: no such manifest; give a .jsonl or .jsonl.gz file")
    rows = []
    for number, line in enumerate(_lines(path), start=1):
        try:
            row = _row(json.loads(line), path.parent)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ManifestError(
                f"{path}:{number}: not a labelled post ({error!r}); expected an object with id, "
                "labels of 0 or 1, and text, image or audio"
            ) from error
        rows.append(dataclasses.replace(row, split=split) if split else row)
    return rows


def write_manifest(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as a manifest; gzipped if the name ends in ``.gz``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") if path.suffix == ".gz" else path.open("w") as out:
        for row in rows:
            values = {k: v for k, v in dataclasses.asdict(row).items() if v not in (None, "")}
            for media in ("image", "audio"):
                if media in values:
                    values[media] = str(Path(values[media]).absolute())
            out.write(json.dumps(values, ensure_ascii=False) + "\n")


def read_image(path: Path) -> npt.NDArray[np.uint8]:
    """A training picture as uint8 RGB, shape = (height, width, 3).

    Raises:
        ManifestError: it is missing or broken.
    """
    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB"))
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path}: not a readable picture ({error})") from error


def read_audio(path: Path) -> npt.NDArray[np.float32]:
    """A training sound as float32 mono at 16 kHz, shape = (samples,).

    Raises:
        ManifestError: it is missing, broken or at another rate.
    """
    try:
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise ManifestError(f"{path}: not a readable sound ({error})") from error
    if rate != SAMPLE_RATE:
        raise ManifestError(f"{path}: {rate} samples a second; convert it to {SAMPLE_RATE}")
    mono: npt.NDArray[np.float32] = sound.mean(axis=1)
    return mono


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            if line.strip():
                yield line


def _row(values: dict[str, Any], folder: Path) -> Row:
    labels = {str(name): int(value) for name, value in values["labels"].items()}
    if not set(labels.values()) <= {0, 1}:
        raise ValueError("a label is neither 0 nor 1")
    row = Row(
        id=str(values["id"]),
        text=values.get("text"),
        image=folder / values["image"] if values.get("image") else None,
        audio=folder / values["audio"] if values.get("audio") else None,
        labels=labels,
        lang=values.get("lang", ""),
        source=values.get("source", ""),
        split=values.get("split", TRAIN),
        event=values.get("event", ""),
        transcript=values.get("transcript", ""),
    )
    if not row.modalities:
        raise ValueError("it has neither text nor image nor audio")
    return row
