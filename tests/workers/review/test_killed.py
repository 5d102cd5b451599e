"""A console that is killed at random loses no decision that it acknowledged, and sends none twice.

``KILLS`` says how often; ``make kill-review N=100`` does it a hundred times.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from schemas import TOPICS, ReviewDecision, Verdict
from tests.support.kafka import produce_messages, read_messages
from tests.support.waiting import eventually
from tests.workers.review.process import ConsoleProcess, running_console
from tests.workers.review.samples import escalation, post
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

KILLS = int(os.environ.get("KILLS", "2"))
ITEMS_PER_LIFE = 20
"""More than are decided in a life, so that it ends in the middle of work."""
LONGEST_LIFE_SECONDS = 3.0
DRAINED_WITHIN_SECONDS = 90.0
TIRELESS = {"items_a_day": "0", "break_after_minutes": "0"}
"""A hundred lives are more work than a person may do in a day."""

Answer = dict[str, Any]


def token(folder: Path) -> str:
    """A token for the first account, made on the command line."""
    url = f"sqlite+aiosqlite:///{folder}/review.db"
    made = subprocess.run(
        [Path(sys.executable).with_name("moderation"), "review-user", "token", "reviewer"],
        env={**os.environ, "MODERATION_REVIEW_DATABASE_URL": url},
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"(moderation_\S+) \(shown", made.stdout)
    assert found, made.stdout
    return found.group(1)


async def decide_until_killed(url: str, secret: str, acknowledged: dict[str, Answer]) -> None:
    """Claim and decide, one after the other; note what the console said was taken."""
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers) as http:
        while True:
            taken = await http.post("/items/next", json={})
            if taken.status_code == 204:
                await asyncio.sleep(
                    0.05
                )  # the killed console's last items come back by their lease
                continue
            claim = taken.raise_for_status().json()
            wanted = {"claim": claim["number"], "action": "remove", "categories": ["toxicity"]}
            answer = await http.post(f"/items/{claim['item_id']}/decision", json=wanted)
            acknowledged[claim["item_id"]] = answer.raise_for_status().json()


async def one_life(url: str, secret: str, acknowledged: dict[str, Answer], seconds: float) -> None:
    with suppress(TimeoutError, httpx.TransportError):
        await asyncio.wait_for(decide_until_killed(url, secret, acknowledged), seconds)


def all_stored(console: ConsoleProcess, count: int) -> bool:
    return console.metric("moderation_review_items", state="open") == count


async def test_no_acknowledged_decision_is_lost_or_sent_twice(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    luck = Random(20_260_504)
    acknowledged: dict[str, Answer] = {}
    posts = [f"p-{number}" for number in range(KILLS * ITEMS_PER_LIFE)]
    keyed = [(name, escalation(post(name))) for name in posts]
    await produce_messages(kafka_settings, TOPICS.escalations, keyed)
    secret, port = "", "0"
    for life in range(KILLS):
        with running_console(kafka_settings, tmp_path, port=port, **TIRELESS) as console:
            port = console.url.rpartition(":")[2]
            if life == 0:
                secret = token(tmp_path)
                eventually(
                    partial(all_stored, console, len(posts)),
                    within_seconds=DRAINED_WITHIN_SECONDS,
                    describe="all escalations stored",
                )
            seconds = luck.uniform(0.1, LONGEST_LIFE_SECONDS)
            await one_life(console.url, secret, acknowledged, seconds)
            console.kill()

    with running_console(kafka_settings, tmp_path, port=port, **TIRELESS) as console:
        eventually(
            lambda: console.metric("moderation_review_outbox_pending") == 0,
            within_seconds=DRAINED_WITHIN_SECONDS,
            describe="the outbox is empty",
        )
    sent = await read_messages(kafka_settings, TOPICS.review_decisions, ReviewDecision)
    verdicts = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    assert acknowledged, "no life was long enough for a decision"
    told = Counter(str(decision.decision_id) for decision in sent)
    lost = {each["decision_id"] for each in acknowledged.values()} - told.keys()
    assert lost == set()
    assert max(told.values()) == 1, "sent twice"
    assert Counter(verdict.post_id for verdict in verdicts).most_common(1)[0][1] == 1
    assert {verdict.post_id for verdict in verdicts} == {decision.post_id for decision in sent}
