"""Posts to measure with: made, seeded, and no two alike, so that no cache of embeddings helps."""

from __future__ import annotations

import io
import math
import random
import wave
from datetime import UTC, datetime
from typing import Final, Literal, get_args

import numpy as np
from PIL import Image

from moderation.media import SAMPLE_RATE_HZ
from schemas import Media, Post

Mix = Literal["text", "mixed", "image", "audio"]
MIXES: Final = get_args(Mix)
"""``mixed`` is text, to which a quarter of the posts adds a picture and one in twenty a sound."""

CREATED_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
AUTHORS: Final = 997
"""Enough that every partition gets its share."""

SEED: Final = 5
_WORDS: Final = (
    "the a of and to in is it you that he was for on are with as his they at be this from have or "
    "one had by word but not what all were we when your can said there use an each which she do "
    "how their if will up other about out many then them these so some her would make like him "
    "into time has look two more write go see number no way could people my than first water been "
    "call who oil its now find long down day did get come made may part morning coffee river train"
)
WORDS: Final = tuple(_WORDS.split())

MEDIAN_WORDS: Final = 18
WORDS_SPREAD: Final = 0.8
"""Of the logarithm: posts are short, and a few are long, as on most platforms."""
MAX_WORDS: Final = 300

PICTURE_SIZE: Final = (640, 480)
SOUND_SECONDS: Final = 3.0
SMALL_POST_BYTES: Final = 300
"""Of the posts that measure the plumbing alone."""


def make_posts(mix: Mix, count: int, seed: int = SEED) -> list[Post]:
    """Posts of a mix; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - draws made posts, nothing secret
    return [_make_post(mix, number, rng) for number in range(count)]


def small_post(number: int) -> bytes:
    """A text post that takes :data:`SMALL_POST_BYTES` on the wire."""
    rng = random.Random(number)  # noqa: S311 - draws a made post, nothing secret
    empty = _post(number, text="x")
    room = SMALL_POST_BYTES - len(empty.to_bytes()) + 1
    text = " ".join(rng.choice(WORDS) for _ in range(room // 2))[:room]
    return empty.model_copy(update={"text": text}).to_bytes()


def _post(number: int, **content: object) -> Post:
    return Post.model_validate(
        {
            "post_id": f"post-{number:08}",
            "author_id": f"author-{number % AUTHORS}",
            "created_at": CREATED_AT,
            **content,
        }
    )


def _make_post(mix: Mix, number: int, rng: random.Random) -> Post:
    content: dict[str, object] = {}
    if mix in {"text", "mixed"}:
        content["text"] = f"{_text(rng)} {number}"
    if mix == "image" or (mix == "mixed" and number % 4 == 0):
        content["images"] = (Media(data=picture(rng), media_type="image/jpeg"),)
    if mix == "audio" or (mix == "mixed" and number % 20 == 1):
        content["audio"] = (Media(data=sound(rng), media_type="audio/wav"),)
    return _post(number, **content)


def _text(rng: random.Random) -> str:
    words = min(MAX_WORDS, max(2, round(rng.lognormvariate(math.log(MEDIAN_WORDS), WORDS_SPREAD))))
    return " ".join(rng.choice(WORDS) for _ in range(words))


def picture(rng: random.Random, size: tuple[int, int] = PICTURE_SIZE) -> bytes:
    """A JPEG of soft coloured clouds with a little grain, about as large as a photograph."""
    made = np.random.default_rng(rng.getrandbits(32))
    clouds = Image.fromarray(made.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    pixels = np.asarray(clouds.resize(size, Image.Resampling.BICUBIC)).astype(np.int16)
    grain = made.integers(-12, 13, pixels.shape, dtype=np.int16)
    file = io.BytesIO()
    Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=80)
    return file.getvalue()


def sound(rng: random.Random, seconds: float = SOUND_SECONDS) -> bytes:
    """A WAV of three tones and noise, 16 bits, mono, 16 kHz."""
    made = np.random.default_rng(rng.getrandbits(32))
    time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tones = sum(np.sin(2 * np.pi * made.uniform(100, 2000) * time) for _ in range(3))
    samples = tones * 0.1 + made.normal(0.0, 0.05, len(time))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()
