from __future__ import annotations

import logging

import numpy as np
import pytest

from moderation.media import DecodedPost, MediaLimits, Pixels, Samples
from moderation.reading import Readers, with_words
from schemas import FoundText, Modality, NotScannedReason

LIMITS = MediaLimits(kept_side_px=100)


class Sign:
    """Reads the side of every picture; of black ones it cannot."""

    name = "sign"

    def read(self, pixels: Pixels) -> str:
        if not pixels.any():
            raise ValueError("too dark")
        return f" side {max(pixels.shape)}\x00 "


class Echo:
    """Hears how long every sound is."""

    name = "echo"

    def transcribe(self, samples: Samples) -> str:
        return f"{len(samples)} samples" if samples.any() else ""


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="moderation.reading.stage")


def picture(side: int, shade: int = 200) -> Pixels:
    return np.full((side, side // 2, 3), shade, np.uint8)


def test_pictures_are_read_as_they_were_decoded_and_shrunk_afterwards() -> None:
    post = DecodedPost("p", images=(picture(400),), image_places=(2,))

    read = with_words(post, Readers(picture=Sign()), LIMITS)

    assert read.found_texts == (FoundText(modality=Modality.IMAGE, index=2, text="side 400"),)
    assert read.images[0].shape == (100, 50, 3)


def test_pictures_are_decoded_larger_only_for_a_reader() -> None:
    assert Readers().decoding(LIMITS) == LIMITS
    assert Readers(picture=Sign()).decoding(LIMITS).kept_side_px > LIMITS.kept_side_px


def test_sounds_are_transcribed_and_silence_is_an_empty_text() -> None:
    post = DecodedPost("p", audio=(np.ones(5, np.float32), np.zeros(5, np.float32)))

    read = with_words(post, Readers(transcriber=Echo()), LIMITS)

    assert [(found.index, found.text) for found in read.found_texts] == [(0, "5 samples"), (1, "")]


def test_a_reader_that_fails_leaves_a_gap_and_the_other_pictures_are_read() -> None:
    post = DecodedPost("p", images=(picture(40, shade=0), picture(60)))

    read = with_words(post, Readers(picture=Sign()), LIMITS)

    assert [found.index for found in read.found_texts] == [1]
    assert [(gap.modality, gap.index, gap.reason, gap.detail) for gap in read.not_scanned] == [
        (
            Modality.IMAGE,
            0,
            NotScannedReason.TRUNCATED,
            "the words in it could not be read (ValueError)",
        )
    ]


def test_without_readers_nothing_is_found_and_nothing_is_missing() -> None:
    post = DecodedPost("p", "hi", images=(picture(40),), audio=(np.ones(5, np.float32),))

    read = with_words(post, Readers(), LIMITS)

    assert read.found_texts == read.not_scanned == ()
