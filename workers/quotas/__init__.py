"""Quotas of rules, shared by all workers over the topic ``quotas``."""

from workers.quotas.bucket import SharedBucket, Standing, Terms
from workers.quotas.exchange import QuotaExchange
from workers.quotas.ledger import PolicyQuotas, SharedLedger
from workers.quotas.topic import read_quotas, write_quotas

__all__ = [
    "PolicyQuotas",
    "QuotaExchange",
    "SharedBucket",
    "SharedLedger",
    "Standing",
    "Terms",
    "read_quotas",
    "write_quotas",
]
