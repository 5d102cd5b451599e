"""What the console keeps: items, claims, decisions, the outbox, accounts, the audit trail."""

from workers.review.roles import Role
from workers.review.store.accounts import Accounts
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.audit_reader import AuditReader, ChainCheck
from workers.review.store.author_data import AuthorData
from workers.review.store.changes import PostChanges
from workers.review.store.contents import ErasedBecause
from workers.review.store.database import Database
from workers.review.store.decisions import Choice, Decisions
from workers.review.store.erasure import Erasure
from workers.review.store.figures import Figures, TransparencyFigures
from workers.review.store.intake import Intake
from workers.review.store.outbox import Outbox
from workers.review.store.queue import Claim, ReviewQueue, Viewed
from workers.review.store.sessions import Sessions
from workers.review.store.statements import Statements
from workers.review.store.tables import Account, Item, ItemState, OutboxRow, Statement

__all__ = [
    "Account",
    "Accounts",
    "AuditEvent",
    "AuditReader",
    "AuditTrail",
    "AuthorData",
    "ChainCheck",
    "Choice",
    "Claim",
    "Database",
    "Decisions",
    "ErasedBecause",
    "Erasure",
    "Figures",
    "Intake",
    "Item",
    "ItemState",
    "Outbox",
    "OutboxRow",
    "PostChanges",
    "ReviewQueue",
    "Role",
    "Sessions",
    "Statement",
    "Statements",
    "TransparencyFigures",
    "Viewed",
]
