"""Hostile files are decoded in children: stopped in time, within memory, and always answered."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from moderation.media import (
    DecodedImage,
    DecodingPool,
    GuardedDecoder,
    MediaError,
    MediaLimits,
    MediaTooLargeError,
    Stopped,
    UndecodableMediaError,
    UnsupportedMediaError,
    decode_audio,
    decode_image,
)
from moderation.media.decoder import needs_child
from moderation.media.decoding_process import DecodingProcess
from schemas import Modality
from tests.moderation.media.corpus import (
    animated_gif,
    encoded,
    outcome,
    picture,
    png_bomb,
    scan_bomb,
    sound,
    tone,
)
from tests.support.waiting import eventually

LIMITS = MediaLimits()
MIB = 1024 * 1024
LONG = 60.0


@pytest.fixture
def stopped() -> list[Stopped]:
    return []


@pytest.fixture
def pool(stopped: list[Stopped]) -> Iterator[DecodingPool]:
    pool = DecodingPool(1, memory_bytes=256 * MIB, on_stopped=stopped.append)
    yield pool
    pool.close()


def children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if "moderation.media.child" in " ".join(child.cmdline())
    ]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_come_out_of_a_child_as_out_of_a_thread(pool: DecodingPool, kind: str) -> None:
    raw = encoded(picture((700, 300)), kind)

    there = pool.image(raw, LIMITS, LONG)

    here = decode_image(raw, LIMITS)
    assert np.array_equal(there.pixels, here.pixels)
    assert there.is_animated == here.is_animated
    assert pool.image(animated_gif(), LIMITS, LONG).is_animated


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_sounds_come_out_of_a_child_as_out_of_a_thread(pool: DecodingPool, kind: str) -> None:
    raw = sound(tone(1.5, 44_100, 2), 44_100, kind)
    limits = MediaLimits(kept_seconds=1.0)

    there = pool.audio(raw, limits, LONG)

    here = decode_audio(raw, limits)
    assert np.array_equal(there.samples, here.samples)
    assert (there.seconds, there.is_cut) == (here.seconds, here.is_cut)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", UndecodableMediaError),
        (b"hello", UnsupportedMediaError),
        (png_bomb(20_000, 20_000), MediaTooLargeError),
        (animated_gif()[:40], UndecodableMediaError),
    ],
)
def test_a_refusal_keeps_its_reason_on_the_way(
    pool: DecodingPool, stopped: list[Stopped], raw: bytes, error: type[MediaError]
) -> None:
    with pytest.raises(error) as there:
        pool.image(raw, LIMITS, LONG)

    assert str(there.value) == str(outcome(decode_image, raw, LIMITS))
    assert stopped == []


def test_a_file_that_takes_too_long_is_stopped_and_the_next_one_decoded(
    pool: DecodingPool, stopped: list[Stopped]
) -> None:
    # Warm first, so that the child's start is none of the time.
    pool.image(encoded(picture(), "GIF"), LIMITS, LONG)

    with pytest.raises(MediaTooLargeError, match=r"stopped after 0\.5 s"):
        pool.image(scan_bomb(side=4_000, scans=5_000), LIMITS, 0.5)

    assert stopped == ["time"]
    assert pool.image(encoded(picture(), "GIF"), LIMITS, LONG).pixels.shape == (48, 64, 3)


def test_a_file_that_takes_too_much_memory_is_refused(stopped: list[Stopped]) -> None:
    pool = DecodingPool(1, memory_bytes=64 * MIB, on_stopped=stopped.append)
    large = encoded(Image.new("RGB", (7_000, 7_000)), "PNG")
    try:
        with pytest.raises(MediaTooLargeError, match="more memory than a file may"):
            pool.image(large, LIMITS, LONG)
        assert pool.image(encoded(picture(), "GIF"), LIMITS, LONG).pixels.shape == (48, 64, 3)
    finally:
        pool.close()
    assert stopped == ["memory"]


def test_a_crash_is_answered_and_the_child_replaced(
    pool: DecodingPool, stopped: list[Stopped]
) -> None:
    pool.image(encoded(picture(), "GIF"), LIMITS, LONG)
    (victim,) = children()

    with ThreadPoolExecutor(1) as thread:
        task = thread.submit(pool.image, scan_bomb(side=4_000, scans=5_000), LIMITS, LONG)
        before = sum(victim.cpu_times()[:2])
        eventually(lambda: sum(victim.cpu_times()[:2]) > before + 0.1)
        victim.send_signal(signal.SIGSEGV)
        with pytest.raises(UndecodableMediaError, match="crashed its decoder"):
            task.result(LONG)

    assert stopped == ["crash"]
    assert isinstance(pool.image(encoded(picture(), "GIF"), LIMITS, LONG), DecodedImage)


def test_a_child_that_died_in_its_sleep_costs_no_medium(
    pool: DecodingPool, stopped: list[Stopped]
) -> None:
    pool.image(encoded(picture(), "GIF"), LIMITS, LONG)
    (victim,) = children()
    victim.kill()
    eventually(lambda: victim.status() == psutil.STATUS_ZOMBIE)

    assert pool.image(encoded(picture(), "GIF"), LIMITS, LONG).pixels.shape == (48, 64, 3)
    assert stopped == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="asks Linux's /proc")
def test_a_child_knows_no_secret_and_may_write_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION_KAFKA_SASL_PASSWORD", "correct horse")
    pool = DecodingPool(1, memory_bytes=256 * MIB)
    try:
        pool.image(encoded(picture(), "GIF"), LIMITS, LONG)
        for child in children():
            assert "correct horse" not in str(child.environ())
            assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
            assert child.cwd() == os.sep
    finally:
        pool.close()


def test_closing_ends_the_children_and_what_they_work_on() -> None:
    pool = DecodingPool(2, memory_bytes=256 * MIB)
    with ThreadPoolExecutor(1) as thread:
        pool.image(encoded(picture(), "GIF"), LIMITS, LONG)
        task = thread.submit(pool.image, scan_bomb(side=4_000, scans=5_000), LIMITS, LONG)
        eventually(lambda: any(sum(child.cpu_times()[:2]) for child in children()))
        pool.close()
        with pytest.raises(MediaError):
            task.result(LONG)
    assert children() == []


PLAIN = {
    "JPEG": encoded(picture(), "JPEG"),
    "progressive JPEG": encoded(picture(), "JPEG", progressive=True),
    "PNG": encoded(picture(), "PNG"),
    "WebP": encoded(picture(), "WEBP"),
}
HOSTILE = {
    "GIF": encoded(picture(), "GIF"),
    "JPEG of many scans": scan_bomb(side=64, scans=100),
    "animated WebP": encoded(
        picture(), "WEBP", save_all=True, append_images=[Image.new("RGB", (64, 48))]
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_pictures_stay_in_their_thread(name: str) -> None:
    assert not needs_child([(Modality.IMAGE, PLAIN[name])])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_go_to_a_child(name: str) -> None:
    assert needs_child([(Modality.IMAGE, HOSTILE[name])])


@pytest.mark.parametrize(
    ("kind", "isolated"), [("WAV", False), ("FLAC", False), ("OGG", True), ("MP3", True)]
)
def test_sounds_with_a_codec_go_to_a_child(kind: str, isolated: bool) -> None:
    assert needs_child([(Modality.AUDIO, sound(tone(), kind=kind))]) is isolated


def test_many_bombs_in_a_post_cost_no_more_than_one(
    pool: DecodingPool, stopped: list[Stopped]
) -> None:
    bomb = scan_bomb(side=4_000, scans=5_000)
    pool.image(encoded(picture(), "GIF"), LIMITS, LONG)
    decoder = GuardedDecoder(pool, seconds=0.3)

    answers = [outcome(decoder.image, bomb, LIMITS) for _ in range(16)]

    assert all(isinstance(answer, MediaTooLargeError) for answer in answers)
    assert stopped == ["time"]
    assert decoder.image(encoded(picture(), "PNG"), LIMITS).pixels.shape == (48, 64, 3)


def answering(
    about: dict[str, object], body: bytes
) -> Callable[..., tuple[dict[str, object], bytearray]]:
    return lambda *_, **__: (about, bytearray(body))


@pytest.mark.parametrize(
    ("about", "body"),
    [
        ({}, b""),
        ({"height": 2, "width": 2, "is_animated": False}, bytes(11)),
        ({"height": -1, "width": 2, "is_animated": False}, bytes(6)),
        ({"height": 10**30, "width": 2, "is_animated": False}, bytes(6)),
        ({"height": "many", "width": [], "is_animated": False}, bytes(6)),
        ({"height": 2_000, "width": 1, "is_animated": False}, bytes(6_000)),
    ],
)
def test_a_child_that_was_taken_over_cannot_hand_out_nonsense_for_pixels(
    pool: DecodingPool, monkeypatch: pytest.MonkeyPatch, about: dict[str, object], body: bytes
) -> None:
    monkeypatch.setattr(DecodingProcess, "ask", answering(about, body))

    with pytest.raises(UndecodableMediaError):
        pool.image(encoded(picture(), "GIF"), LIMITS, LONG)


@pytest.mark.parametrize(
    ("about", "samples"),
    [
        ({}, np.zeros(4, np.float32)),
        ({"rate_hz": 0, "seconds": 1.0, "is_cut": False}, np.zeros(4, np.float32)),
        ({"rate_hz": 2**40, "seconds": 1.0, "is_cut": False}, np.zeros(4, np.float32)),
        ({"rate_hz": 16_000, "seconds": 1.0, "is_cut": False}, np.zeros(0, np.float32)),
        ({"rate_hz": 16_000, "seconds": 1.0, "is_cut": False}, np.full(4, np.nan, np.float32)),
        ({"rate_hz": 16_000, "seconds": 1.0, "is_cut": False}, np.zeros(2_000_000, np.float32)),
        ({"rate_hz": 16_000, "seconds": "x", "is_cut": False}, np.zeros(4, np.float32)),
    ],
)
def test_a_child_that_was_taken_over_cannot_hand_out_nonsense_for_samples(
    pool: DecodingPool,
    monkeypatch: pytest.MonkeyPatch,
    about: dict[str, object],
    samples: np.ndarray,
) -> None:
    monkeypatch.setattr(DecodingProcess, "ask", answering(about, samples.tobytes()))

    with pytest.raises(UndecodableMediaError):
        pool.audio(sound(tone()), LIMITS, LONG)
