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
    """The classifier's vectors of whole posts."""

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
MAX_VERSION: Final = 128
"""Characters of a model's version, as verdicts allow."""

_DEFAULT_COSINE_DISTANCE: Final = 0.05
"""A cautious start; what separates near from far depends on the encoder, so measure and set it."""


class BankSettings(BaseModel):
    """``bank.json``: settings that people change; the entries lie beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: BankKind
    action: Action = Action.REVIEW
    threshold: Annotated[float, Field(ge=0)] | None = None
    """Largest distance of a match: bits (PDQ and near text, at most and by default 31), or
    1 - cosine (embedding, 0.05 by default). Exact kinds have none."""
    ratio: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Share of posts that the bank applies to, by a stable hash of their ids: to let a new bank in
    step by step."""
    negative: bool = False
    """A match here cancels what other banks match on the same part: known harmless content."""
    flood_posts: Annotated[int, Field(ge=1)] | None = 1000
    """Matches of one entry within the window that put it into quarantine; ``null`` for never."""
    flood_window_s: Annotated[float, Field(gt=0)] = 3600.0
    doubt_below: Annotated[float, Field(ge=0, le=1)] | None = 0.5
    """Share of confirmations among the latest words on the bank's matches below which all of it
    asks for review at most, until people confirm more of them; ``null`` for never."""
    doubt_words: Annotated[int, Field(ge=1)] = 20
    """Words that the share is taken over; with fewer a bank is not doubted. Of a bank that is right
    in 4 matches of 5, 20 words confirm fewer than half by chance in one case of 1,800."""
    encoders: tuple[Annotated[str, Field(min_length=1, max_length=MAX_VERSION)], ...] = ()
    """Of embeddings, and of no other kind: the versions of the models that give these vectors.
    Where one was made from another without training (quantised, calibrated anew) both are here."""
    renew_within_s: Annotated[float, Field(gt=0)] | None = None
    """Age in seconds from which the bank counts as stale and an alert asks why: for a bank that a
    feed renews. ``null`` for one that people keep by hand."""

    @model_validator(mode="after")
    def _encoders_fit(self) -> Self:
        if (self.kind is BankKind.EMBEDDING) == bool(self.encoders):
            return self
        if self.encoders:
            raise ValueError(f"a bank of kind {self.kind} needs no model: leave encoders out")
        raise ValueError(
            "a bank of embeddings must say by which model they are made: give encoders, such as "
            '["compact@sha256:0123456789ab"]; `moderation banks add --kind embedding` does'
        )

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
