"""What the moderator answers: one effective verdict a post revision."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha1
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import Detail, Identifier, Instant, Message, Name, Part, PostText, Probability
from schemas.post import LanguageTag, RegionCode
from schemas.signals import AuthorSignals
from schemas.taxonomy import (
    Action,
    BankPart,
    Category,
    Modality,
    NotScannedReason,
    VerdictSource,
    VerdictStatus,
)

VERDICT_NAMESPACE: Final = UUID("6f0d2c1e-8c0b-5b57-9c52-1d1f5f7f4a10")
"""Namespace of verdict ids. Changing it would give every old verdict a second identity."""
_NAMESPACE_HASH: Final = sha1(VERDICT_NAMESPACE.bytes, usedforsecurity=False)

TextKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""A hash from which no text can be told."""

Version = Annotated[str, Field(min_length=1, max_length=128)]
LogOdds = Annotated[float, Field(allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Distance = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


def verdict_id(post_id: str, revision: int, model: str, policy: str) -> UUID:
    """The id of the verdict on a post revision by a model and a policy (UUIDv5, RFC 9562).

    The same input always gives the same id, so a repeated verdict can be recognised as one.
    """
    # Length prefixes keep ("a", "bc") and ("ab", "c") apart.
    parts = (post_id, str(revision), model, policy)
    name = "".join([f"{len(part)}:{part}" for part in parts])
    # As uuid.uuid5 does, but for the namespace, which is hashed once.
    digest = _NAMESPACE_HASH.copy()
    digest.update(name.encode())
    return UUID(bytes=digest.digest()[:16], version=5)


class ReasonKind(StrEnum):
    """What spoke."""

    MODEL = "model"  # a category's probability reached a threshold
    RULE = "rule"  # a rule fired
    BANK = "bank"  # a known item matched
    FAIL_SETTING = "fail_setting"  # something was not scanned, and the policy says what then
    HUMAN = "human"  # a reviewer decided


class Place(Part):
    """Where in a post something stands: in its text, a picture or a sound; whole, or a part of it.

    ``start`` and ``end`` bound the part: Unicode characters of the text, from 0, or seconds of the
    sound. Without them it is the whole text, picture or sound.
    """

    modality: Modality
    index: Annotated[int, Field(ge=0)] = 0
    """Place in ``images`` or ``audio``; 0 for text."""
    start: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] | None = None
    end: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] | None = None
    words: bool = False
    """Whether it is the words read in the picture or heard in the sound that are meant."""


class Reason(Part):
    """Why a verdict is what it is."""

    kind: ReasonKind
    action: Action
    category: Category | None = None
    rule: Name | None = None
    bank: Name | None = None
    score: Probability | None = None
    threshold: Probability | None = None
    distance: Distance | None = None
    """Of a bank's entry, see :class:`BankFind`."""
    shares: dict[Modality, Probability] | None = None
    """How much of the score each modality carries; they sum to 1."""
    place: Place | None = None
    """Where the category is strongest."""
    detail: Detail | None = None


class FoundText(Part):
    """The words read in a picture or heard in a sound; empty where there are none."""

    modality: Modality
    index: Annotated[int, Field(ge=0)] = 0
    """Place in ``images`` or ``audio``."""
    text: PostText


class NotScanned(Part):
    """A piece of a post that was not looked at, and why."""

    modality: Modality
    index: Annotated[int, Field(ge=0)] = 0
    """Place in ``images`` or ``audio``; 0 for text."""
    reason: NotScannedReason
    detail: Detail | None = None


class Versions(Part):
    """What judged."""

    model: Version
    policy: Version
    banks: dict[Name, Version] = Field(default_factory=dict)


class Timings(Part):
    """Where the time went, in seconds."""

    record_age: Seconds
    """From the broker's timestamp of the post to the verdict."""
    stages: dict[Name, Seconds] = Field(default_factory=dict)


class Sampling(Part):
    """Whether the verdict was drawn into the audit sample, and with what probability."""

    sampled: bool
    inclusion_probability: Probability
    stratum: Name | None = None
    """The part of the verdicts that share this probability."""


class RuleHit(Part):
    """A rule that fired, or failed, on the post."""

    rule: Name
    mode: Name
    errored: bool = False


class RuleTrace(Part):
    """What a rule that fired moved, or would have moved."""

    rule: Name
    mode: Name
    """``live``, or ``shadow`` where it had no effect on this post."""
    shift: dict[Category, LogOdds] = Field(default_factory=dict)
    """Log-odds added by category."""
    floor: dict[Category, Probability] = Field(default_factory=dict)
    ceiling: dict[Category, Probability] = Field(default_factory=dict)
    action: Action | None = None
    """The least action that it asked for."""
    require_review: bool = False
    held_back: Name | None = None
    """The brake that turned its effects into a review."""


class BankFind(Part):
    """A part of a post that a bank of known content recognised."""

    modality: BankPart
    index: Annotated[int, Field(ge=0)] = 0
    """Place in ``images`` or ``audio``; 0 for text and for the post as a whole."""
    distance: Distance
    """From the nearest entry: bits of 256 for perceptual hashes and texts, 1 - cosine for the
    classifier's vectors; 0 for an exact copy."""
    action: Action
    """What the bank asked for; ``allow`` leaves it to the policy."""
    entry: Detail | None = None
    """The id in the bank."""
    quarantined: bool = False
    """Whether the entry matched too many posts at once."""
    doubted: bool = False
    """Whether reviewers have denied too many of the bank's matches."""


class Trace(Part):
    """How a decision came about: what was known besides the post, and what moved it.

    With the post it is enough to judge again, under another policy; but for the words in pictures
    and sounds, which are content: of them only ``found_matches`` is kept.
    """

    model_scores: dict[Category, Probability] = Field(default_factory=dict)
    """Before any rule."""
    mismatch: dict[Name, Probability] = Field(default_factory=dict)
    """That two modalities do not belong together, by pair; one that was not compared is absent."""
    author: AuthorSignals | None = None
    """What the ledger had said about the author by then."""
    bank_matches: dict[Name, tuple[BankFind, ...]] = Field(default_factory=dict)
    """What each bank recognised, nothing included; one in which nobody looked is absent."""
    near_duplicates: Annotated[int, Field(ge=0)] | None = None
    """Like posts seen lately, where they are counted."""
    found_matches: dict[Modality, dict[Name, Annotated[int, Field(ge=0)]]] = Field(
        default_factory=dict
    )
    """How often the lists that the policy asks for were found in the words read in pictures and
    heard in sounds; a modality of which nothing was read is absent."""
    contexts: tuple[Name, ...] = ()
    """Of the policy, whose thresholds held for the post."""
    rules: tuple[RuleTrace, ...] = ()
    """Every rule that fired, by its name."""
    held_back: Name | None = None
    """The brake that turned a removal into a review."""


class Verdict(Message):
    """The judgement on one revision of a post. Keyed by ``post_id`` on the topic ``verdicts``.

    ``scores`` are calibrated probabilities after the rules' shifts and bounds; ``model_action`` is
    what the model alone would have said. ``degraded`` verdicts list in ``not_scanned`` what nobody
    looked at.
    """

    verdict_id: UUID
    post_id: Identifier
    revision: Annotated[int, Field(ge=1, le=2**53)]
    author_id: Identifier
    source: VerdictSource = VerdictSource.MACHINE
    status: VerdictStatus
    superseded_by: Annotated[int, Field(ge=1, le=2**53)] | None = None
    """The revision, an edit or the withdrawal, that came before this one was judged. Then nobody
    looked at this one: its status is ``withdrawn``, its key ``post_id#revision``, and it says
    nothing about the post as it is now."""
    action: Action
    model_action: Action | None = None
    scores: dict[Category, Probability] = Field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    rule_hits: tuple[RuleHit, ...] = ()
    labels: tuple[Name, ...] = ()
    label_expiry: dict[Name, Instant] = Field(default_factory=dict)
    """When a label is void; one that is not named here stays."""
    age_gate: Annotated[int, Field(ge=1, le=99)] | None = None
    """Where the post stays up, it is for people of this age (years) and above."""
    geo_limit: tuple[RegionCode, ...] = ()
    """Where the post stays up, it is hidden in these regions."""
    trace: Trace | None = None
    """How the decision came about; a person's has none."""
    not_scanned: tuple[NotScanned, ...] = ()
    modalities: tuple[Modality, ...] = ()
    """The modalities that were scanned."""
    versions: Versions
    timings: Timings
    sampling: Sampling
    surface: Name = "feed"
    language: LanguageTag | None = None
    region: RegionCode | None = None
    text_keys: tuple[TextKey, ...] = ()
    """Verdicts on nearly the same text share one of them, most likely. None where the text is too
    short to tell, or the policy does not ask for campaigns."""
    decided_at: Instant
