"""What can be wrong with a bank."""

from __future__ import annotations


class BankError(Exception):
    """A bank, an entry or an exchange file cannot be used; the message says where and why."""
