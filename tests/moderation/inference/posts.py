"""Decoded posts of every shape."""

from __future__ import annotations

import numpy as np

from moderation.media import DecodedPost


def post(
    name: str,
    text: str | None = None,
    *,
    images: int = 0,
    seconds: tuple[float, ...] = (),
    seed: int = 0,
) -> DecodedPost:
    """A post with random pictures of odd sizes and sounds of the given lengths."""
    random = np.random.default_rng(seed)
    return DecodedPost(
        post_id=name,
        text=text,
        images=tuple(
            random.integers(0, 256, (20 + 7 * number, 30, 3), dtype=np.uint8)
            for number in range(images)
        ),
        audio=tuple(
            random.normal(0, 0.1, int(length * 16_000)).clip(-1, 1).astype(np.float32)
            for length in seconds
        ),
    )


def mixed_posts() -> list[DecodedPost]:
    """One of each combination, with different lengths."""
    return [
        post("text", "you are a fine person"),
        post("image", images=1, seed=1),
        post("audio", seconds=(0.7,), seed=2),
        post("text and image", "buy now", images=1, seed=3),
        post("image and audio", images=1, seconds=(1.5,), seed=4),
        post("all", "what a day!", images=2, seconds=(0.3, 2.2), seed=5),
        post("short", "a"),
        post("long", "the weather is fine today and so are you, my dear"),
    ]
