"""A category that only the policy or only the model knows does not go without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from tests.rules.making import policy
from workers.moderator.named_categories import NamedCategories
from workers.moderator.rulebook import Rulebook, edition_of

THRESHOLDS = {"review": 0.6, "remove": 0.9}


def unmatched(registry: CollectorRegistry) -> dict[str, str]:
    return {
        sample.labels["category"]: sample.labels["known_to"]
        for family in registry.collect()
        for sample in family.samples
    }


@pytest.fixture(name="rulebook")
def spam_and_a_slip(tmp_path: Path) -> Rulebook:
    categories = {"spam": THRESHOLDS, "toxcity": THRESHOLDS, "own": THRESHOLDS | {"scored": False}}
    return Rulebook(edition_of(policy(tmp_path, categories=categories), model="constant@1"))


def test_a_slip_is_warned_of_from_both_sides_once(
    rulebook: Rulebook, caplog: pytest.LogCaptureFixture
) -> None:
    registry = CollectorRegistry()
    categories = NamedCategories(registry, rulebook, ("spam", "toxicity"))
    categories.look()
    categories.look()
    told = {record.__dict__["category"]: record.__dict__["reason"] for record in caplog.records}
    assert len(caplog.records) == 2
    assert told["toxcity"].endswith("the model never scores it")
    assert told["toxicity"].endswith("the policy has no thresholds for it")
    assert unmatched(registry) == {"toxcity": "policy", "toxicity": "model"}


def test_another_policy_is_looked_at_anew(
    rulebook: Rulebook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    categories = NamedCategories(CollectorRegistry(), rulebook, ("spam", "toxcity"))
    categories.look()
    assert not caplog.records
    other = policy(tmp_path, categories={"spam": THRESHOLDS})
    rulebook.swap(edition_of(other, model="constant@1"))
    categories.look()
    (record,) = caplog.records
    assert record.__dict__["category"] == "toxcity"
