"""The ledger on the embedded development broker, with its tables in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schemas import TOPICS, Action, AuthorSignals
from tests.support.kafka import produce_messages, read_messages, unique_settings
from tests.support.waiting import eventually
from tests.workers.ledger.process import running_ledger
from tests.workers.ledger.records import a_decision, a_verdict
from workers.streams import BrokerKindUnavailableError, create_topics, running_broker


def test_author_signals_come_without_java_and_without_a_disk(tmp_path: Path) -> None:
    try:
        broker = running_broker("embedded", data_dir=tmp_path / "broker")
        with broker as running:
            kafka = unique_settings(running.bootstrap_servers)
            asyncio.run(create_topics(kafka))
            verdict = a_verdict(Action.REVIEW)
            decision = a_decision(Action.REMOVE)
            asyncio.run(produce_messages(kafka, TOPICS.verdicts, [(verdict.post_id, verdict)]))
            asyncio.run(
                produce_messages(kafka, TOPICS.review_decisions, [(decision.post_id, decision)])
            )
            memory = {"MODERATION_LEDGER_STORE": "memory"}
            with running_ledger(kafka, tmp_path / "ledger", memory) as ledger:
                eventually(lambda: ledger.metric("moderation_ledger_author_signals_total") == 2)
                assert ledger.stop() == 0
            found = asyncio.run(read_messages(kafka, TOPICS.author_signals, AuthorSignals))
    except BrokerKindUnavailableError as missing:
        pytest.skip(f"no embedded broker here: {missing}")

    newest = found[-1]
    assert (newest.posts, newest.removals, newest.strikes) == (1, 1, 1)
