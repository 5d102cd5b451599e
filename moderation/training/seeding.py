"""Seeds by stage and place, so that no stage's draws depend on what ran before in the process."""

from __future__ import annotations

import random
import zlib

import torch


def seed_of(seed: int, *place: str | int) -> int:
    """A seed for one place of a run, e.g. ``seed_of(7, "text", epoch, batch)``."""
    return zlib.crc32(repr((seed, *place)).encode())


def seed_everything(seed: int, *place: str | int) -> random.Random:
    """Seed torch for one place of a run; the generator returned is for all other draws there."""
    own = seed_of(seed, *place)
    torch.manual_seed(own)
    return random.Random(own)
