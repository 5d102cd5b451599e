"""What reviewers say of matches is written into the banks, once, and waits where it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka import ConsumerRecord
from prometheus_client import CollectorRegistry

from rules.banks import load_bank
from schemas import Action, BankWord, ReviewDecision
from tests.workers.moderator.banking import digest, make_bank
from tests.workers.moderator.making import NOON
from workers.moderator.bank_words import BankWords

Records = list[ConsumerRecord[bytes, bytes]]


def said(number: int, *words: BankWord) -> ReviewDecision:
    return ReviewDecision(
        decision_id=UUID(int=number),
        verdict_id=UUID(int=number),
        post_id="post-1",
        revision=1,
        author_id="author-1",
        reviewer="reviewer-1",
        action=Action.ALLOW,
        machine_action=Action.REVIEW,
        bank_words=words,
        claimed_at=NOON,
        decided_at=NOON,
    )


def records(decisions: Sequence[ReviewDecision]) -> Records:
    return [
        ConsumerRecord(
            topic="review-decisions",
            partition=0,
            offset=offset,
            timestamp=0,
            timestamp_type=0,
            key=one.post_id.encode(),
            value=one.to_bytes(),
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            headers=(),
        )
        for offset, one in enumerate(decisions)
    ]


def wrong(entry: str = "e1", bank: str = "files") -> BankWord:
    return BankWord(bank=bank, entry=entry, right=False)


async def listen(words: BankWords, heard: Records) -> None:
    await words.hear(heard)
    await words.at_end()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return make_bank(tmp_path / "files", "image", {"e1": [digest(b"a")], "e2": [digest(b"b")]})


async def test_words_are_written_once_however_often_the_topic_is_read(
    bank: Path,
) -> None:
    right = BankWord(bank="files", entry="e2", right=True)
    heard = records([said(1, wrong(), right), said(2), said(3, wrong())])
    for _ in range(2):  # as after a restart
        await listen(BankWords(bank.parent, CollectorRegistry()), heard)
    standing = load_bank(bank).standing
    assert (standing.denied, standing.confirmed) == ({"e1"}, {"e2"})
    assert (standing.denies, standing.confirms) == (2, 1)


async def test_words_are_counted_and_those_on_banks_that_are_not_here_are_passed_by(
    bank: Path, registry: CollectorRegistry
) -> None:
    words = BankWords(bank.parent, registry)
    await listen(words, records([said(1, wrong(bank="elsewhere"), wrong())]))
    labels = {"bank": "files", "word": "deny"}
    assert registry.get_sample_value("moderation_bank_words_written_total", labels) == 1
    assert registry.get_sample_value("moderation_bank_words_waiting") == 0
    assert not (bank.parent / "elsewhere").exists()


async def test_words_that_cannot_be_written_wait_and_somebody_is_told(
    bank: Path, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    in_the_way = bank / "words.jsonl"
    in_the_way.mkdir()
    words = BankWords(bank.parent, registry)
    await listen(words, records([said(1, wrong())]))
    await listen(words, records([said(2, wrong())]))
    assert registry.get_sample_value("moderation_bank_words_waiting") == 2
    assert [record.__dict__["bank"] for record in caplog.records] == ["files"], "said once"
    in_the_way.rmdir()
    await words.write()
    assert registry.get_sample_value("moderation_bank_words_waiting") == 0
    assert load_bank(bank).standing.denies == 2
