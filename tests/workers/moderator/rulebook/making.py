"""Small policies on the disk, and a reloader around them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry

from tests.workers.moderator.making import NOON
from workers.moderator.rulebook import (
    OpenedPolicy,
    PolicyMetrics,
    Reloader,
    Rulebook,
    edition_of,
    open_policy,
)
from workers.moderator.status import Status

MODEL = "constant@1"


def policy_text(label: str) -> str:
    """A policy that labels every post, and every post that holds a listed word."""
    return f"""\
policy: small
categories: {{spam: {{review: 0.9}}}}
queues: {{default: {{due: 1h}}}}
lists: {{words: {{phrases: words.txt}}}}
rules:
  - {{id: all_{label}, when: "true", then: {{labels: [{label}]}}}}
  - {{id: word_{label}, when: text.matches.words > 0, then: {{labels: [listed]}}}}
"""


def cases_text(label: str) -> str:
    """What the policy says about a harmless post."""
    return f"""\
cases:
  - name: any
    post: {{text: hello}}
    expect: {{action: allow, rules: [all_{label}], labels: [{label}]}}
"""


def write_policy(folder: Path, label: str = "old", words: str = "zebra") -> Path:
    """A policy with its list and a case that it passes."""
    path = folder / "small.yaml"
    path.write_text(policy_text(label), encoding="utf-8")
    (folder / "small.cases.yaml").write_text(cases_text(label), encoding="utf-8")
    (folder / "words.txt").write_text(f"{words}\n", encoding="utf-8")
    return path


@dataclass(frozen=True)
class Shop:
    """A rulebook, its reloader, and what they tell operators."""

    opened: OpenedPolicy
    rulebook: Rulebook
    reloader: Reloader
    registry: CollectorRegistry
    status: Status

    @property
    def version(self) -> str:
        return self.rulebook.current.versions.policy

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)

    def reloads(self) -> dict[str, float]:
        outcomes = ("activated", "unchanged", "refused")
        counts = {o: self.value("moderation_policy_reloads_total", outcome=o) for o in outcomes}
        return {outcome: count for outcome, count in counts.items() if count}


@contextmanager
def shop(place: Path) -> Iterator[Shop]:
    """Everything around the policy that lies at the place."""
    opened = open_policy(place)
    make = partial(edition_of, model=MODEL)
    rulebook, registry = Rulebook(make(opened.policy)), CollectorRegistry()
    with ThreadPoolExecutor(1) as thread:
        reloader = Reloader(
            rulebook, make, thread=thread, metrics=PolicyMetrics(registry), clock=lambda: NOON
        )
        status = Status(liveness_seconds=60, reloader=reloader)
        yield Shop(opened, rulebook, reloader, registry, status)
