"""``moderation rules quotas`` and ``moderation rules reset``, on a broker."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner, Result

from schemas import TOPICS
from tests.support.kafka import produce_messages, unique_settings
from tests.workers.quotas.making import document, hourly
from workers.policy.command import register
from workers.quotas import SharedLedger, read_quotas
from workers.settings import KafkaSettings
from workers.streams import create_topics

NOW = datetime.now(UTC)


@pytest.fixture
def kafka(embedded_kafka: str, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    settings = unique_settings(embedded_kafka)
    asyncio.run(create_topics(settings, [TOPICS.quotas]))
    monkeypatch.setenv("MODERATION_KAFKA_BOOTSTRAP_SERVERS", settings.bootstrap_servers)
    monkeypatch.setenv("MODERATION_KAFKA_TOPIC_PREFIX", settings.topic_prefix)
    return settings


def rules(*arguments: str) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, ["rules", *arguments], env={"USER": "ana"})


def write(kafka: KafkaSettings, ledger: SharedLedger) -> None:
    records = [(record.key, record) for record in ledger.outgoing(NOW)]
    asyncio.run(produce_messages(kafka, TOPICS.quotas, records))


def used_up(worker: str = "host-a") -> SharedLedger:
    """A ledger whose rule ``flood`` has tripped, and whose rule ``calm`` has one of two left."""
    ledger = SharedLedger(worker)
    quotas = ledger.of(document(flood=hourly(2, outcome="remove"), calm=hourly(2)))
    for rule in ("flood", "flood", "flood", "calm"):
        quotas.take(rule, NOW)
    return ledger


def test_every_quota_is_shown_with_its_state_and_its_users(kafka: KafkaSettings) -> None:
    write(kafka, used_up())

    lines = [line.split() for line in rules("quotas").output.splitlines()]

    assert lines[1] == ["calm", "made", "2", "in", "1h", "1", "1", "open"]
    assert lines[2] == ["host-a", "1"]
    assert lines[3][:9] == ["flood", "made", "2", "in", "1h", "of", "remove", "2", "0"]
    assert lines[3][9:12] == ["TRIPPED", "by", "host-a"]


def test_the_state_can_be_read_by_programs(kafka: KafkaSettings) -> None:
    write(kafka, used_up())
    calm, flood = map(json.loads, rules("quotas", "--json").output.splitlines())
    assert (calm["used"], calm["left"], calm["tripped"]) == (1, 1, False)
    assert (flood["by"], flood["by_worker"]) == ("host-a", {"host-a": 2})


def test_a_reset_opens_the_quota_of_the_rule_for_every_worker(kafka: KafkaSettings) -> None:
    ledger = used_up()
    write(kafka, ledger)

    result = rules("reset", "flood")

    assert (result.exit_code, result.output) == (0, "OK flood of made: 2 in 1h of remove\n")
    heard, broken = asyncio.run(read_quotas(kafka, "host-b"))
    calm, flood = heard.standings(NOW)
    assert broken == 0
    assert (flood.tripped, flood.left, flood.by) == (False, 2, "ana")
    assert calm.left == 1
    assert "open, last reset by ana" in rules("quotas").output


def test_all_that_is_tripped_can_be_reset_at_once(kafka: KafkaSettings) -> None:
    write(kafka, used_up())
    assert rules("reset", "--all").output == "OK flood of made: 2 in 1h of remove\n"
    assert rules("reset", "--all").output == "OK nothing is tripped\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["flod"], "no worker has told of a quota of flod; known are: calm, flood"),
        ([], "name one rule, or give --all"),
        (["flood", "--all"], "name one rule, or give --all"),
        (["flood", "--by", "a b"], "name yourself by --by"),
    ],
)
def test_what_cannot_be_reset_is_said(
    kafka: KafkaSettings, arguments: list[str], said: str
) -> None:
    write(kafka, used_up())
    result = rules("reset", *arguments)
    assert result.exit_code == 1
    assert said in result.stderr


def test_nothing_to_show_is_said(kafka: KafkaSettings) -> None:
    assert kafka.topic_prefix
    assert rules("quotas").output == "no worker has told of a quota yet\n"
