"""Settings of a worker's share of its machine, and of how soon it should answer."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field, field_validator

from workers.moderator.place import Place

CPU_BATCH_POSTS: Final = 256
"""A poll. The more texts are sorted by length at once the less padding there is: 2.9 ms of CPU a
text where 64 take 3.4; on two cores such a batch takes less than half a second."""

GPU_BATCH_POSTS: Final = 512
"""Texts of ordinary length fill some tens of thousands of tokens, the budget of one GPU batch."""


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
