from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.media import (
    MediaError,
    MediaLimits,
    MediaTooLargeError,
    UndecodableMediaError,
    UnsupportedMediaError,
    decode_audio,
)
from tests.moderation.media.corpus import DAMAGES, Damage, outcome, sound, tone, wav_header

LIMITS = MediaLimits()


def loudest_hz(samples: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * 16_000 / len(samples))


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_accepted_format_becomes_mono_at_16_khz(kind: str, rate: int, channels: int) -> None:
    raw = sound(tone(1.0, rate, channels), rate, kind)

    heard = decode_audio(raw, LIMITS)

    assert heard.samples.dtype == np.float32
    assert heard.samples.ndim == 1
    assert len(heard.samples) == pytest.approx(16_000, rel=0.15)  # MP3 pads with silence
    assert loudest_hz(heard.samples) == pytest.approx(440, abs=5)
    assert not heard.is_cut


def test_opus_is_accepted() -> None:
    raw = sound(tone(1.0, 48_000), 48_000, "OGG", "OPUS")

    assert loudest_hz(decode_audio(raw, LIMITS).samples) == pytest.approx(440, abs=5)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "FLOAT", "DOUBLE", "ULAW", "ALAW"])
def test_the_plain_wav_encodings_are_accepted(subtype: str) -> None:
    raw = sound(tone(), kind="WAV", subtype=subtype)

    assert loudest_hz(decode_audio(raw, LIMITS).samples) == pytest.approx(440, abs=5)


def test_channels_that_cancel_out_are_heard_all_the_same() -> None:
    stereo = tone(channels=2)
    stereo[:, 1] *= -1

    samples = decode_audio(sound(stereo), LIMITS).samples

    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.01)


def test_ordinary_stereo_is_averaged() -> None:
    stereo = tone(channels=2)
    stereo[:, 1] = 0

    samples = decode_audio(sound(stereo), LIMITS).samples

    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.01)


def test_of_a_long_sound_the_beginning_is_kept_and_the_whole_length_told() -> None:
    raw = sound(tone(3.0, 8_000), 8_000, "FLAC")

    heard = decode_audio(raw, MediaLimits(kept_seconds=2.0))

    assert heard.is_cut
    assert heard.seconds == pytest.approx(3.0)
    assert len(heard.samples) == 32_000


def test_a_sound_of_exactly_the_kept_length_is_not_cut() -> None:
    heard = decode_audio(sound(tone(2.0)), MediaLimits(kept_seconds=2.0))

    assert not heard.is_cut


def test_a_wav_that_a_streaming_writer_left_open_is_read_to_its_end() -> None:
    raw = bytearray(sound(tone()))
    place = raw.index(b"data")
    raw[place + 4 : place + 8] = b"\xff\xff\xff\xff"

    assert len(decode_audio(bytes(raw), LIMITS).samples) == 8_000


def test_hours_of_silence_are_refused_by_the_header() -> None:
    hours = sound(np.zeros(8_000 * 3600, np.int16), 8_000, "FLAC")
    assert len(hours) < LIMITS.max_bytes

    with pytest.raises(MediaTooLargeError, match="3,600 s are over the limit of 600 s"):
        decode_audio(hours, LIMITS)


def test_too_many_channels_are_refused() -> None:
    with pytest.raises(MediaTooLargeError, match="9 channels"):
        decode_audio(sound(np.zeros((100, 9), np.float32)), LIMITS)


@pytest.mark.parametrize("rate", [1_000, 192_001, 2_000_000_000])
def test_a_rate_outside_the_limits_is_refused(rate: int) -> None:
    raw = wav_header(rate, frames=100) + bytes(200)

    with pytest.raises(MediaTooLargeError, match="Hz is outside"):
        decode_audio(raw, LIMITS)


@pytest.mark.parametrize("rate", [191_999, 15_999, 11_025, 22_050, 7_919])
def test_odd_rates_are_resampled_without_a_giant_kernel(rate: int) -> None:
    raw = sound(tone(1.0, rate), rate)

    samples = decode_audio(raw, LIMITS).samples

    assert len(samples) == pytest.approx(16_000, rel=0.005)
    assert loudest_hz(samples) == pytest.approx(440, abs=5)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3"])
def test_a_sound_shorter_than_its_header_promises_is_undecodable(kind: str) -> None:
    noise = np.random.default_rng(5).normal(0, 0.2, 32_000).astype(np.float32)
    raw = sound(noise, kind=kind)

    with pytest.raises(UndecodableMediaError, match="upload it again"):
        decode_audio(raw[: len(raw) // 2], LIMITS)


@pytest.mark.parametrize("raw", [b"", sound(np.zeros(0, np.float32)), wav_header(16_000, frames=0)])
def test_nothing_to_hear_is_undecodable(raw: bytes) -> None:
    with pytest.raises(UndecodableMediaError, match=r"no (bytes|samples)"):
        decode_audio(raw, LIMITS)


def test_samples_that_are_no_numbers_are_undecodable() -> None:
    broken = tone()
    broken[100] = np.nan

    with pytest.raises(UndecodableMediaError, match="no numbers"):
        decode_audio(sound(broken, subtype="FLOAT"), LIMITS)


def test_samples_beyond_full_scale_are_clipped() -> None:
    loud = sound(tone() * 1_000, subtype="FLOAT")

    assert np.abs(decode_audio(loud, LIMITS).samples).max() == 1.0


@pytest.mark.parametrize("kind", ["AIFF", "AU", "CAF", "VOC"])
def test_formats_off_the_allow_list_are_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedMediaError, match="WAV, FLAC, Ogg or MP3"):
        decode_audio(sound(tone(), kind=kind), LIMITS)


def test_a_rare_codec_in_an_accepted_container_is_unsupported() -> None:
    with pytest.raises(UnsupportedMediaError, match="codec"):
        decode_audio(sound(tone(), kind="WAV", subtype="MS_ADPCM"), LIMITS)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_are_refused_with_a_media_error(raw: bytes) -> None:
    with pytest.raises(MediaError):
        decode_audio(raw, LIMITS)


SEEDS = {kind.lower(): sound(tone(0.1), kind=kind) for kind in ("WAV", "FLAC", "OGG", "MP3")}


@pytest.mark.parametrize("seed", SEEDS)
@settings(max_examples=60, deadline=None)
@given(damage=DAMAGES)
def test_a_damaged_file_is_refused_or_decoded_and_never_crashes(seed: str, damage: Damage) -> None:
    heard = outcome(decode_audio, damage.done_to(SEEDS[seed]), LIMITS)

    if isinstance(heard, MediaError):
        assert str(heard)
    else:
        assert heard.samples.dtype == np.float32
        assert np.isfinite(heard.samples).all()
        assert len(heard.samples) <= LIMITS.kept_seconds * 16_000 + 1


def test_a_header_that_claims_more_chunks_than_there_are_bytes_is_undecodable() -> None:
    raw = b"RIFF" + struct.pack("<I", 100) + b"WAVE" + b"LIST" + struct.pack("<I", 2**31)

    with pytest.raises(UndecodableMediaError):
        decode_audio(raw, LIMITS)


def test_an_ogg_that_goes_on_after_its_first_stream_is_not_passed_off_as_heard() -> None:
    clean, hidden = sound(tone(0.2), kind="OGG"), sound(tone(1.0), kind="OGG")

    with pytest.raises(UnsupportedMediaError, match="several streams"):
        decode_audio(clean + hidden, LIMITS)
