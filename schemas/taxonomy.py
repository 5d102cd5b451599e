"""The words of the field, once: categories, actions, modalities and why a thing was not scanned."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import StringConstraints

Category = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""A kind of harm. A policy may add its own to the eight below."""

CATEGORIES: Final[tuple[str, ...]] = (
    "hate",
    "toxicity",
    "violence",
    "sexual",
    "self_harm",
    "weapons",
    "drugs",
    "spam",
)
"""The categories that the shipped classifier scores, in the order of its heads."""

CATEGORY_MEANINGS: Final[dict[str, str]] = {
    "hate": "attacks or dehumanises people for their origin, faith, gender, disability …",
    "toxicity": "insults, harasses or demeans; rude enough to drive people out of a conversation",
    "violence": "threatens, incites or glorifies physical harm",
    "sexual": "sexual content or solicitation",
    "self_harm": "expresses, encourages or instructs suicide or self-injury",
    "weapons": "shows, sells or explains weapons",
    "drugs": "sells, promotes or explains illegal drugs",
    "spam": "scams, unsolicited advertising and bulk content",
}


class Action(StrEnum):
    """What happens to a post, from mildest to harshest: ``allow < limit < review < remove``.

    Compare by :attr:`severity`; as strings they would sort by spelling.
    """

    ALLOW = "allow"
    LIMIT = "limit"
    REVIEW = "review"
    REMOVE = "remove"

    @property
    def severity(self) -> int:
        """0 (allow) to 3 (remove)."""
        return _SEVERITY[self]


_SEVERITY: Final = {action: place for place, action in enumerate(Action)}


def harshest(*actions: Action) -> Action:
    """The most severe of the actions; ``allow`` when there are none."""
    return max(actions, key=lambda action: action.severity, default=Action.ALLOW)


class Modality(StrEnum):
    """A kind of content that a post can carry."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"


class BankPart(StrEnum):
    """The part of a post that a bank of known content recognises."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    POST = "post"  # all of it together, as the classifier sees it


class NotScannedReason(StrEnum):
    """Why a piece of a post could not be looked at."""

    MISSING = "missing"  # the object store holds nothing under the key
    UNREACHABLE = "unreachable"  # the host did not answer, or answered with an error
    FORBIDDEN = "forbidden"  # the address is not on the allow-list, or not public
    HASH_MISMATCH = "hash_mismatch"  # the bytes are not those that the post promised
    TOO_LARGE = "too_large"  # over the limit of bytes, pixels or seconds
    UNSUPPORTED = "unsupported"  # a format or script that cannot be read
    UNDECODABLE = "undecodable"  # broken or truncated
    TRUNCATED = "truncated"  # looked at in part: what lies beyond the model's window was not
    MODEL_FAILED = "model_failed"  # the classifier raised on it
    BANK_FAILED = "bank_failed"  # the classifier looked at it, but the banks could not be asked

    @property
    def scored(self) -> bool:
        """Whether the classifier looked at the piece all the same, if only in part."""
        return self in _SCORED


_SCORED: Final = frozenset({NotScannedReason.TRUNCATED, NotScannedReason.BANK_FAILED})


class VerdictStatus(StrEnum):
    """How far a verdict can be trusted."""

    COMPLETE = "complete"  # everything in the post was scanned
    DEGRADED = "degraded"  # something was not; see `not_scanned`
    WITHDRAWN = (
        "withdrawn"  # the author took the post back; nothing was scanned, nothing is to be done
    )


class VerdictSource(StrEnum):
    """Who judged."""

    MACHINE = "machine"
    HUMAN = "human"
