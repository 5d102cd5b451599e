"""Settings of a worker's share of its machine, and of how soon it should answer."""

from __future__ import annotations

from pydantic import BaseModel, Field, field_validator

from workers.moderator.place import Place


class MachineSettings(BaseModel):
    """A part of the worker's settings."""

    place: str = Field(
        "1/1",
        description="Which of how many workers on this machine, such as `2/4`: it keeps to the "
        "second quarter of the cores, and with the device `auto` takes the second GPU.",
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

    @property
    def place_chosen(self) -> Place:
        """The place, in numbers."""
        return Place.parse(self.place)
