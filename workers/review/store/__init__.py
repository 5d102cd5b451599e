"""What the console keeps: items, claims, decisions, the outbox, accounts, the audit trail."""

from workers.review.roles import Role
from workers.review.store.access_tables import Delivery, DeliveryState, Token, Webhook
from workers.review.store.accounts import Accounts
from workers.review.store.appeal_table import AppealRow, AppealState
from workers.review.store.appeals import Appeals
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.audit_reader import AuditReader, ChainCheck
from workers.review.store.author_data import AuthorData
from workers.review.store.changes import PostChanges
from workers.review.store.clusters import Gathered
from workers.review.store.consequences import Consequences
from workers.review.store.contents import ErasedBecause
from workers.review.store.database import Database
from workers.review.store.decisions import Decisions
from workers.review.store.erasure import Erasure
from workers.review.store.figures import Figures, TransparencyFigures
from workers.review.store.golden import GoldenListing, GoldenPosts
from workers.review.store.golden_table import GoldenPost
from workers.review.store.human_verdict import Choice
from workers.review.store.identities import Identities
from workers.review.store.intake import HashPictures, Intake
from workers.review.store.item_rule_table import live_rules
from workers.review.store.outbox import Outbox
from workers.review.store.priority import Severity
from workers.review.store.quality import Quality, QualityFigures
from workers.review.store.queue import Claim, ReviewQueue
from workers.review.store.queue_reading import Mate, Viewed
from workers.review.store.sessions import Sessions
from workers.review.store.statements import Statements
from workers.review.store.tables import (
    BLIND,
    Account,
    Item,
    ItemKind,
    ItemState,
    OutboxRow,
    Statement,
)
from workers.review.store.together import ALONE, Alike
from workers.review.store.tokens import Tokens
from workers.review.store.traces import Traces
from workers.review.store.undoing import Undoing, Undone
from workers.review.store.wanted import Wanted
from workers.review.store.webhooks import Event, Webhooks
from workers.review.store.wellness import Wellbeing, Wellness, WellnessLimits

__all__ = [
    "ALONE",
    "BLIND",
    "Account",
    "Accounts",
    "Alike",
    "AppealRow",
    "AppealState",
    "Appeals",
    "AuditEvent",
    "AuditReader",
    "AuditTrail",
    "AuthorData",
    "ChainCheck",
    "Choice",
    "Claim",
    "Consequences",
    "Database",
    "Decisions",
    "Delivery",
    "DeliveryState",
    "ErasedBecause",
    "Erasure",
    "Event",
    "Figures",
    "Gathered",
    "GoldenListing",
    "GoldenPost",
    "GoldenPosts",
    "HashPictures",
    "Identities",
    "Intake",
    "Item",
    "ItemKind",
    "ItemState",
    "Mate",
    "Outbox",
    "OutboxRow",
    "PostChanges",
    "Quality",
    "QualityFigures",
    "ReviewQueue",
    "Role",
    "Sessions",
    "Severity",
    "Statement",
    "Statements",
    "Token",
    "Tokens",
    "Traces",
    "TransparencyFigures",
    "Undoing",
    "Undone",
    "Viewed",
    "Wanted",
    "Webhook",
    "Webhooks",
    "Wellbeing",
    "Wellness",
    "WellnessLimits",
    "live_rules",
]
