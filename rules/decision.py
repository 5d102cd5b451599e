"""What the engine is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from schemas import (
    Action,
    AuthorSignals,
    BankFind,
    BankPart,
    FoundText,
    Modality,
    NotScanned,
    Place,
    Post,
    Reason,
    RuleHit,
    Trace,
    VerdictStatus,
)


@dataclass(frozen=True, slots=True)
class BankMatch:
    """A part of a post that a bank of known content recognised."""

    bank: str
    modality: BankPart
    index: int
    """Place in ``images`` or ``audio``; 0 for text and for the post as a whole."""
    distance: float
    """From the nearest entry: bits of 256, or 1 - cosine for the post as a whole; 0 for a copy."""
    action: Action
    """What the bank's own settings ask for; ``allow`` leaves it to the policy."""
    entry: str | None = None
    """The id in the bank, by which a reviewer confirms or denies it."""
    quarantined: bool = False
    """Whether the entry matched too many posts at once; then it asks for ``review`` at most."""
    doubted: bool = False
    """Whether reviewers have denied too many of the bank's matches; then likewise."""

    @classmethod
    def of(cls, bank: str, find: BankFind) -> BankMatch:
        """What a trace tells about a match."""
        return cls(
            bank=bank,
            modality=find.modality,
            index=find.index,
            distance=find.distance,
            action=find.action,
            entry=find.entry,
            quarantined=find.quarantined,
            doubted=find.doubted,
        )

    def find(self) -> BankFind:
        """The match as a trace tells it."""
        return BankFind(
            modality=self.modality,
            index=self.index,
            distance=self.distance,
            action=self.action,
            entry=self.entry,
            quarantined=self.quarantined,
            doubted=self.doubted,
        )


@dataclass(frozen=True, slots=True)
class HumanDecision:
    """What a reviewer last decided about the post."""

    action: Action
    revision: int
    """The revision that the reviewer saw."""
    decided_at: datetime
    content_hash: str | None = None
    """Of what the reviewer saw; ``None`` when nobody took it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A post and all that is known about it at the moment of the decision.

    ``scores`` are calibrated probabilities by category; a category that could not be scored is
    absent, never zero. ``shares`` say how much of a score each modality carries (category ->
    modality -> 0..1), ``places`` where in the post a category is strongest. ``author`` is ``None``
    when the ledger has said nothing about them yet. ``mismatch`` is the probability that two
    modalities do not belong together, by pair; a pair that could not be compared is absent.
    ``found_texts`` are the words read in pictures and heard in sounds, empty ones too; a medium
    that nobody read is absent. ``found_matches`` stand in for them in a recorded case, which keeps
    only how often lists were found in those words. ``bank_matches`` hold what each bank recognised,
    none included; a bank in which nobody looked is absent. ``near_duplicates`` counts like posts
    seen lately, ``None`` when nobody counts. ``human`` outranks every machine for as long as the
    content stays; ``content_hash`` is the post's own, to be compared with the one that the reviewer
    saw.
    """

    post: Post
    scores: Mapping[str, float]
    now: datetime
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    mismatch: Mapping[str, float] = field(default_factory=dict)
    found_texts: Sequence[FoundText] = ()
    found_matches: Mapping[Modality, Mapping[str, int]] = field(default_factory=dict)
    not_scanned: Sequence[NotScanned] = ()
    author: AuthorSignals | None = None
    bank_matches: Mapping[str, Sequence[BankMatch]] = field(default_factory=dict)
    near_duplicates: int | None = None
    human: HumanDecision | None = None
    content_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to happen to the post, and why."""

    action: Action
    model_action: Action
    """What the thresholds that hold for the post say about the raw scores alone."""
    scores: dict[str, float]
    """Probabilities after the rules' shifts and bounds."""
    status: Literal[VerdictStatus.COMPLETE, VerdictStatus.DEGRADED]
    """Degraded whenever anything was not scanned."""
    reasons: tuple[Reason, ...]
    """The strongest first."""
    labels: tuple[str, ...]
    rule_hits: tuple[RuleHit, ...]
    """Every rule that fired or failed, live and shadow, by rule id."""
    escalate: bool
    """Whether a person should look: always for ``review``, else when a rule escalates."""
    queue: str
    priority: float
    """Severity × reach weight × the rules' boost; see :mod:`rules.engine.triage`."""
    due_in: timedelta
    """From the decision until a reviewer should have decided, by the queue."""
    trace: Trace = field(default_factory=Trace)
    """What the model said, which rules fired, what each moved, which brakes held."""
    label_expiry: Mapping[str, timedelta] = field(default_factory=dict)
    """From the decision until a label is void; one that is not named here stays."""
    age_gate: int | None = None
    """Years of age from which people may see the post where it stays up."""
    geo_limit: tuple[str, ...] = ()
    """Regions in which the post is hidden where it stays up."""
