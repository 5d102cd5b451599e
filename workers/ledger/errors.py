"""What can go wrong in the ledger.

- LedgerError
"""

from __future__ import annotations


class LedgerError(Exception):
    """The ledger cannot go on; the message says why and what to do."""
