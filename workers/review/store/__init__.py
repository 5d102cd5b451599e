"""What the console keeps: items, claims, decisions, the outbox, accounts, the audit trail."""

from workers.review.store.accounts import Accounts
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.database import Database
from workers.review.store.decisions import Choice, Decisions
from workers.review.store.intake import Intake
from workers.review.store.outbox import Outbox
from workers.review.store.queue import Claim, ReviewQueue
from workers.review.store.sessions import Sessions
from workers.review.store.tables import Account, Item, ItemState, OutboxRow

__all__ = [
    "Account",
    "Accounts",
    "AuditEvent",
    "AuditTrail",
    "Choice",
    "Claim",
    "Database",
    "Decisions",
    "Intake",
    "Item",
    "ItemState",
    "Outbox",
    "OutboxRow",
    "ReviewQueue",
    "Sessions",
]
