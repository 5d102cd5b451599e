"""How far a policy agrees with what people decided about the same posts.

A post that a policy sends to people is neither right nor wrong: a person decides it.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas import Action


@dataclass(slots=True)
class Agreement:
    """Counts of posts that a reviewer decided, under one policy."""

    posts: int = 0
    removed: int = 0
    """By the policy, without a person."""
    rightly_removed: int = 0
    """Of those, what people removed too."""
    removed_by_people: int = 0
    missed: int = 0
    """Of those, what the policy leaves up without showing it to anybody."""
    to_people: int = 0
    """What the policy sends to review."""

    def count(self, policy: Action, person: Action) -> None:
        """Take one post in."""
        self.posts += 1
        self.removed += policy is Action.REMOVE
        self.rightly_removed += policy is person is Action.REMOVE
        self.removed_by_people += person is Action.REMOVE
        self.missed += person is Action.REMOVE and policy.severity < Action.REVIEW.severity
        self.to_people += policy is Action.REVIEW

    def merge(self, other: Agreement) -> None:
        """Take the posts of another count in."""
        self.posts += other.posts
        self.removed += other.removed
        self.rightly_removed += other.rightly_removed
        self.removed_by_people += other.removed_by_people
        self.missed += other.missed
        self.to_people += other.to_people
