"""Small changes to training samples that leave their meaning as it is."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from moderation.model import SAMPLE_RATE, Sample

WHOLE_TEXTS = 0.5  # chance that a text stays as it is
WORD_DROP = 0.05  # share of tokens dropped from the others
MIN_CROP = 0.7  # of a picture's side
MIRRORED = 0.5  # chance that a picture is mirrored
GREY = 0.1  # chance that it loses its colours
MAX_SHIFT_SECONDS = 0.3  # of silence put before a sound
NOISE_DECIBELS = (10.0, 40.0)  # signal over noise


def augment(sample: Sample, draw: random.Random) -> Sample:
    """A changed copy: fewer tokens, another crop, a noisier sound."""
    if sample.text is not None and not isinstance(sample.text, str):
        return Sample(text=_drop_tokens(sample.text, draw))
    if sample.image is not None:
        return Sample(image=_change_image(sample.image, draw))
    if sample.audio is not None:
        return Sample(audio=_change_audio(sample.audio, draw))
    return sample


def _drop_tokens(ids: Sequence[int], draw: random.Random) -> list[int]:
    tokens = list(ids)
    if draw.random() < WHOLE_TEXTS:
        return tokens
    body = [token for token in tokens[1:-1] if draw.random() >= WORD_DROP]
    return [tokens[0], *body, tokens[-1]]


def _change_image(pixels: npt.NDArray[np.uint8], draw: random.Random) -> npt.NDArray[np.uint8]:
    """Crop, mirror, brighten: uint8 (3, size, size) in and out."""
    size = pixels.shape[1]
    picture = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    side = size * draw.uniform(MIN_CROP, 1)
    left, top = draw.uniform(0, size - side), draw.uniform(0, size - side)
    picture = picture.resize(
        (size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side)
    )
    changed = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1)
    if draw.random() < MIRRORED:
        changed = changed[:, :, ::-1]
    changed = (changed - 128) * draw.uniform(0.7, 1.3) + 128 + draw.uniform(-30, 30)
    if draw.random() < GREY:
        changed = np.broadcast_to(changed.mean(axis=0), changed.shape)
    return np.ascontiguousarray(changed.clip(0, 255).astype(np.uint8))


def _change_audio(sound: npt.NDArray[np.float32], draw: random.Random) -> npt.NDArray[np.float32]:
    """Shift, noise: float32 (samples,) in, somewhat longer out."""
    noise = np.random.default_rng(draw.getrandbits(32))
    silence = np.zeros(int(draw.uniform(0, MAX_SHIFT_SECONDS) * SAMPLE_RATE), dtype=np.float32)
    shifted = np.concatenate([silence, sound])
    level = float(np.sqrt(np.mean(sound**2)) + 1e-6) * 10 ** (-draw.uniform(*NOISE_DECIBELS) / 20)
    hiss = noise.standard_normal(len(shifted)).astype(np.float32) * level
    noisy: npt.NDArray[np.float32] = (shifted + hiss).astype(np.float32)
    return noisy
