"""The ledger: joins verdicts with reviewers' decisions and tells the moderator about authors."""

from workers.ledger.errors import LedgerError, PartitionMismatchError
from workers.ledger.settings import LedgerSettings

__all__ = ["LedgerError", "LedgerSettings", "PartitionMismatchError"]
