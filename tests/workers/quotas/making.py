"""Quotas and ledgers, made small."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rules import PolicyDocument
from workers.quotas import PolicyQuotas, SharedLedger

HOUR = timedelta(hours=1)


def document(*, brakes: dict[str, Any] | None = None, **quotas: dict[str, Any]) -> PolicyDocument:
    """A policy whose rules have these quotas."""
    return PolicyDocument.model_validate(
        {
            "policy": "made",
            "categories": {"spam": {"review": 0.5}},
            "queues": {"default": {"due": "1h"}},
            "brakes": brakes or {},
            "rules": [
                {"id": rule, "when": "true", "then": {"action": "remove"}, "quota": quota}
                for rule, quota in quotas.items()
            ],
        }
    )


def hourly(posts: int, **more: Any) -> dict[str, Any]:
    """A quota of so many posts an hour."""
    return {"posts": posts, "per": "1h", **more}


class Workers:
    """Ledgers with the same policy, which hear of each other only what a test delivers."""

    def __init__(self, count: int, posts: int) -> None:
        self.ledgers = [SharedLedger(f"worker-{n}") for n in range(count)]
        self.quotas: list[PolicyQuotas] = [
            one.of(document(flood=hourly(posts))) for one in self.ledgers
        ]
