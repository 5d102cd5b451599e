"""What judges now: an engine and the versions that its verdicts carry, exchanged as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

from rules import Case, Decision, HitRateWatch, Policy, PolicyEngine, bands_of
from schemas import BankPart, Post, Versions
from workers.quotas import PolicyQuotas, SharedLedger

_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Decider(Protocol):
    """What a worker needs of a policy engine."""

    def decide(self, case: Case) -> Decision:
        """The decision on one case; pure."""
        ...


class NamedBank(NamedTuple):
    """What a policy says of a bank."""

    part: BankPart
    """Of posts, that it knows."""
    required: bool
    """Whether rules that ask about it fail without it."""


@dataclass(frozen=True, slots=True)
class Edition:
    """An engine and the versions that it puts on verdicts. Never changed, only replaced."""

    engine: Decider
    versions: Versions
    facts: frozenset[str] = frozenset()
    """That its conditions may ask for."""
    quotas: PolicyQuotas | None = None
    """What the engine counts in, where that is shared with other workers."""
    hit_rates: HitRateWatch = field(default_factory=lambda: HitRateWatch({}))
    """Told of every post that this edition judges; begins anew with it."""
    banks: Mapping[str, NamedBank] = field(default_factory=dict)
    """That the policy names."""
    categories: frozenset[str] = frozenset()
    """That the policy has thresholds for, and takes to be scored by the model."""
    what_if: Decider | None = None
    """Decides likewise, but for quotas, of which it uses none up; without it, nobody asks."""

    def by_model(self, model: str) -> Edition:
        """The same edition, for scores of the model of this version."""
        if self.versions.model == model:
            return self
        return replace(self, versions=self.versions.model_copy(update={"model": model}))


class Rulebook:
    """Holds the edition in force. Threads may share it.

    Whoever judges asks for :attr:`current` once a group of posts and uses that edition to the end
    of it, so that no post is judged by a mixture of two.
    """

    def __init__(self, edition: Edition) -> None:
        self._current = edition

    @property
    def current(self) -> Edition:
        """The edition in force."""
        return self._current

    def swap(self, edition: Edition) -> None:
        """Put another edition in force, from the next post on; the model stays the same."""
        self._current = edition.by_model(self._current.versions.model)

    def use_model(self, version: str) -> None:
        """Have verdicts that no scores come with name this model, as the one that judges now."""
        self._current = self._current.by_model(version)


def edition_of(policy: Policy, *, model: str, ledger: SharedLedger | None = None) -> Edition:
    """The edition of a policy, compiled, warm and ready.

    Args:
        policy: a checked one.
        model: version of the model whose scores it judges.
        ledger: holds the quotas of all workers; left out, the edition counts for itself.
    """
    quotas = None if ledger is None else ledger.of(policy.document)
    engine = PolicyEngine(policy, quotas)
    engine.warm(_ordinary_case(policy))
    return Edition(
        engine,
        Versions(model=model, policy=engine.version),
        engine.facts,
        quotas,
        HitRateWatch(bands_of(policy.document)),
        {
            name: NamedBank(bank.modality, bank.required)
            for name, bank in policy.document.banks.items()
        },
        frozenset(name for name, own in policy.document.categories.items() if own.scored),
        engine.without_quotas(),
    )


def _ordinary_case(policy: Policy) -> Case:
    """A text with every score, so that conditions find what they ask for."""
    categories = policy.document.categories.items()
    return Case(
        post=Post(post_id="warm-up", author_id="warm-up", created_at=_ANY_TIME, text="Hello!"),
        scores={name: 0.0 for name, category in categories if category.scored},
        now=_ANY_TIME,
    )
