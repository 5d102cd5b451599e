"""The committed dashboards are fresh and legible, and every query of them finds data."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.board import Board
from deploy.grafana.boards import BOARDS
from deploy.grafana.committed import PanelQuery, committed_panels, committed_queries
from deploy.grafana.looking import Finding, Look, find
from deploy.grafana.variables import RUNBOOKS_ADDRESS
from deploy.prometheus_api import Prometheus
from rules.banks import BankKind, BankSettings, Change, append, create_bank, text_sha256
from rules.matchers import Folder
from schemas import Action
from tests.deploy.console_process import running_console
from tests.deploy.figures import shown_figures
from tests.deploy.waves import TEXT, waves
from tests.support.kafka import unique_settings
from tests.support.prometheus import require_program, running_prometheus
from tests.support.waiting import eventually
from tests.support.worker_process import running_worker
from tests.workers.ledger.process import running_ledger
from workers.streams import create_topics

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULES = sorted((DEPLOY / "prometheus" / "rules").iterdir())

LOOK = Look(seconds=20, step=1, rate_interval="10s")
"""Ten of the test's scrapes make a rate."""

DATA_SECONDS = 40.0

START_TIMEOUT_SECONDS = 480
"""The first query's test also pays for the start of a broker and four processes, three of which
import for ten seconds of CPU each; far above what that takes on two idle cores."""

MAY_SAY_NOTHING = {
    "Put off": "no store is away here",
    "Held back": "the policy's quota is wide",
    "Rule errors": "the policy's rule cannot fail",
    "Time of a commit": "offsets are sent in transactions here",
    "Device memory": "no GPU here",
    "GPU in use": "likewise",
    "Padding": "the constant scorer has no encoders",
    "Work of a batch": "likewise",
    "Bytes of a batch": "likewise",
}
"""Panels that may say, in their own words, that there is nothing to show; and why here."""


def queries() -> Iterator[Any]:
    for query in committed_queries():
        yield pytest.param(query, id=f"{query.board}: {query.panel}, {query.letter}")


def panels() -> Iterator[Any]:
    for board, panel in committed_panels():
        yield pytest.param(panel, id=f"{board}: {panel['title']}")


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_a_committed_dashboard_is_what_the_code_gives(board: Board) -> None:
    assert board.path.read_text(encoding="utf-8") == board.render(), (
        "deploy/grafana has changed; run `make dashboards`"
    )


def test_only_the_dashboards_of_the_code_are_committed() -> None:
    committed = set((DEPLOY / "grafana" / "dashboards").iterdir())

    assert committed == {board.path for board in BOARDS}


@pytest.mark.parametrize("panel", list(panels()))
def test_a_panel_says_what_it_shows_in_which_unit(panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]

    assert len(panel["description"]) > 20
    assert defaults["unit"]
    assert defaults["thresholds"]["steps"]
    assert panel["datasource"]["uid"] == "prometheus"


def test_links_lead_to_runbooks_that_grafana_serves() -> None:
    links = {link["url"] for _, panel in committed_panels() for link in panel.get("links", ())}
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    (mounted,) = [one for one in compose["services"]["grafana"]["volumes"] if "runbooks" in one]

    assert len(links) > 20
    for link in links:
        place, name = link.rsplit("/", 1)
        assert place == "${runbooks}"
        assert (ROOT / "docs" / "runbooks" / name).is_file(), name
    assert mounted == f"../docs/runbooks:/usr/share/grafana{RUNBOOKS_ADDRESS}:ro"


def test_the_graph_of_record_ages_shows_posts_with_their_traces() -> None:
    (panel,) = (panel for _, panel in committed_panels() if panel["title"] == "Record age")

    assert [target["refId"] for target in panel["targets"] if target.get("exemplar")] == ["B"]


def test_panels_do_not_overlap_and_fill_whole_lines() -> None:
    for board, group in groupby(committed_panels(), key=lambda found: found[0]):
        taken: set[tuple[int, int]] = set()
        for _, panel in group:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken, f"{board}: {panel['title']}"
            taken |= cells
        for line in {y for _, y in taken}:
            assert {x for x, y in taken if y == line} == set(range(24)), board


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
            "figures": stack.enter_context(shown_figures()),
            "worker": worker.url or "",
            "ledger": ledger.result().url,
            "review": console.result(),
        }
        stack.enter_context(waves(kafka))
        addresses = {job: url.removeprefix("http://") for job, url in jobs.items()}
        with running_prometheus(addresses, folder / "prometheus", rules=RULES) as prometheus:
            eventually(lambda: prometheus.jobs_up() == set(jobs), describe="every job is read")
            yield prometheus


@pytest.mark.kafka
@pytest.mark.prometheus
@pytest.mark.timeout(START_TIMEOUT_SECONDS)
@pytest.mark.parametrize("query", list(queries()))
def test_a_query_finds_data(scraped: Prometheus, query: PanelQuery) -> None:
    def found() -> Finding | None:
        finding = find(scraped, query, LOOK)
        assert not finding.error
        shown = finding.series or (finding.said and query.panel in MAY_SAY_NOTHING)
        return finding if shown else None

    eventually(found, within_seconds=DATA_SECONDS, describe=f"data for {query.expression}")


@pytest.mark.kafka
@pytest.mark.prometheus
@pytest.mark.timeout(START_TIMEOUT_SECONDS)
def test_alerts_ask_for_metrics_that_processes_show(scraped: Prometheus) -> None:
    """An alert on a misspelt metric would keep quiet for ever."""
    text = "".join(path.read_text(encoding="utf-8") for path in RULES)
    asked = {
        re.sub(r"_(total|bucket|count|sum)$", "", name)
        for name in re.findall(r"\bmoderation_[a-z_]+", text)
    }
    shown = {re.sub(r"_total$", "", name) for name in scraped.metrics()}

    assert asked
    assert asked <= shown


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
            partial(scraped.query, expression),
            within_seconds=DATA_SECONDS,
            describe=expression,
        )
