"""How long a worker's device and its host take for a post: measured, never assumed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workers.planning.demand import Mix
from workers.planning.errors import PlanError

Seconds = Annotated[float, Field(ge=0)]


class Pieces(BaseModel):
    """Seconds for one piece of each modality."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Seconds
    image: Seconds
    audio: Seconds

    def of(self, mix: Mix) -> float:
        """Seconds for a mean post."""
        return mix.text * self.text + mix.image * self.image + mix.audio * self.audio


class Rates(BaseModel):
    """What ``moderation plan measure`` has seen on one machine.

    Attributes:
        machine: that was measured, in words.
        model: version of the classifier.
        device: what the classifier ran on. On a CPU, host and device are the same core.
        batch_posts: most posts of one batch.
        batch_seconds: what a batch takes before its first post.
        device_seconds: of the classifier for one more piece in a batch.
        decode_seconds: of a host core for one piece, from bytes to pixels and samples.
        post_seconds: of a host core for everything else of a post: to read it, to judge it by the
            default policy, to write its verdict.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    machine: str
    model: str
    device: Literal["cpu", "cuda"]
    batch_posts: int = Field(ge=1)
    batch_seconds: Seconds
    device_seconds: Pieces
    decode_seconds: Pieces
    post_seconds: Seconds

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of rates.

        Raises:
            PlanError: there is no such file, or it holds something else.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise PlanError(
                f"cannot read {path}: {error.strerror}; `moderation plan measure {path}` writes it"
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the file"
            raise PlanError(
                f"{path}: {place}: {first['msg'].lower()}; `moderation plan measure {path}` writes "
                "such a file"
            ) from error

    def device_post_seconds(self, mix: Mix) -> float:
        """Device time of one more mean post in a batch; on a CPU, the host's work comes on top."""
        device = self.device_seconds.of(mix)
        return device + self.host_post_seconds(mix) if self.device == "cpu" else device

    def host_post_seconds(self, mix: Mix) -> float:
        """Time of a host core for a mean post."""
        return self.post_seconds + self.decode_seconds.of(mix)
