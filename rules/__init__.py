"""Facts and scores to a decision, by a policy that people can read. No torch, no Kafka.

A policy is a YAML file with lists beside it; :func:`load_policy` checks it whole, and
:class:`PolicyEngine` turns a :class:`Case` into a :class:`Decision`.
"""

from pathlib import Path
from typing import Final

from rules.cases import PolicyCases, cases_path, failed_expectations, load_cases
from rules.decision import BankMatch, Case, Decision, HumanDecision
from rules.engine import Policy, PolicyEngine, load_policy
from rules.errors import Diagnostic, PolicyError

DEFAULT_POLICY_PATH: Final = Path(__file__).parent / "policies" / "default.yaml"
"""The policy that ships: a start for eight categories."""

__all__ = [
    "DEFAULT_POLICY_PATH",
    "BankMatch",
    "Case",
    "Decision",
    "Diagnostic",
    "HumanDecision",
    "Policy",
    "PolicyCases",
    "PolicyEngine",
    "PolicyError",
    "cases_path",
    "failed_expectations",
    "load_cases",
    "load_policy",
]
