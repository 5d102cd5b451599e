"""The policy that a worker starts with: found, tested, and remembered as it stood on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rules import DEFAULT_POLICY_PATH, Policy, find_policy, load_tested
from workers.moderator.rulebook.snapshot import Snapshot, snapshot_of
from workers.streams import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedPolicy:
    """A tested policy, and where it came from."""

    policy: Policy
    place: Path | None
    """The file or folder that the operator named, to be watched; ``None`` for the shipped one."""
    snapshot: Snapshot
    """Of the place, taken before the policy was read: a change since then is seen."""


def open_policy(place: Path | None) -> OpenedPolicy:
    """The policy of a file or folder, or the shipped one.

    Raises:
        PolicyError: it cannot be used, or fails one of its own cases.
    """
    where = place or DEFAULT_POLICY_PATH
    snapshot = snapshot_of(where)
    return OpenedPolicy(load_at(where), place, snapshot)


def load_at(place: Path) -> Policy:
    """The tested policy of a file or folder.

    Raises:
        PolicyError: it cannot be used, or fails one of its own cases.
    """
    policy, cases = load_tested(find_policy(place))
    if not cases:
        log.warning(
            "the policy has no cases of its own; it is taken untested",
            policy=policy.version,
            path=str(policy.path),
        )
    return policy
