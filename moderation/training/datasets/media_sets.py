"""Readers of the public sets with pictures and sounds. They write what they make of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import soundfile
import torch
import torchaudio
from PIL import Image

from moderation.evaluation import DEV, TRAIN
from moderation.model import SAMPLE_RATE
from moderation.training.datasets.crops import crops_of, difference_hash, read_boxes
from moderation.training.datasets.raw import RawPost, open_text, require

PICTURE_SIDE: Final = 256  # pixels, the longest side
MEME_SIDE: Final = 320  # pixels: the words on a meme must stay readable
JPEG_QUALITY: Final = 88
NEAR_DUPLICATE_BITS: Final = 8  # of 64 in which two copies of a picture may differ

ESC10_DEV_FOLD: Final = 4
ESC10_TRAIN_FOLDS: Final = (1, 2, 3)  # fold 5 is kept apart for comparison with other work
ESC10_EVENTS: Final = MappingProxyType(
    {
        "dog": "dog_bark",
        "rain": "rain",
        "sea": "sea_waves",
        "clock": "clock_tick",
        "person": "person_sneeze",
        "helicopter": "helicopter",
        "chainsaw": "chainsaw",
        "rooster": "rooster",
        "fire": "fire_crackling",
    }
)
"""First word of a folder's name -> event; the crying baby is left out."""

FSDD_DEV_SPEAKER: Final = "yweweler"
FSDD_RECORDINGS: Final = range(5, 15)  # of each digit and speaker; the test part is 0 to 4

TOXIC_TECHNIQUES: Final = frozenset({"Smears", "Name calling/Labeling"})

# Classes that show arms or are likely to, and classes that often show children or undressed people.
IMAGENET_LEFT_OUT: Final = frozenset({
    "assault_rifle", "bow", "bulletproof_vest", "cannon", "cleaver", "guillotine", "half_track",
    "hatchet", "holster", "military_uniform", "missile", "projectile", "revolver", "rifle",
    "scabbard", "tank", "warplane", "bassinet", "bathtub", "bib", "bikini", "brassiere", "cradle",
    "crib", "diaper", "maillot", "nipple", "swimming_trunks", "bath_towel", "carousel", "lotion",
    "maypole", "miniskirt", "pajama", "sarong", "shower_cap", "shower_curtain", "sunscreen",
    "swing", "teddy", "toyshop", "tricycle", "tub",
})  # fmt: skip


def guns(folder: Path, media: Path) -> Iterator[RawPost]:
    """``Images/*/N.jpeg`` with boxes in ``Labels/*/N.txt``: crops of guns, and of what is beside.

    Copies of one picture share a split.
    """
    seen: dict[int, str] = {}
    for path in sorted(require(folder / "Images").glob("*/*.jp*g")):
        boxes = read_boxes(require(folder / "Labels" / path.parent.name / f"{path.stem}.txt"))
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        bits = difference_hash(picture)
        group = next(
            (g for known, g in seen.items() if (known ^ bits).bit_count() <= NEAR_DUPLICATE_BITS),
            f"guns-{path.stem}",
        )
        if bits in seen:
            continue
        seen[bits] = group
        for name, crop, gun in crops_of(picture, boxes):
            yield RawPost(
                f"{path.stem}-{name}",
                image=_write_picture(crop, media / f"guns-{path.stem}-{name}.jpg", PICTURE_SIDE),
                labels={"weapons": int(gun)},
                group=group,
            )


def imagenet(folder: Path, media: Path) -> Iterator[RawPost]:
    """``nNNNNNNNN_name.JPEG``, one photo a class: none shows a gun."""
    for path in sorted(require(folder).glob("n*_*.JPEG")):
        synset, name = path.stem.split("_", 1)
        if name.lower() in IMAGENET_LEFT_OUT:
            continue
        with Image.open(path) as opened:
            written = _write_picture(
                opened.convert("RGB"), media / f"imagenet-{synset}.jpg", PICTURE_SIDE
            )
        yield RawPost(synset, image=written, labels={"weapons": 0})


def memes(folder: Path, media: Path) -> Iterator[RawPost]:
    """``annotations/{train,val}.jsonl`` and ``images``: smears and name calling are toxic.

    A proxy: the techniques are of propaganda, not an annotation of toxicity.
    """
    data = folder / "data/datasets/propaganda/defaults"
    for part, split in (("train", TRAIN), ("val", DEV)):
        with open_text(data / f"annotations/{part}.jsonl") as lines:
            for line in lines:
                meme = json.loads(line)
                with Image.open(require(data / "images" / meme["image"])) as opened:
                    written = _write_picture(
                        opened.convert("RGB"), media / f"memes-{meme['id']}.jpg", MEME_SIDE
                    )
                yield RawPost(
                    meme["id"],
                    meme["text"],
                    image=written,
                    labels={"toxicity": int(bool(TOXIC_TECHNIQUES & set(meme["labels"])))},
                    lang="en",
                    split=split,
                )


def esc10(folder: Path, media: Path) -> Iterator[RawPost]:
    """``NNN - Name/FOLD-CLIP-TAKE.ogg``: nine sounds of surroundings, in the set's own folds."""
    for path in sorted(require(folder).glob("[0-9]* - */*.ogg")):
        event = ESC10_EVENTS.get(path.parent.name.split(" - ", 1)[1].split()[0].lower())
        fold = int(path.stem.split("-")[0])
        if event is None or fold not in (*ESC10_TRAIN_FOLDS, ESC10_DEV_FOLD):
            continue
        yield RawPost(
            path.stem,
            audio=_write_sound(path, media / f"esc10-{path.stem}.ogg"),
            event=event,
            split=DEV if fold == ESC10_DEV_FOLD else TRAIN,
        )


def fsdd(folder: Path, media: Path) -> Iterator[RawPost]:
    """``recordings/DIGIT_SPEAKER_NUMBER.wav``: spoken digits; one speaker is only heard in dev."""
    speakers: dict[str, str] = {}
    for path in sorted(require(folder / "recordings").glob("*_*_*.wav")):
        digit, speaker, number = path.stem.split("_")
        alias = speakers.setdefault(speaker, f"s{len(speakers)}")  # names of people are not kept
        if int(number) not in FSDD_RECORDINGS:
            continue
        name = f"{alias}-{digit}-{number}"
        yield RawPost(
            name,
            audio=_write_sound(path, media / f"fsdd-{name}.ogg"),
            event="speech",
            split=DEV if speaker == FSDD_DEV_SPEAKER else TRAIN,
        )


def _write_picture(picture: Image.Image, path: Path, side: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    scale = side / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    picture.resize((width, height), Image.Resampling.LANCZOS).save(path, quality=JPEG_QUALITY)
    return path


def _write_sound(source: Path, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound, rate = soundfile.read(source, dtype="float32", always_2d=True)
    mono = torch.from_numpy(sound.mean(axis=1))
    resampled = torchaudio.functional.resample(mono, rate, SAMPLE_RATE).numpy()
    soundfile.write(path, np.clip(resampled, -1, 1), SAMPLE_RATE)
    return path
