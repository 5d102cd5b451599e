"""A sound can be looked at before it is heard."""

from __future__ import annotations

import asyncio
import io
import threading
from contextlib import suppress

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PIL import Image

from moderation.media import (
    SAMPLE_RATE_HZ,
    CompositeFetcher,
    DecodedAudio,
    MediaLimits,
    Samples,
)
from tests.workers.review.samples import escalation, inline, post, wav
from tests.workers.review.web.conftest import Visitor
from workers.review.app import ReviewProcess
from workers.review.web import ConsoleDecoder, MediaShelf
from workers.review.web.sound_picture import SPECTRUM_HEIGHT, WAVE_HEIGHT, WIDTH, sound_picture

ITEM = escalation().verdict.verdict_id


def tone(hertz: float, seconds: float = 2.0) -> Samples:
    """Silence, then a tone in the second half."""
    time = np.arange(int(SAMPLE_RATE_HZ * seconds)) / SAMPLE_RATE_HZ
    return np.where(time < seconds / 2, 0.0, 0.8 * np.sin(2 * np.pi * hertz * time)).astype(
        np.float32
    )


def brightness(picture: bytes) -> NDArray[np.int64]:
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (WIDTH, WAVE_HEIGHT + SPECTRUM_HEIGHT)
        colours: NDArray[np.int64] = np.asarray(image.convert("RGB"), dtype=np.int64)
    return np.asarray(colours.sum(axis=2))


def test_the_wave_is_high_where_the_sound_is_loud() -> None:
    wave = brightness(sound_picture(tone(440)))[:WAVE_HEIGHT]
    drawn = (wave > wave.min()).sum(axis=0)
    assert drawn[: WIDTH // 2 - 1].max() < WAVE_HEIGHT * 0.05
    assert drawn[WIDTH // 2 + 1 : -1].min() > WAVE_HEIGHT * 0.7


@pytest.mark.parametrize("hertz", [1_000, 4_000, 7_000])
def test_the_spectrum_is_brightest_at_the_tones_height(hertz: int) -> None:
    spectrum = brightness(sound_picture(tone(hertz)))[WAVE_HEIGHT:, WIDTH * 3 // 4]
    rows_from_bottom = SPECTRUM_HEIGHT - 1 - int(spectrum.argmax())
    assert rows_from_bottom == pytest.approx(hertz / 8_000 * SPECTRUM_HEIGHT, abs=1)


@pytest.mark.parametrize("samples", [0, 1, WIDTH - 1, WIDTH + 1])
def test_silence_of_any_length_can_be_drawn(samples: int) -> None:
    picture = brightness(sound_picture(np.zeros(samples, dtype=np.float32)))
    assert len(np.unique(picture[WAVE_HEIGHT:])) == 1


async def test_the_page_shows_the_picture_above_a_muted_player(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(440), SAMPLE_RATE_HZ, format="OGG")
    await process.parts.intake.record([escalation(post(audio=(inline(buffer.getvalue()),)))])
    page = (await reviewer.get(f"/items/{ITEM}")).text
    assert page.index("/sounds/0/picture") < page.index("<audio controls muted")
    response = await reviewer.http.get(f"/items/{ITEM}/sounds/0/picture")
    assert response.headers["content-type"] == "image/png"
    assert "sandbox" in response.headers["content-security-policy"]
    assert brightness(response.content).max() > 0


class MeetingDecoder(ConsoleDecoder):
    """Waits a moment for a second sound to be decoded beside the first."""

    def __init__(self) -> None:
        super().__init__()
        self.met = False
        self._meeting = threading.Barrier(2)

    def audio(self, raw: bytes, limits: MediaLimits) -> DecodedAudio:
        del raw, limits
        with suppress(threading.BrokenBarrierError):
            self._meeting.wait(timeout=0.2)
            self.met = True
        return DecodedAudio(tone(440, seconds=0.1), 0.1)


async def test_sounds_are_drawn_one_at_a_time() -> None:
    decoder = MeetingDecoder()
    shelf = MediaShelf(CompositeFetcher(), MediaLimits(), decoder)
    sounds = [inline(wav() + bytes([number])) for number in range(3)]
    drawn = await asyncio.gather(*map(shelf.picture, sounds))
    assert {each.content_type for each in drawn} == {"image/png"}
    assert not decoder.met


async def test_what_cannot_be_drawn_is_not_found(process: ReviewProcess, reviewer: Visitor) -> None:
    sounds = (inline(wav()[:60]), inline(b"\0\0\0\x18ftypM4A "))
    await process.parts.intake.record([escalation(post(audio=sounds))])
    for index in (0, 1, 2):
        response = await reviewer.http.get(f"/items/{ITEM}/sounds/{index}/picture")
        assert response.status_code == 404
