"""From a policy file and a case to a decision."""

from rules.engine.engine import PolicyEngine
from rules.engine.hit_rates import HitRateAlarm, HitRateWatch, bands_of
from rules.engine.policy import Policy, load_policy
from rules.engine.policy_schema import policy_schema
from rules.engine.quotas import QuotaLedger, TokenBuckets, quotas_of

__all__ = [
    "HitRateAlarm",
    "HitRateWatch",
    "Policy",
    "PolicyEngine",
    "QuotaLedger",
    "TokenBuckets",
    "bands_of",
    "load_policy",
    "policy_schema",
    "quotas_of",
]
