"""Facts and scores to a decision, by a policy that people can read. No torch, no Kafka.

A policy is a YAML file with lists beside it; :func:`load_policy` checks it whole, and
:class:`PolicyEngine` turns a :class:`Case` into a :class:`Decision`.
"""

from pathlib import Path
from typing import Final

from rules.agreement import Agreement
from rules.bundle import find_policy, load_bundle, load_tested, policy_files, read_bundle
from rules.cases import PolicyCases, case_of, cases_path, failed_expectations, load_cases
from rules.comparison import SIDES, Comparison, Example, Side
from rules.decision import BankMatch, Case, Decision, HumanDecision
from rules.difference import direction
from rules.engine import (
    ALL_REMOVALS,
    HitRateAlarm,
    HitRateBand,
    HitRateWatch,
    Policy,
    PolicyDocument,
    PolicyEngine,
    Quota,
    QuotaLedger,
    RuleQuota,
    SliceCounts,
    TokenBuckets,
    bands_of,
    load_policy,
    policy_schema,
    quotas_of,
)
from rules.engine.rollout import drawn
from rules.errors import Diagnostic, PolicyError
from rules.formatting import formatted
from rules.intervals import wilson_interval
from rules.missing import asking_for
from rules.recorded import Judged, RecordedCase, recorded_case

DEFAULT_POLICY_PATH: Final = Path(__file__).parent / "policies" / "default.yaml"
"""The policy that ships: a start for eight categories."""

__all__ = [
    "ALL_REMOVALS",
    "DEFAULT_POLICY_PATH",
    "SIDES",
    "Agreement",
    "BankMatch",
    "Case",
    "Comparison",
    "Decision",
    "Diagnostic",
    "Example",
    "HitRateAlarm",
    "HitRateBand",
    "HitRateWatch",
    "HumanDecision",
    "Judged",
    "Policy",
    "PolicyCases",
    "PolicyDocument",
    "PolicyEngine",
    "PolicyError",
    "Quota",
    "QuotaLedger",
    "RecordedCase",
    "RuleQuota",
    "Side",
    "SliceCounts",
    "TokenBuckets",
    "asking_for",
    "bands_of",
    "case_of",
    "cases_path",
    "direction",
    "drawn",
    "failed_expectations",
    "find_policy",
    "formatted",
    "load_bundle",
    "load_cases",
    "load_policy",
    "load_tested",
    "policy_files",
    "policy_schema",
    "quotas_of",
    "read_bundle",
    "recorded_case",
    "wilson_interval",
]
