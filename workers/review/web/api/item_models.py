"""What the API takes and gives about items and the work on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from schemas import Action, BankPart, BankWord, Campaign, Modality, NotScanned, ReasonKind, RuleHit
from schemas.base import Detail, Name, storable
from schemas.post import LanguageTag
from schemas.taxonomy import Category
from workers.review.store import ItemState, Severity
from workers.review.store.clusters import MOST_MEMBERS
from workers.review.web.api.shapes import Shape

ClaimNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class QueueState(Shape):
    """How the queues stand."""

    open_by_queue: dict[str, int]
    items_by_state: dict[str, int]
    overdue: int
    oldest_escalated_at: datetime | None
    languages: list[str]
    rules: list[str]
    """What undecided items can be looked for by, beside queue, category and severity."""


class ItemSummary(Shape):
    """An item in a list. Of blind work it says nothing that the machine said."""

    item_id: UUID
    kind: Literal["escalation", "second opinion", "disagreement", "appeal"]
    queue: str
    category: str | None
    score: float | None
    machine_action: str | None
    language: str | None
    surface: str
    reach: int
    escalated_at: datetime
    due_at: datetime
    state: ItemState
    held: bool
    alike: int
    """Other open items that are near-identical; a list has the most pressing of them alone."""


class ReasonShown(Shape):
    """One thing that spoke."""

    kind: ReasonKind
    action: Action
    category: str | None
    rule: str | None
    bank: str | None
    score: float | None
    threshold: float | None
    distance: float | None
    shares: dict[Modality, float] | None
    """How much of the score each modality carries."""
    detail: str | None


class KnownMatch(Shape):
    """An entry of a bank that was recognised. `bank_words` of a decision confirm or deny it."""

    bank: str
    entry: str
    part: BankPart
    index: int
    """Place among the post's pictures or sounds."""
    distance: float
    quarantined: bool
    """Whether the entry matched too many posts at once."""
    doubted: bool
    """Whether too many of the bank's matches were denied."""


class AuthorShown(Shape):
    """What the ledger had counted about the author."""

    author_id: str | None
    """None for roles that see no personal data."""
    posts: int
    removals: int
    strikes: int
    overturned: int
    posts_last_hour: int
    campaign: Campaign | None
    updated_at: datetime


class MachineSaid(Shape):
    """The verdict that brought the item up."""

    action: Action
    scores: dict[str, float]
    reasons: list[ReasonShown]
    rules: list[RuleHit]
    """Every rule that fired, those in shadow too."""
    known: list[KnownMatch]
    """What banks of known content recognised."""
    mismatch: dict[str, float]
    """That two modalities do not belong together, by pair."""
    author: AuthorShown | None
    """What the ledger had said about the author by then."""
    not_scanned: list[NotScanned]
    model: str
    policy: str


class Earlier(Shape):
    """What a person decided before, without who it was."""

    about: Literal["item", "content", "author"]
    action: Action
    categories: list[str]
    note: str | None
    decided_at: datetime


class AlikeItem(Shape):
    """A near-identical open item."""

    item_id: UUID
    post_id: str
    same: bool
    """Whether its content is the very same."""
    shown: bool
    """Whether a decision can go for it: it is the same, or all in which it differs is here."""
    text: str | None
    """Its own, where it differs and is shown; masked like the item's."""
    media: list[str]
    """Its pictures, where they differ and are shown; see the item's."""


class Decided(Shape):
    """What was decided on an item."""

    action: Action
    categories: list[str]


class ItemDetail(ItemSummary):
    """An item with its post. Personal data is masked unless the role sees it."""

    text: str | None
    media: list[str]
    """Paths of the API that serve its pictures and sounds."""
    erased: bool
    content_hash: str | None
    """None where not all of the content could be hashed."""
    decision: Decided | None
    """Of an erased item: while the content is here, others may have to judge it unbiased."""
    categories: list[str]
    """What a decision can name."""
    clauses: list[str]
    """Of the policy, that a restriction can be said to rest on."""
    machine: MachineSaid | None
    """None where the item is to be judged blind, or its content was erased."""
    earlier: list[Earlier]
    plea: str | None
    """What the author says in an appeal."""
    alike_items: list[AlikeItem]
    """What one decision can cover with it."""


class NextWanted(Shape):
    """Which part of the queue to take from; any, without one."""

    queue: Name | None = None
    category: Category | None = None
    language: LanguageTag | None = None
    rule: Name | None = None
    severity: Severity | None = None


class ClaimGiven(Shape):
    """A lease. ``number`` is the fencing token that a decision must show."""

    item_id: UUID
    number: ClaimNumber
    until: datetime


class ClaimShown(Shape):
    """The claim to renew."""

    number: ClaimNumber


class DecisionWanted(Shape):
    """What is decided under which claim."""

    claim: ClaimNumber
    action: Literal["allow", "limit", "remove"]
    categories: Annotated[list[Name], Field(max_length=64)] = Field(default_factory=list)
    note: Annotated[Detail, AfterValidator(storable)] | None = None
    clause: Name | None = None
    """Of the policy: a live rule that fired on the item."""
    bank_words: Annotated[list[BankWord], Field(max_length=64)] = Field(default_factory=list)
    """On matches with known content: they confirm or deny the bank's entries."""
    alike: Annotated[list[UUID], Field(max_length=MOST_MEMBERS)] = Field(default_factory=list)
    """Near-identical items that the decision goes for, too, of those that were shown."""
    apart: Annotated[list[UUID], Field(max_length=MOST_MEMBERS)] = Field(default_factory=list)
    """Those that are another case after all, and are judged by themselves from now on."""


class DecisionTaken(Shape):
    """The decision, and until when it can be undone."""

    decision_id: UUID
    item_id: UUID
    action: Action
    categories: list[str]
    decided_at: datetime
    undo_until: datetime
    alike: list[UUID]
    """Other items that were decided with it."""
