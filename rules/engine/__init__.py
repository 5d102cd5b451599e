"""From a policy file and a case to a decision."""

from rules.engine.engine import PolicyEngine
from rules.engine.policy import Policy, load_policy

__all__ = ["Policy", "PolicyEngine", "load_policy"]
