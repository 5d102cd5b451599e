"""The ledger on the embedded development broker, with its tables in memory."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from schemas import TOPICS, Action, AuthorSignals
from tests.support.kafka import produce_messages, read_messages
from tests.support.waiting import eventually
from tests.workers.ledger.process import LedgerProcess, running_ledger
from tests.workers.ledger.records import a_decision, a_shadow_verdict, a_verdict, sampled
from workers.audit_plan import AuditPlan
from workers.ledger.page import CONTENT_SECURITY_POLICY
from workers.settings import KafkaSettings

IN_MEMORY = {"MODERATION_LEDGER_STORE": "memory"}


def test_author_signals_come_without_java_and_without_a_disk(
    embedded_kafka: KafkaSettings, tmp_path: Path
) -> None:
    verdict = a_verdict(Action.REVIEW)
    decision = a_decision(Action.REMOVE)
    asyncio.run(produce_messages(embedded_kafka, TOPICS.verdicts, [(verdict.post_id, verdict)]))
    asyncio.run(
        produce_messages(embedded_kafka, TOPICS.review_decisions, [(decision.post_id, decision)])
    )
    with running_ledger(embedded_kafka, tmp_path / "ledger", IN_MEMORY) as ledger:
        eventually(lambda: ledger.metric("moderation_ledger_author_signals_total") == 2)
        assert ledger.stop() == 0
    found = asyncio.run(read_messages(embedded_kafka, TOPICS.author_signals, AuthorSignals))

    newest = found[-1]
    assert (newest.posts, newest.removals, newest.strikes) == (1, 1, 1)


def test_a_campaign_is_told_to_all_its_authors_and_a_replay_changes_nothing(
    embedded_kafka: KafkaSettings, tmp_path: Path
) -> None:
    verdicts = [
        (one.post_id, one)
        for one in (
            a_verdict(
                post=f"post-{number}",
                author=f"author-{number}",
                text_keys=("0123456789abcdef",),
            )
            for number in range(5)
        )
    ]
    asyncio.run(produce_messages(embedded_kafka, TOPICS.verdicts, verdicts))
    with running_ledger(embedded_kafka, tmp_path / "ledger", IN_MEMORY) as ledger:
        name = "moderation_ledger_author_signals_total"
        # One each for its verdict, and one each for the campaign that they turn out to be.
        eventually(lambda: ledger.metric(name) == 10, within_seconds=120)
        asyncio.run(produce_messages(embedded_kafka, TOPICS.verdicts, verdicts))
        eventually(lambda: ledger.metric(name) == 20, within_seconds=120)
        assert ledger.metric("moderation_ledger_campaigns_total") == 1
        assert ledger.stop() == 0
    found = asyncio.run(read_messages(embedded_kafka, TOPICS.author_signals, AuthorSignals))

    newest = {one.author_id: one for one in found}
    assert {(one.posts, one.campaign and one.campaign.authors) for one in newest.values()} == {
        (1, 5)
    }


def test_the_audit_sample_becomes_figures_a_report_and_the_next_plan(
    embedded_kafka: KafkaSettings, tmp_path: Path
) -> None:
    verdicts = [a_verdict(post=f"post-{i}", sampling=sampled()) for i in range(4)]
    decisions = [
        a_decision(Action.REMOVE, post="post-0", categories=("spam",)),
        *(a_decision(Action.ALLOW, post=f"post-{i}") for i in (1, 2)),
        a_decision(Action.REMOVE, post="golden", categories=("spam",)),
    ]
    shadows = [
        a_shadow_verdict(then, post=f"post-{i}", sampling=sampled())
        for i, then in enumerate((Action.REMOVE, Action.ALLOW, Action.REMOVE))
    ]
    for topic, records in (
        (TOPICS.review_decisions, decisions),  # whichever comes first
        (TOPICS.shadow_verdicts, [*shadows, *shadows]),
        (TOPICS.verdicts, [*verdicts, *verdicts, a_verdict(post="not-sampled")]),
    ):
        asyncio.run(produce_messages(embedded_kafka, topic, [(it.post_id, it) for it in records]))
    quick = IN_MEMORY | {"MODERATION_LEDGER_ACCURACY_INTERVAL_SECONDS": "0.2"}
    with running_ledger(embedded_kafka, tmp_path / "ledger", quick) as ledger:
        eventually(lambda: _audited(ledger, "drawn") == 4)
        eventually(lambda: _audited(ledger, "answered") == 3)
        prevalence = {
            bound: ledger.metric(
                "moderation_ledger_accuracy_ratio",
                figure="prevalence",
                judge="live",
                category="spam",
                bound=bound,
            )
            for bound in ("low", "estimate", "high")
        }
        assert ledger.metric("moderation_ledger_label_age_seconds") > 0
        gain = {"judge": "shadow-model:model-2", "figure": "recall", "bound": "estimate"}
        eventually(lambda: ledger.metric("moderation_ledger_challenger_gain_ratio", **gain) == 1.0)
        with urllib.request.urlopen(f"{ledger.url}/accuracy", timeout=10) as answer:
            page = answer.read().decode()
            policy = answer.headers["Content-Security-Policy"]
    report = json.loads(_moderation(embedded_kafka, "ledger", "accuracy", "--json"))
    trials = json.loads(_moderation(embedded_kafka, "ledger", "promotions", "--json"))
    _moderation(embedded_kafka, "ledger", "accuracy", "--html", str(tmp_path / "accuracy.html"))
    plan = AuditPlan.model_validate_json(
        _moderation(embedded_kafka, "ledger", "plan", "--rate", "0.02")
    )

    assert prevalence["estimate"] == pytest.approx(1 / 3)
    assert prevalence["low"] < prevalence["estimate"] < prevalence["high"]
    assert (report["drawn"], report["answered"]) == (4, 3)
    (trial,) = trials["challengers"]
    assert (trial["answered"], trial["disagreed"], trial["advice"]) == (3, 2, "undecided")
    assert trial["caught"]["value"] == pytest.approx(8 / 3)
    assert "shadow-model:model-2" in page
    assert page.startswith("<!doctype html>")
    assert policy == CONTENT_SECURITY_POLICY
    assert "shadow-model:model-2" in (tmp_path / "accuracy.html").read_text()
    assert plan.default_rate == 0.02
    assert set(plan.rates) == {"allow-s0-text-en"}


def _audited(ledger: LedgerProcess, state: str) -> float:
    return ledger.metric("moderation_ledger_audit_verdicts", state=state)


def _moderation(kafka: KafkaSettings, *words: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("moderation"), *words],
        env=os.environ
        | {
            "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
