"""Spoken samples, by the espeak-ng synthesiser."""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from typing import Final

import numpy as np
import soundfile

from workers.demo.make_samples.sounds import SAMPLE_RATE_HZ, Waveform


@dataclass(frozen=True, slots=True)
class Line:
    """What is said, and by which voice of espeak-ng."""

    voice: str
    words: str


SPEECH: Final[dict[str, Line]] = {
    "speech_greeting.ogg": Line("en-gb", "Hi, I'm on my way home now. See you at dinner."),
    "speech_weather_zh.ogg": Line("cmn", "今天天气很好，我们出去走走吧。"),
    "speech_insult.ogg": Line(
        "en-us", "You are a stupid, pathetic idiot, and everybody here hates you."
    ),
    "speech_scam.ogg": Line(
        "en-us", "Congratulations! You have won a free prize. Call now to claim your cash reward."
    ),
    "speech_threat.wav": Line("en-gb", "You are next. I will hurt you."),
}


def speak(line: Line, program: str) -> Waveform:
    """Let espeak-ng say the line.

    Args:
        line: what is said, and how.
        program: path of the espeak-ng program.

    Raises:
        subprocess.CalledProcessError: espeak-ng failed; it knows the voices of ``--voices`` only.
    """
    spoken = subprocess.run(  # noqa: S603 - our own words to a program named by the maker
        [program, "-v", line.voice, "-s", "160", "--stdout", line.words],
        check=True,
        capture_output=True,
    ).stdout
    # espeak-ng cannot know the length when it writes the header to a pipe: read what is there.
    wave, rate_hz = soundfile.read(io.BytesIO(spoken), dtype="float32")
    places = np.arange(int(wave.size * SAMPLE_RATE_HZ / rate_hz)) * (rate_hz / SAMPLE_RATE_HZ)
    resampled: Waveform = np.interp(places, np.arange(wave.size), wave).astype(np.float32)
    return resampled
