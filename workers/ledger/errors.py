"""What can go wrong in the ledger.

- LedgerError
    - PartitionMismatchError
    - NothingToPlanError
"""

from __future__ import annotations


class LedgerError(Exception):
    """The ledger cannot go on; the message says why and what to do."""


class PartitionMismatchError(LedgerError):
    """The internal topic and the tables' changelogs differ in partitions."""


class NothingToPlanError(LedgerError):
    """Nothing in the audit sample has been reviewed, so there is nothing to plan from."""
