"""A sound's bytes to samples, with every claim of the file checked before it costs anything."""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from moderation.media.errors import (
    MediaTooLargeError,
    UndecodableMediaError,
    UnsupportedMediaError,
)
from moderation.media.limits import SAMPLE_RATE_HZ, MediaLimits
from moderation.media.pieces import riff_chunks

Samples = NDArray[np.float32]
"""A sound, shape = (n_samples,), mono, 16 kHz, -1..1."""

_FORMATS: Final = frozenset({"WAV", "WAVEX", "FLAC", "OGG", "MP3", "MPEG"})
"""By libsndfile's names. It looks behind an ID3 tag, where any of its formats may stand."""

_SUBTYPES: Final = frozenset(
    {"PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"}
    | {"VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III"}
)
"""Plain samples and the three current codecs; the rare codecs of old telephony stay shut."""

_UNKNOWN_LENGTHS: Final = (0, 0xFFFFFFFF)
"""What writers that stream put for a WAV's length, because they do not know it yet."""

_OGG_STREAM: Final = re.compile(rb"OggS\0[\x02\x03\x06\x07]")
"""RFC 3533: the page that begins a stream. Players play streams that follow each other one after
another, while libsndfile stops after the first and says that this was all."""

_MPEG_FRAME: Final = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]")
"""ISO 11172-3: eleven set bits, then a version and a layer that are not the reserved ones."""

_RATE_STEP_HZ: Final = 25
"""Rates are rounded to it before resampling, which changes pitch by under 0.4 %. The resampler's
kernel grows with rate / gcd(rate, 16000): a crafted 191,999 Hz would ask for 12 GB. Every common
rate (11,025 and 44,100 among them) is a multiple of 25 already."""

_CANCELLED: Final = 0.25
"""Channels are averaged unless that leaves less than this part of the loudest one's level: then
they cancel each other out, and a listener would hear what the average does not hold."""


@dataclass(frozen=True, slots=True)
class RawAudio:
    """A sound's mono samples at its own rate: what of decoding may meet a hostile file."""

    samples: Samples
    rate_hz: int
    seconds: float
    """Of the whole; ``samples`` may be only its beginning."""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class DecodedAudio:
    """Samples from the beginning, and how long the whole is in seconds."""

    samples: Samples
    seconds: float
    is_cut: bool = False
    """Whether there is more than ``samples`` holds."""


def decode_audio(raw: bytes, limits: MediaLimits) -> DecodedAudio:
    """Decode WAV, FLAC, Ogg (Vorbis, Opus) or MP3, as the format's signature says.

    The result is mono at 16 kHz, from the beginning, at most ``limits.kept_seconds`` long.

    Raises:
        UnsupportedMediaError: another format or codec.
        MediaTooLargeError: longer, with more channels or a higher rate than the limits allow.
        UndecodableMediaError: empty, broken, or shorter than its header promises.
    """
    return resampled(read_audio(raw, limits))


def read_audio(raw: bytes, limits: MediaLimits) -> RawAudio:
    """:func:`decode_audio` without the resampling. Raises the same errors."""
    _check_signature(raw)
    try:
        with soundfile.SoundFile(io.BytesIO(raw)) as file:
            return _read(file, limits)
    except soundfile.LibsndfileError as error:
        raise UndecodableMediaError(
            f"the sound is broken or truncated ({error.error_string}); upload it again"
        ) from error


def _check_signature(raw: bytes) -> None:
    if not raw:
        raise UndecodableMediaError("the sound has no bytes; upload it again")
    if raw.startswith(b"RIFF") and raw[8:12] == b"WAVE":
        _check_wav_is_whole(raw)
    elif raw.startswith(b"OggS"):
        if len(_OGG_STREAM.findall(raw)) > 1:
            raise UnsupportedMediaError(
                "the Ogg holds several streams, of which only the first would be heard; send one"
            )
    elif not raw.startswith((b"fLaC", b"ID3")) and not _MPEG_FRAME.match(raw):
        raise UnsupportedMediaError(
            f"no accepted sound format (begins with {raw[:4].hex()}); send WAV, FLAC, Ogg or MP3"
        )


def _check_wav_is_whole(raw: bytes) -> None:
    # libsndfile plays what is left of a cut WAV without a word, so the promise is checked here.
    place = 12
    for chunk in riff_chunks(raw):
        if chunk.name == b"data":
            return
        place = chunk.end + (chunk.end - chunk.start) % 2
    if place + 8 > len(raw):
        return
    name, length = struct.unpack_from("<4sI", raw, place)
    if name == b"data" and length not in _UNKNOWN_LENGTHS:
        raise UndecodableMediaError(
            f"the WAV promises {length:,} bytes of sound and holds "
            f"{len(raw) - place - 8:,}; upload it again"
        )


def _read(file: soundfile.SoundFile, limits: MediaLimits) -> RawAudio:
    rate: int = file.samplerate
    promised: int = file.frames
    if file.format not in _FORMATS or file.subtype not in _SUBTYPES:
        raise UnsupportedMediaError(
            f"the codec {file.format} {file.subtype} is not accepted; send WAV with 16-bit PCM"
        )
    if file.channels > limits.max_channels:
        raise MediaTooLargeError(
            f"{file.channels} channels are over the limit of {limits.max_channels}; mix them down"
        )
    if not limits.min_sample_rate_hz <= rate <= limits.max_sample_rate_hz:
        raise MediaTooLargeError(
            f"{rate:,} Hz is outside {limits.min_sample_rate_hz:,} to "
            f"{limits.max_sample_rate_hz:,} Hz; send 16,000 or 44,100 Hz"
        )
    # A stream that does not state its length claims the largest number there is.
    is_stated = promised < np.iinfo(np.int64).max
    if is_stated and promised > limits.max_seconds * rate:
        raise MediaTooLargeError(
            f"{promised / rate:,.0f} s are over the limit of {limits.max_seconds:,.0f} s; "
            "send a shorter sound"
        )
    wanted = int(limits.kept_seconds * rate)
    mono = _mono(file, wanted + 1)
    if is_stated and len(mono) < min(promised, wanted):
        raise UndecodableMediaError(
            f"the sound promises {promised:,} samples and ends after {len(mono):,}; upload it again"
        )
    if not len(mono):
        raise UndecodableMediaError("the sound has no samples; upload it again")
    is_cut = len(mono) > wanted
    seconds = (promised if is_stated else len(mono)) / rate
    return RawAudio(mono[:wanted], rate, seconds, is_cut)


def _mono(file: soundfile.SoundFile, frames: int) -> Samples:
    # A second at a time: eight channels of a minute at 192 kHz would be 370 MB at once.
    blocks: list[Samples] = []
    left = frames
    while left > 0:
        block = file.read(min(left, file.samplerate), dtype="float32", always_2d=True)
        if not len(block):
            break
        if not np.isfinite(block).all():
            raise UndecodableMediaError("the sound holds samples that are no numbers")
        blocks.append(_mixed(np.clip(block, -1.0, 1.0)))
        left -= len(block)
    return np.concatenate(blocks) if blocks else np.empty(0, np.float32)


def _mixed(block: NDArray[np.float32]) -> Samples:
    mean: Samples = block.mean(axis=1, dtype=np.float32)
    levels = np.sqrt(np.square(block).mean(axis=0))
    if np.sqrt(np.square(mean).mean()) < _CANCELLED * levels.max():
        return np.ascontiguousarray(block[:, int(levels.argmax())])
    return mean


def resampled(sound: RawAudio) -> DecodedAudio:
    """The sound at 16 kHz."""
    near = max(_RATE_STEP_HZ, round(sound.rate_hz / _RATE_STEP_HZ) * _RATE_STEP_HZ)
    if near == SAMPLE_RATE_HZ:
        return DecodedAudio(sound.samples, sound.seconds, sound.is_cut)
    # Here, not above: torch takes seconds to load, and few processes that touch media need it.
    import torch
    from torchaudio.functional import resample

    samples: Samples = resample(torch.from_numpy(sound.samples), near, SAMPLE_RATE_HZ).numpy()
    return DecodedAudio(samples, sound.seconds, sound.is_cut)
