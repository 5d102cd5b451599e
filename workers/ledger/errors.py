"""What can go wrong in the ledger.

- LedgerError
    - PartitionMismatchError
"""

from __future__ import annotations


class LedgerError(Exception):
    """The ledger cannot go on; the message says why and what to do."""


class PartitionMismatchError(LedgerError):
    """The internal topic and the tables' changelogs differ in partitions."""
