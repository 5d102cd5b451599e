"""What a bank is: its kind, and what a match in it means."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rules.banks.hamming import MAX_RADIUS
from rules.banks.match import Part
from schemas import Action


class BankKind(StrEnum):
    """What the entries of a bank are."""

    TEXT = "text"
    """sha256 of folded text: the same text, however disguised."""
    NEAR_TEXT = "near_text"
    """Fingerprints of texts, for near-duplicates."""
    IMAGE = "image"
    """sha256 of a picture's bytes."""
    PDQ = "pdq"
    """Perceptual hashes of pictures."""
    AUDIO = "audio"
    """sha256 of a sound's bytes."""
    EMBEDDING = "embedding"
    """The classifier's joint vectors."""

    @property
    def part(self) -> Part:
        """The part of a post that is looked up."""
        return _PARTS[self]

    @property
    def hamming(self) -> bool:
        """Whether distances are counted in bits of 256."""
        return self in {BankKind.PDQ, BankKind.NEAR_TEXT}


_PARTS: Final[dict[BankKind, Part]] = {
    BankKind.TEXT: "text",
    BankKind.NEAR_TEXT: "text",
    BankKind.IMAGE: "image",
    BankKind.PDQ: "image",
    BankKind.AUDIO: "audio",
    BankKind.EMBEDDING: "post",
}

_MAX_THRESHOLDS: Final = {BankKind.PDQ: MAX_RADIUS, BankKind.NEAR_TEXT: MAX_RADIUS}
_DEFAULT_COSINE_DISTANCE: Final = 0.1
"""A cautious start; what separates near from far depends on the encoder, so measure and set it."""


class BankSettings(BaseModel):
    """``bank.json``: settings that people change; the entries lie beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: BankKind
    action: Action = Action.REVIEW
    threshold: Annotated[float, Field(ge=0)] | None = None
    """Largest distance of a match: bits (PDQ and near text, at most and by default 31), or
    1 - cosine (embedding, 0.1 by default). Exact kinds have none."""
    ratio: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Share of posts that the bank applies to, by a stable hash of their ids: to let a new bank in
    step by step."""
    negative: bool = False
    """A match here cancels what other banks match on the same part: known harmless content."""
    flood_posts: Annotated[int, Field(ge=1)] | None = 1000
    """Matches of one entry within the window that put it into quarantine; ``null`` for never."""
    flood_window_s: Annotated[float, Field(gt=0)] = 3600.0
    renew_within_s: Annotated[float, Field(gt=0)] | None = None
    """Age in seconds from which the bank counts as stale and an alert asks why: for a bank that a
    feed renews. ``null`` for one that people keep by hand."""

    @model_validator(mode="after")
    def _threshold_fits(self) -> Self:
        if self.threshold is None:
            return self
        if self.kind.hamming and self.threshold > MAX_RADIUS:
            raise ValueError(
                f"a threshold of {self.threshold} bits; at most {MAX_RADIUS} is sought"
            )
        if not self.kind.hamming and self.kind is not BankKind.EMBEDDING:
            raise ValueError(f"a bank of kind {self.kind} matches exactly: leave the threshold out")
        return self

    @property
    def reach(self) -> float:
        """The threshold in force."""
        if self.threshold is not None:
            return self.threshold
        return (
            _DEFAULT_COSINE_DISTANCE
            if self.kind is BankKind.EMBEDDING
            else (_MAX_THRESHOLDS.get(self.kind, 0))
        )
