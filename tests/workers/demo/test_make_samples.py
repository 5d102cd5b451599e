"""The media can be made again, and are what is committed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from workers.demo.make_samples import BROKEN, PICTURES, SAMPLE_RATE_HZ, SOUNDS, SPEECH
from workers.demo.make_samples.encode import encode_picture, write_sound
from workers.demo.sample_posts import SAMPLES_DIR

MEDIA_DIR = SAMPLES_DIR / "media"


def test_the_makers_know_every_committed_medium() -> None:
    committed = {path.name for path in MEDIA_DIR.iterdir()}
    assert committed == {*PICTURES, *SOUNDS, *SPEECH, *BROKEN}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_drawn_the_same_every_time(name: str) -> None:
    first, second = (encode_picture(PICTURES[name](), Path(name).suffix) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", PICTURES)
def test_the_committed_picture_is_the_drawn_one(name: str) -> None:
    drawn = np.asarray(PICTURES[name]().convert("RGB"), dtype=np.float64)
    committed = np.asarray(Image.open(MEDIA_DIR / name).convert("RGB"), dtype=np.float64)
    assert committed.shape == drawn.shape
    # Lossy formats and the palette change single pixels, never the picture.
    assert np.abs(committed - drawn).mean() < 4


@pytest.mark.parametrize("name", SOUNDS)
def test_the_committed_sound_is_the_synthesised_one(name: str) -> None:
    made = SOUNDS[name]()
    committed, rate_hz = soundfile.read(MEDIA_DIR / name, dtype="float32")
    assert rate_hz == SAMPLE_RATE_HZ
    assert committed.shape == made.shape
    assert np.abs(made).max() <= 1
    # Vorbis keeps the energy of noise, not its samples.
    assert np.sqrt((committed**2).mean()) == pytest.approx(np.sqrt((made**2).mean()), rel=0.15)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_the_same_every_time(name: str) -> None:
    assert BROKEN[name]() == BROKEN[name]()


def test_an_equal_sound_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "melody.ogg"
    write_sound(path, SOUNDS["melody.ogg"]())
    before = path.read_bytes()
    write_sound(path, SOUNDS["melody.ogg"]())
    assert path.read_bytes() == before
    write_sound(path, SOUNDS["beat.ogg"]())
    assert path.read_bytes() != before
