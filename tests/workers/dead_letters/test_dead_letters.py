"""An operator finds what was set aside, sees no person in it, and sends it again as it came."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from schemas import TOPICS, DeadLetter, ErrorClass, Header
from tests.support.delivery import fresh_topics
from tests.support.kafka import produce, read_records
from workers.cli import build_app
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

FAILED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = "somebody@mail.example"
AUTHOR = b"author-with-a-name"
BROKEN = b'{"text": "write to ' + MAIL.encode() + b'", \xff'


def letter(
    kafka: KafkaSettings,
    error_class: ErrorClass,
    minutes: int,
    value: bytes,
    *,
    header: str = "traceparent",
    reason: str = f"cannot be read: {MAIL}",
) -> bytes:
    return DeadLetter(
        topic=kafka.topic(TOPICS.posts),
        partition=3,
        offset=40 + minutes,
        timestamp=FAILED_AT - timedelta(hours=1),
        key=AUTHOR,
        value=value,
        headers=(Header(name=header, value=b"00-1-2-01"),),
        error_class=error_class,
        reason=reason,
        failed_at=FAILED_AT + timedelta(minutes=minutes),
    ).to_bytes()


@dataclass(frozen=True)
class Operator:
    """Somebody at a shell."""

    kafka: KafkaSettings

    def types(self, *words: str) -> Result:
        environment = {
            "MODERATION_KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "MODERATION_KAFKA_TOPIC_PREFIX": self.kafka.topic_prefix,
            "COLUMNS": "300",
        }
        return CliRunner().invoke(build_app(), ["dead-letters", *words], env=environment)

    def posts(self) -> list[tuple[bytes | None, bytes | None, dict[str, bytes]]]:
        records = asyncio.run(read_records(self.kafka, TOPICS.posts))
        return [(record.key, record.value, dict(record.headers)) for record in records]


@pytest.fixture
def operator(apache_kafka: str) -> Operator:
    kafka = fresh_topics(apache_kafka)
    letters = [
        letter(kafka, ErrorClass.NOT_JSON, 0, BROKEN),
        letter(kafka, ErrorClass.POISON, 1, b"poison"),
        letter(kafka, ErrorClass.POISON, 2, b"more poison"),
    ]
    records = [(AUTHOR, value) for value in letters]
    asyncio.run(produce(kafka, TOPICS.dead_letter, records))
    return Operator(kafka)


def test_listing_names_every_letter_its_cause_and_no_person(operator: Operator) -> None:
    told = operator.types("list")
    assert told.exit_code == 0
    for words in ("0:0", "0:1", "0:2", "not_json", "poison", "posts/3/40"):
        assert words in told.output
    assert "cannot be read: [mail address]" in told.output
    assert MAIL not in told.output
    assert AUTHOR.decode() not in told.output
    assert "3 dead letters" in told.output


def test_what_others_write_into_letters_does_nothing_to_a_terminal(operator: Operator) -> None:
    hostile = letter(
        operator.kafka,
        ErrorClass.INTERNAL,
        3,
        b"\x1b[2J",
        header=f"\x1b]0;{MAIL}\x07",
        reason="[/x] [bold]loud :boom: \x1b[2J\r\n",
    )
    asyncio.run(produce(operator.kafka, TOPICS.dead_letter, [(AUTHOR, hostile)]))
    listed, shown = operator.types("list"), operator.types("show", "0:3")
    assert listed.exit_code == shown.exit_code == 0
    for told in (listed, shown):
        assert "[/x] [bold]loud :boom:" in told.output
        assert "\x1b" not in told.output
    assert "]0;[mail address]" in shown.output


def test_listing_can_be_narrowed_by_class_and_time(operator: Operator) -> None:
    assert "2 dead letters" in operator.types("list", "--class", "poison").output
    assert "1 dead letters" in operator.types("list", "--since", "2026-03-01T12:02:00").output


def test_one_letter_is_shown_masked_and_its_bytes_only_when_asked_for(
    operator: Operator, tmp_path: Path
) -> None:
    told = operator.types("show", "0:0")
    assert "write to [mail address]" in told.output
    assert MAIL not in told.output
    assert "traceparent" in told.output
    assert operator.types("show", "0:0", "--bytes").stdout_bytes == BROKEN
    target = tmp_path / "original"
    operator.types("show", "0:0", "--bytes", "--output", str(target))
    assert target.read_bytes() == BROKEN


def test_records_are_sent_again_as_they_came_and_say_so(operator: Operator) -> None:
    told = operator.types("replay", "--all", "--class", "poison")
    assert "2 records sent again" in told.output
    sent = operator.posts()
    assert [(key, value) for key, value, _ in sent] == [
        (AUTHOR, b"poison"),
        (AUTHOR, b"more poison"),
    ]
    assert [headers for _, _, headers in sent] == [
        {"traceparent": b"00-1-2-01", "moderation-replayed": b"0:1"},
        {"traceparent": b"00-1-2-01", "moderation-replayed": b"0:2"},
    ]


def test_dry_run_sends_nothing(operator: Operator) -> None:
    assert "1 records would be sent" in operator.types("replay", "0:0", "--dry-run").output
    assert operator.posts() == []


@pytest.mark.parametrize("words", [("show", "7:7"), ("replay", "7:7")])
def test_letter_that_is_not_there_is_told_in_words(
    operator: Operator, words: tuple[str, ...]
) -> None:
    told = operator.types(*words)
    assert told.exit_code == 1
    assert "no dead letter 7:7" in told.output


def test_replay_of_nothing_in_particular_is_refused(operator: Operator) -> None:
    assert operator.types("replay").exit_code == 2
    assert operator.types("replay", "0:0", "--all").exit_code == 2
    assert operator.posts() == []


def test_letter_of_other_topics_is_not_sent_to_these(operator: Operator) -> None:
    foreign = KafkaSettings(topic_prefix="elsewhere.")
    record = (AUTHOR, letter(foreign, ErrorClass.INTERNAL, 3, b"foreign"))
    asyncio.run(produce(operator.kafka, TOPICS.dead_letter, [record]))
    told = operator.types("replay", "--all")
    assert told.exit_code == 1
    assert "elsewhere.posts" in told.output
    assert operator.posts() == []
