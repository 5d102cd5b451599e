"""The contract: everything that crosses a process boundary, as pydantic models.

JSON Schema for each message and one AsyncAPI document are generated from here (``make schemas``).
"""

from schemas.base import MAX_TEXT_LENGTH, Message
from schemas.content import content_hash
from schemas.dead_letter import DeadLetter, ErrorClass, Header
from schemas.model_rollout import ModelFolder, ModelRollout
from schemas.policy_bundle import PolicyBundle, PolicyFile, bundle_hash
from schemas.post import MAX_AUDIO, MAX_IMAGES, MAX_INLINE_BYTES, Media, Op, Post
from schemas.quotas import QUOTA_SLICES, QuotaRecord
from schemas.retry import RETRY_HEADER, Retry
from schemas.review import Appeal, BankWord, DecisionOrigin, Escalation, ReviewDecision
from schemas.shadow import ShadowVerdict
from schemas.signals import AuthorSignals, Campaign
from schemas.taxonomy import (
    CATEGORIES,
    CATEGORY_MEANINGS,
    Action,
    BankPart,
    Category,
    Modality,
    NotScannedReason,
    VerdictSource,
    VerdictStatus,
    harshest,
)
from schemas.topics import MAX_RECORD_BYTES, TOPICS, Topic, Topics
from schemas.verdict import (
    BankFind,
    FoundText,
    NotScanned,
    Place,
    Reason,
    ReasonKind,
    RuleHit,
    RuleTrace,
    Sampling,
    Timings,
    Trace,
    Verdict,
    Versions,
    verdict_id,
)

__all__ = [
    "CATEGORIES",
    "CATEGORY_MEANINGS",
    "MAX_AUDIO",
    "MAX_IMAGES",
    "MAX_INLINE_BYTES",
    "MAX_RECORD_BYTES",
    "MAX_TEXT_LENGTH",
    "QUOTA_SLICES",
    "RETRY_HEADER",
    "TOPICS",
    "Action",
    "Appeal",
    "AuthorSignals",
    "BankFind",
    "BankPart",
    "BankWord",
    "Campaign",
    "Category",
    "DeadLetter",
    "DecisionOrigin",
    "ErrorClass",
    "Escalation",
    "FoundText",
    "Header",
    "Media",
    "Message",
    "Modality",
    "ModelFolder",
    "ModelRollout",
    "NotScanned",
    "NotScannedReason",
    "Op",
    "Place",
    "PolicyBundle",
    "PolicyFile",
    "Post",
    "QuotaRecord",
    "Reason",
    "ReasonKind",
    "Retry",
    "ReviewDecision",
    "RuleHit",
    "RuleTrace",
    "Sampling",
    "ShadowVerdict",
    "Timings",
    "Topic",
    "Topics",
    "Trace",
    "Verdict",
    "VerdictSource",
    "VerdictStatus",
    "Versions",
    "bundle_hash",
    "content_hash",
    "harshest",
    "verdict_id",
]
