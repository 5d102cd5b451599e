"""A policy that names a bank which is not there, or is another, does not go without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from rules.banks import BankKind
from tests.rules.making import policy
from workers.moderator.named_banks import NamedBanks
from workers.moderator.rulebook import Rulebook, edition_of

BANKS = {
    "memes": {"modality": "image"},
    "scams": {"modality": "text", "required": False},
    "vectors": {"modality": "post"},
}


@pytest.fixture
def rulebook(tmp_path: Path) -> Rulebook:
    return Rulebook(edition_of(policy(tmp_path, banks=BANKS), model="constant@1"))


def missing(registry: CollectorRegistry) -> dict[str, str]:
    return {
        sample.labels["bank"]: sample.labels["required"]
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "moderation_policy_bank_missing"
    }


def test_banks_that_are_not_loaded_are_warned_of_once(
    rulebook: Rulebook, caplog: pytest.LogCaptureFixture
) -> None:
    registry = CollectorRegistry()
    named = NamedBanks(registry, rulebook, lambda: {"memes": BankKind.PDQ})
    named.look()
    named.look()
    told = {record.__dict__["bank"]: record.__dict__["reason"] for record in caplog.records}
    assert len(caplog.records) == 2
    assert told["vectors"].endswith("its rules fail")
    assert told["scams"].endswith("it counts as no match")
    assert missing(registry) == {"scams": "false", "vectors": "true"}


def test_a_bank_of_another_kind_than_the_policy_says_is_warned_of(
    rulebook: Rulebook, caplog: pytest.LogCaptureFixture
) -> None:
    registry = CollectorRegistry()
    loaded = {"memes": BankKind.TEXT, "scams": BankKind.NEAR_TEXT, "vectors": BankKind.EMBEDDING}
    NamedBanks(registry, rulebook, lambda: loaded).look()
    (record,) = caplog.records
    assert "says that it knows image, and it holds text" in record.__dict__["reason"]
    assert missing(registry) == {"memes": "true"}


def test_banks_that_come_and_policies_that_ask_for_fewer_are_seen(
    rulebook: Rulebook, tmp_path: Path
) -> None:
    registry = CollectorRegistry()
    loaded: dict[str, BankKind] = {}
    named = NamedBanks(registry, rulebook, lambda: loaded)
    named.look()
    loaded |= {"memes": BankKind.PDQ, "scams": BankKind.TEXT}
    assert missing(registry) == {"vectors": "true"}
    (tmp_path / "other").mkdir()
    fewer = policy(tmp_path / "other", banks={"memes": BANKS["memes"]})
    rulebook.swap(edition_of(fewer, model="constant@1"))
    assert missing(registry) == {}
