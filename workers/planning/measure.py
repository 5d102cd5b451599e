"""Service rates of this machine, with the real classifier, decoders, policy and contracts."""

from __future__ import annotations

import io
import os
import platform
import statistics
import time
import wave
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image

from moderation.inference import SHIPPED_MODEL_DIR, Scorer
from moderation.media import DecodedPost, MediaLimits, decode_audio, decode_image
from rules import DEFAULT_POLICY_PATH, Case, PolicyEngine, load_policy
from schemas import CATEGORIES, Post, Versions
from workers.moderator.judge import Circumstances, judge
from workers.moderator.records import read_post
from workers.planning.rates import Pieces, Rates

ROUNDS: Final = 5  # of which the median counts
POSTS: Final = 500  # judged in one round: one takes some ten thousandths of a second
BATCH: Final = 32  # posts of a full batch here; the classifier cuts larger ones by itself
WORDS: Final = 20  # of a text
SIDE: Final = 1024  # pixels of a picture
SOUND_SECONDS: Final = 5  # one window
SOUND_RATE: Final = 16_000


def measure(*, model: Path | None, device: str) -> Rates:
    """Measure. Takes about a minute.

    What runs on a CPU is measured in seconds of one core, as the system counts them, so that other
    work on the machine disturbs little; what runs on a GPU, by the clock.

    Args:
        model: folder of the weights; the shipped ones if None.
        device: see :class:`~moderation.inference.Scorer`.

    Raises:
        ModelError, InferenceError: the model or the device cannot be used.
    """
    torch.set_num_threads(1)
    scorer = Scorer(model or SHIPPED_MODEL_DIR, device)
    scorer.warm_up()
    draw = np.random.default_rng(0)
    makers = {"text": _with_text, "image": _with_image, "audio": _with_audio}
    on_cpu = scorer.device.type == "cpu"
    clock = time.process_time if on_cpu else time.perf_counter
    single, marginal = {}, {}
    for name, maker in makers.items():
        single[name] = _median(partial(_timed_batch, scorer, maker, 1, draw, clock))
        full = _median(partial(_timed_batch, scorer, maker, BATCH, draw, clock))
        marginal[name] = max(full - single[name], 0.0) / (BATCH - 1)
    return Rates(
        machine=f"{platform.machine()}, {os.cpu_count()} CPUs, {scorer.device}",
        model=scorer.version,
        device="cpu" if on_cpu else "cuda",
        batch_posts=BATCH,
        batch_seconds=max(single["text"] - marginal["text"], 0.0),
        device_seconds=Pieces.model_validate(marginal),
        decode_seconds=Pieces(text=0.0, image=_decode_image(draw), audio=_decode_audio(draw)),
        post_seconds=_post_seconds(),
    )


Maker = Callable[[str, np.random.Generator], DecodedPost]
Clock = Callable[[], float]


def _timed_batch(
    scorer: Scorer, maker: Maker, posts: int, draw: np.random.Generator, clock: Clock
) -> float:
    """Seconds for a batch of posts that nobody has seen before: nothing comes from the cache."""
    batch = [maker(str(number), draw) for number in range(posts)]
    return _timed(lambda: scorer.score(batch), clock)


def _with_text(name: str, draw: np.random.Generator) -> DecodedPost:
    words = draw.choice(("see", "you", "at", "the", "market", "on", "sunday", "morning"), WORDS)
    return DecodedPost(name, f"{' '.join(words)} {draw.integers(1_000_000)}")


def _with_image(name: str, draw: np.random.Generator) -> DecodedPost:
    return DecodedPost(name, images=(draw.integers(0, 256, (512, 512, 3), dtype=np.uint8),))


def _with_audio(name: str, draw: np.random.Generator) -> DecodedPost:
    samples = draw.normal(0, 0.1, SOUND_SECONDS * SOUND_RATE).astype(np.float32)
    return DecodedPost(name, audio=(samples,))


def _decode_image(draw: np.random.Generator) -> float:
    """A JPEG with detail at several scales: noise alone decodes slower than any photograph."""
    coarse = draw.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return _median(lambda: _timed(lambda: decode_image(file.getvalue(), MediaLimits())))


def _decode_audio(draw: np.random.Generator) -> float:
    samples = (draw.normal(0, 0.1, SOUND_SECONDS * SOUND_RATE) * 20_000).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SOUND_RATE)
        sound.writeframes(samples.tobytes())
    return _median(lambda: _timed(lambda: decode_audio(file.getvalue(), MediaLimits())))


def _post_seconds() -> float:
    """To read a post, judge it by the default policy and write the verdict."""
    engine = PolicyEngine(load_policy(DEFAULT_POLICY_PATH))
    text = "see you at the market on sunday morning"
    post = Post(post_id="p", author_id="a", created_at=datetime.now(UTC), text=text)
    raw = post.model_dump_json().encode()

    def judged() -> None:
        for _ in range(POSTS):
            _judge(raw, engine)

    return _median(lambda: _timed(judged)) / POSTS


def _judge(raw: bytes, engine: PolicyEngine) -> bytes:
    now = datetime.now(UTC)
    post = read_post(raw)
    case = Case(post=post, scores=dict.fromkeys(CATEGORIES, 0.01), now=now)
    by = Circumstances(versions=Versions(model="measured", policy=engine.version), now=now)
    return judge(post, (), engine.decide(case), by).verdict.model_dump_json().encode()


def _timed(work: Callable[[], object], clock: Clock = time.process_time) -> float:
    begin = clock()
    work()
    return clock() - begin


def _median(measured: Callable[[], float]) -> float:
    measured()  # the first time pays for what is loaded late
    rounds: Sequence[float] = [measured() for _ in range(ROUNDS)]
    return statistics.median(rounds)
