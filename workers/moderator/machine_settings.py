"""Settings of a worker's share of its machine, and of how soon it should answer."""

from __future__ import annotations

import math
import os
from typing import Final

from pydantic import BaseModel, Field, field_validator

from workers.moderator.cpu_quota import cpu_quota
from workers.moderator.place import Place

CPU_BATCH_POSTS: Final = 256
"""A poll. The more texts are sorted by length at once the less padding there is: 2.9 ms of CPU a
text where 64 take 3.4; on two cores such a batch takes less than half a second."""

GPU_BATCH_POSTS: Final = 512
"""Texts of ordinary length fill some tens of thousands of tokens, the budget of one GPU batch."""

MAX_SCORING_THREADS: Final = 4
"""Side by side. Cutting, sorting and gathering hold Python's interpreter, about an eighth of the
work on a text, so that more threads would wait for one another; more workers do not."""


class MachineSettings(BaseModel):
    """A part of the worker's settings."""

    place: str = Field(
        "1/1",
        description="Which of how many workers on this machine, such as `2/4`: it keeps to the "
        "second quarter of the cores, and with the device `auto` takes the second GPU.",
    )
    max_batch_posts: int = Field(
        0,
        ge=0,
        description="Posts that make a batch of the device full, and texts that travel as a "
        "group; the scorer cuts batches further by tokens. 0 takes 256 on a CPU, so that little of "
        "what it computes is padding, and 512 elsewhere. Fewer are taken where fewer wait.",
    )
    scoring_threads: int = Field(
        0,
        ge=0,
        description="Batches that are scored side by side, each on a thread of its own. On a CPU 0 "
        "takes one a core that the process may use, at most 4; with more cores, start more workers "
        "(`MODERATION_WORKER_PLACE`); with a model on a GPU it takes one.",
    )
    torch_threads: int = Field(
        0,
        ge=0,
        description="Threads of one operation on the CPU; 0 takes what cores there are for each "
        "batch that is scored side by side, and with a model on a GPU one.",
    )
    decode_threads: int = Field(
        0,
        ge=0,
        description="Threads that parse records and decode media; 0 takes one a core, at least 2, "
        "so that one hostile file does not stop the others.",
    )
    deadline_seconds: float = Field(
        30.0,
        gt=0,
        description="Age of a post, by the broker's timestamp, from which on its verdict is late: "
        "judged all the same, and counted.",
    )

    @field_validator("place")
    @classmethod
    def _is_a_place(cls, text: str) -> str:
        Place.parse(text)
        return text

    def batch_posts(self, device: str) -> int:
        """Posts that fill a device, by its name."""
        return self.max_batch_posts or (CPU_BATCH_POSTS if device == "cpu" else GPU_BATCH_POSTS)

    @property
    def place_chosen(self) -> Place:
        """The place, in numbers."""
        return Place.parse(self.place)

    def scoring_threads_for(self, *, on_cpu: bool) -> int:
        """Batches side by side, in numbers."""
        return self.scoring_threads or (
            min(available_cores(), MAX_SCORING_THREADS) if on_cpu else 1
        )

    def torch_threads_for(self, *, on_cpu: bool) -> int:
        """Threads of one operation, in numbers."""
        share = available_cores() // self.scoring_threads_for(on_cpu=True)
        return self.torch_threads or (max(1, share) if on_cpu else 1)

    @property
    def decode_threads_chosen(self) -> int:
        """Threads for parsing and decoding, in numbers."""
        return self.decode_threads or max(2, available_cores())


def available_cores() -> int:
    """Cores that this process may keep busy: those that it may run on, or has the time of."""
    if hasattr(os, "sched_getaffinity"):
        runs_on = len(os.sched_getaffinity(0))
    else:
        runs_on = os.cpu_count() or 1
    quota = cpu_quota()
    return runs_on if quota >= runs_on else math.ceil(quota)
