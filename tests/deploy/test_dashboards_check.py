"""`make dashboards-check` runs every query and tells what found no data."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.grafana.boards import BOARDS
from deploy.grafana.committed import PanelQuery, committed_panels, committed_queries
from deploy.grafana.looking import Look, find
from deploy.grafana.panels import Query
from deploy.prometheus_api import Prometheus
from tests.support.prometheus import running_prometheus

ROOT = Path(__file__).parents[2]
LOOK = Look(seconds=10, step=1, rate_interval="10s")

pytestmark = pytest.mark.prometheus


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that reads nobody."""
    with running_prometheus({}, tmp_path_factory.mktemp("alone")) as prometheus:
        yield prometheus


def asked(expression: str, *choices: str) -> PanelQuery:
    return PanelQuery(
        "board", "panel", "A", expression, instant=False, variables=frozenset(choices)
    )


def check(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.grafana.check", "--url", url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_query_is_valid_and_an_empty_panel_fails_the_check(alone: Prometheus) -> None:
    done = check(alone.url)

    totals = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1, done.stderr
    assert totals["errors"] == 0, done.stdout
    assert 0 < totals["empty"] < totals["panels"]
    assert totals["dashboards"] == len(BOARDS) == 5
    assert totals["panels"] == len(list(committed_panels()))
    assert totals["queries"] == len(list(committed_queries())) > totals["panels"]
    assert "Record age, p99" in done.stdout


def test_where_no_prometheus_answers_it_says_how_to_start_one() -> None:
    done = check("http://127.0.0.1:9")

    assert done.returncode == 1
    assert "make up" in done.stderr


def test_a_wrong_query_is_an_error_in_prometheus_words(alone: Prometheus) -> None:
    assert "parse error" in find(alone, asked("sum("), LOOK).error


def test_a_number_is_data_and_not_a_number_is_not(alone: Prometheus) -> None:
    assert find(alone, asked("vector(1)"), LOOK).series == 1
    assert find(alone, asked("vector(NaN)"), LOOK).is_empty


def test_where_there_is_nothing_a_panel_says_why_and_only_then(alone: Prometheus) -> None:
    none = Query("absent_metric", nothing="no bank is loaded")
    some = Query("vector(1)", nothing="no bank is loaded")

    assert find(alone, asked(none.whole), LOOK).said == "no bank is loaded"
    assert not find(alone, asked(none.whole), LOOK).is_empty
    assert not find(alone, asked(some.whole), LOOK).said


def test_what_can_be_chosen_stands_for_everything() -> None:
    query = asked('rate(m{instance=~"$instance"}[$__rate_interval])', "instance")

    assert query.concrete("1m") == 'rate(m{instance=~".*"}[1m])'


def test_a_variable_that_nobody_can_choose_is_refused() -> None:
    with pytest.raises(ValueError, match="uses region"):
        asked('m{region=~"$region"}', "instance").concrete("1m")
