"""The committed dashboard is fresh and legible, and every query of it finds data."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.overview import OVERVIEW_PATH, render
from rules.banks import BankKind, BankSettings, Change, append, create_bank, text_sha256
from rules.matchers import Folder
from schemas import Action
from tests.deploy.console_process import running_console
from tests.deploy.waves import TEXT, waves
from tests.support.kafka import unique_settings
from tests.support.prometheus import Prometheus, require_program, running_prometheus
from tests.support.waiting import eventually
from tests.support.worker_process import running_worker
from tests.workers.ledger.process import running_ledger
from workers.streams import create_topics

HERE = Path(__file__).parent
DEPLOY = Path(__file__).parents[2] / "deploy"

RATE_INTERVAL = "10s"
"""Stands for Grafana's ``$__rate_interval``: ten of the test's scrapes."""

DATA_SECONDS = 40.0

START_TIMEOUT_SECONDS = 480
"""The first query's test also pays for the start of a broker and four processes, three of which
import for ten seconds of CPU each; far above what that takes on two idle cores."""


def panels() -> list[dict[str, Any]]:
    dashboard = json.loads(OVERVIEW_PATH.read_text(encoding="utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Any]:
    for panel in panels():
        for target in panel["targets"]:
            yield pytest.param(target["expr"], id=f"{panel['title']}, {target['refId']}")


def test_the_committed_dashboard_is_what_the_code_gives() -> None:
    assert OVERVIEW_PATH.read_text(encoding="utf-8") == render(), (
        "deploy/grafana has changed; run `python -m deploy.grafana.overview`"
    )


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: str(panel["title"]))
def test_a_panel_says_what_it_shows_in_which_unit(panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]

    assert len(panel["description"]) > 20
    assert defaults["unit"]
    assert defaults["thresholds"]["steps"]
    assert panel["datasource"]["uid"] == "prometheus"


def test_panels_do_not_overlap_and_fill_whole_lines() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    for line in {y for _, y in taken}:
        assert {x for x, y in taken if y == line} == set(range(24))


def make_banks(folder: Path) -> Path:
    """A bank that knows the text of every wave, and of whose matches people have spoken."""
    bank = folder / "greetings"
    create_bank(bank, BankSettings(kind=BankKind.TEXT, action=Action.ALLOW))
    row = text_sha256(TEXT, Folder())
    words = [Change(op="confirm", entry="morning", decision=f"d-{n}") for n in range(20)]
    append(bank, [Change(op="add", entry="morning", rows=[row]), *words])
    return folder


@pytest.fixture(scope="module")
def scraped(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that reads a worker, a ledger and a console under traffic."""
    require_program("prometheus")
    folder = tmp_path_factory.mktemp("scraped")
    kafka = unique_settings(apache_kafka)
    asyncio.run(create_topics(kafka))
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        # Side by side: each spends most of its start on waiting for the broker.
        judging = running_worker(
            kafka,
            folder / "worker",
            policy=HERE / "policy.yaml",
            banks=make_banks(folder / "banks"),
        )
        worker = stack.enter_context(judging)
        ledger = pool.submit(stack.enter_context, running_ledger(kafka, folder / "ledger"))
        console = pool.submit(stack.enter_context, running_console(kafka, folder / "console"))
        worker.wait_ready()
        jobs = {
            "worker": worker.url or "",
            "ledger": ledger.result().url,
            "review": console.result(),
        }
        stack.enter_context(waves(kafka))
        addresses = {job: url.removeprefix("http://") for job, url in jobs.items()}
        rules = DEPLOY / "prometheus" / "rules.yml"
        with running_prometheus(addresses, folder / "prometheus", rules=rules) as prometheus:
            eventually(lambda: prometheus.jobs_up() == set(jobs), describe="every job is read")
            yield prometheus


@pytest.mark.kafka
@pytest.mark.prometheus
@pytest.mark.timeout(START_TIMEOUT_SECONDS)
@pytest.mark.parametrize("expression", list(queries()))
def test_a_query_finds_data(scraped: Prometheus, expression: str) -> None:
    concrete = expression.replace("$__rate_interval", RATE_INTERVAL).replace("$instance", ".*")
    assert not re.search(r"\$\w", concrete), "a variable that this test does not know"

    def finite() -> bool:
        found = scraped.query(concrete)
        return bool(found) and all(sample.is_finite for sample in found)

    eventually(finite, within_seconds=DATA_SECONDS, describe=f"data for {concrete}")


@pytest.mark.kafka
@pytest.mark.prometheus
def test_the_figures_tell_what_happened(scraped: Prometheus) -> None:
    """Not only present: broken posts, unscanned pieces and overturned verdicts are seen."""
    for expression in (
        "sum(moderation_dead_letters_total) > 0",
        'sum(moderation_not_scanned_total{reason="undecodable"}) > 0',
        'sum(moderation_verdicts_total{status="degraded"}) > 0',
        "sum(moderation_review_items) > 0",
        'moderation_ledger_overturned_total{category="spam"} > 0',
        'moderation_ledger_decisions_total{machine_action="limit",human_action="allow"} > 0',
        "moderation_ledger_duplicates_total > 0",
        "moderation_ledger_authors > 0",
        'moderation_bank_matches_total{bank="greetings"} > 0',
        'moderation_bank_confirmed_share{bank="greetings"} == 1',
        'moderation_rule_hit_share{rule="greeting"} > 0.9',
        'moderation_quota_tokens_left{rule="greeting"} < 100000',
    ):
        eventually(
            lambda query=expression: scraped.query(query),  # type: ignore[misc]
            within_seconds=DATA_SECONDS,
            describe=expression,
        )
