"""Spoken posts, synthesised with espeak-ng from labelled texts.

No public set at hand holds harmful speech. ``python -m moderation.training.speech TEXT OUTPUT``
reads a text manifest, speaks a balanced choice of its short English and Chinese posts in many
voices, speeds and pitches, and writes ``speech.jsonl`` with a sound a row; a row keeps its text's
labels. Voices of the dev split never speak in the training split, and neither do its texts. Every
figure made from it speaks of synthetic voices. Needs the Debian package ``espeak-ng``.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile
import torch
import torchaudio

from moderation.evaluation import DEV, TRAIN, Row, read_manifest, write_manifest
from moderation.model import SAMPLE_RATE
from moderation.training.errors import SpeechError

PROGRAM: Final = "espeak-ng"
SEED: Final = 11
SYNTHESIS_SECONDS: Final = 20  # a sentence takes some 30 ms; what takes this long hangs
WORKERS: Final = 2

CLIPS: Final = {TRAIN: 16_000, DEV: 700}  # half of each toxic, half not
CHINESE_SHARE: Final = 0.25
MAX_SECONDS: Final = 4.6  # the audio encoder's window, less the silence that augmentation adds
WORDS: Final = (2, 10)  # English words of a clip
CHARACTERS: Final = (4, 18)  # Chinese characters of a clip

LANGUAGES: Final = {"en": ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp"), "zh": ("cmn",)}
VARIANTS: Final = {
    TRAIN: ("", "+f1", "+f2", "+f3", "+m1", "+m2", "+m3", "+m4", "+m5", "+Andrea", "+Alex",
            "+belinda", "+Denis", "+linda", "+Michael", "+steph", "+john"),
    DEV: ("+f4", "+m6", "+f5", "+Annie", "+robert"),
}  # fmt: skip
SPEED: Final = (130, 190)  # words a minute
PITCH: Final = (25, 75)  # of 0..99

# Sources whose toxicity can be heard in the words alone.
SPOKEN_SOURCES: Final = frozenset(
    {
        "cold",
        "davidson",
        "sms_spam",
        "surge_toxicity",
        "template_everyday",
        "template_hate",
        "template_insults",
        "template_lookalike",
        "tweeteval_offensive",
    }
)
TEMPLATE_SHARE: Final = 0.5  # of the clips; real posts are harder to understand by ear

_NOISE: Final = re.compile(r"@user|https?\S+|#|[^\w\s',.!?，。！？]|_")


def choose_texts(rows: Iterable[Row], *, split: str, count: int, seed: int) -> list[Row]:
    """A balanced choice of short texts: toxic and not, template and real, English and Chinese."""
    draw = random.Random(f"{seed} {split}")
    pools: dict[tuple[int, bool, str], list[Row]] = {}
    for row in rows:
        spoken = _speakable(row)
        if spoken is None or row.split != split:
            continue
        template = row.source.startswith("template_")
        pools.setdefault((row.labels["toxicity"], template, row.lang), []).append(spoken)
    chosen = []
    for (_, template, lang), pool in sorted(pools.items()):
        share = (CHINESE_SHARE if lang == "zh" else 1 - CHINESE_SHARE) / 2
        share *= TEMPLATE_SHARE if template else 1 - TEMPLATE_SHARE
        wanted = int(count * share)
        rounds, rest = divmod(wanted, len(pool))  # a text is spoken again when all have been
        chosen += pool * rounds + draw.sample(pool, rest)
    draw.shuffle(chosen)
    return chosen


def synthesise(
    text: str, *, voice: str, speed: int, pitch: int, program: str = PROGRAM
) -> npt.NDArray[np.float32]:
    """Speak one text.

    Returns:
        float32 mono at 16 kHz, shape = (samples,), its loudest sample at 0.8.

    Raises:
        SpeechError: espeak-ng is missing or failed.
    """
    path = shutil.which(program)
    if path is None:
        raise SpeechError(f"{program} is missing; install the Debian package espeak-ng")
    command = [path, "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", "--", text]
    try:
        wave = subprocess.run(  # noqa: S603 - the text is one argument, never a shell's
            command, capture_output=True, check=True, timeout=SYNTHESIS_SECONDS
        ).stdout
        sound, rate = soundfile.read(io.BytesIO(wave), dtype="float32")
    except (subprocess.SubprocessError, soundfile.LibsndfileError) as error:
        raise SpeechError(f"{program} could not speak {text!r} as {voice}: {error}") from error
    resampled = _resampler(rate)(torch.from_numpy(sound)).numpy()
    return np.asarray(0.8 * resampled / max(float(np.abs(resampled).max()), 1e-6), dtype=np.float32)


def speak_all(rows: Sequence[Row], folder: Path, *, split: str, seed: int) -> list[Row]:
    """Write one sound a row; what turns out too long is left out."""
    folder.mkdir(parents=True, exist_ok=True)

    def speak(place: int) -> Row | None:
        row, draw = rows[place], random.Random(f"{seed} {split} {place}")
        sound = synthesise(
            row.text or "",
            voice=draw.choice(LANGUAGES[row.lang]) + draw.choice(VARIANTS[split]),
            speed=draw.randint(*SPEED),
            pitch=draw.randint(*PITCH),
        )
        if len(sound) > MAX_SECONDS * SAMPLE_RATE:
            return None
        path = folder / f"speech-{split}-{place}.ogg"
        soundfile.write(path, sound, SAMPLE_RATE)
        source = "speech_" + ("template" if row.source.startswith("template_") else "posts")
        return dataclasses.replace(
            row,
            id=path.stem,
            text=None,
            audio=path,
            transcript=row.text or "",
            source=source,
        )

    with ThreadPoolExecutor(WORKERS) as pool:
        return [row for row in pool.map(speak, range(len(rows))) if row is not None]


@functools.cache
def _resampler(rate: int) -> torchaudio.transforms.Resample:
    return torchaudio.transforms.Resample(rate, SAMPLE_RATE)  # its kernel takes a while to compute


def _speakable(row: Row) -> Row | None:
    if row.source not in SPOKEN_SOURCES or "toxicity" not in row.labels or row.text is None:
        return None
    text = " ".join(_NOISE.sub(" ", row.text).split())
    length = len(text) if row.lang == "zh" else len(text.split())
    least, most = CHARACTERS if row.lang == "zh" else WORDS
    if row.lang not in LANGUAGES or not least <= length <= most:
        return None
    return dataclasses.replace(row, text=text)


def write_speech(text_manifest: Path, output: Path) -> None:
    """Choose, speak, and write ``speech.jsonl`` beside the sounds."""
    rows = read_manifest(text_manifest)
    spoken: list[Row] = []
    for split, count in CLIPS.items():
        chosen = choose_texts(rows, split=split, count=count, seed=SEED)
        spoken += speak_all(chosen, output / "speech", split=split, seed=SEED)
    write_manifest(output / "speech.jsonl", spoken)


if __name__ == "__main__":
    torch.set_num_threads(1)  # the threads are used for whole sentences
    write_speech(Path(sys.argv[1]), Path(sys.argv[2]))
