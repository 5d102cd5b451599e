from __future__ import annotations

from pathlib import Path

import pytest

import moderation.reading
from moderation.media import Pixels
from moderation.reading import Readers, ReaderUnavailableError
from workers.moderator.errors import StartError
from workers.moderator.readers import describe, load_readers, reading_sentence
from workers.picture_reading import PictureReading


class Sign:
    name = "sign 1.0"

    def read(self, pixels: Pixels) -> str:
        return f"{pixels.shape}"


def absent() -> None:
    raise ReaderUnavailableError("it is not installed")


def test_pictures_are_read_where_a_reader_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moderation.reading, "find_picture_reader", Sign)

    readers = load_readers(PictureReading.AUTO, None, "cpu")

    assert describe(readers) == {"pictures": "sign 1.0", "sounds": "none"}


def test_without_a_reader_the_worker_starts_unless_one_was_demanded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moderation.reading, "find_picture_reader", absent)

    assert load_readers(PictureReading.AUTO, None, "cpu").picture is None
    with pytest.raises(StartError, match="it is not installed"):
        load_readers(PictureReading.ON, None, "cpu")


def test_a_reader_that_is_switched_off_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moderation.reading, "find_picture_reader", pytest.fail)

    assert load_readers(PictureReading.OFF, None, "cpu").picture is None


def test_a_transcriber_that_is_no_model_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="MODERATION_WORKER_TRANSCRIBER"):
        load_readers(PictureReading.OFF, tmp_path, "cpu")


def test_at_the_start_the_worker_says_whose_words_nobody_reads() -> None:
    said = reading_sentence(describe(Readers(picture=Sign())))

    assert said == "read in pictures by sign 1.0; not read in sounds"
