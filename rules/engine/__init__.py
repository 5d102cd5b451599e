"""From a policy file and a case to a decision."""

from rules.engine.document import PolicyDocument
from rules.engine.effects import HitRateBand, Quota, RuleQuota
from rules.engine.engine import PolicyEngine
from rules.engine.hit_rates import HitRateAlarm, HitRateWatch, bands_of
from rules.engine.policy import Policy, load_policy
from rules.engine.policy_schema import policy_schema
from rules.engine.quotas import ALL_REMOVALS, QuotaLedger, TokenBuckets, quotas_of
from rules.engine.slices import SliceCounts
from rules.engine.triage import reach_weight

__all__ = [
    "ALL_REMOVALS",
    "HitRateAlarm",
    "HitRateBand",
    "HitRateWatch",
    "Policy",
    "PolicyDocument",
    "PolicyEngine",
    "Quota",
    "QuotaLedger",
    "RuleQuota",
    "SliceCounts",
    "TokenBuckets",
    "bands_of",
    "load_policy",
    "policy_schema",
    "quotas_of",
    "reach_weight",
]
