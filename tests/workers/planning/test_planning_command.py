"""``moderation plan``, as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.workers.planning.test_plan import GPU
from workers.cli import build_app
from workers.planning.rates import Rates

RUNNER = CliRunner()


@pytest.fixture(name="rates")
def rates_file(tmp_path: Path) -> Path:
    path = tmp_path / "rates.json"
    path.write_text(GPU.model_dump_json())
    return path


def run(*arguments: str) -> tuple[int, str]:
    result = RUNNER.invoke(build_app(), ["plan", *arguments])
    return result.exit_code, result.output


def test_a_million_posts_a_second_are_planned_and_simulated(rates: Path) -> None:
    code, output = run(
        *("--posts-per-second", "1000000", "--mix", "text=1", "--rates", str(rates)),
        *("--simulate", "1", "--json"),
    )
    answer = json.loads(output)
    assert code == 0
    assert answer["plan"]["workers"] > 300
    assert answer["simulated"]["posts"] == pytest.approx(900_000, rel=0.01)
    assert answer["simulated"]["p99"] < 0.2


def test_the_table_says_what_a_person_needs(rates: Path) -> None:
    code, output = run("--posts-per-second", "500", "--rates", str(rates), "--price", "3")
    assert code == 0
    for words in ("workers", "partitions", "GPUs", "lag of", "catch up", "6.00 an hour"):
        assert words in output


def test_shipped_rates_are_measured_ones_of_a_cpu() -> None:
    code, output = run("--posts-per-second", "20", "--simulate", "0", "--json")
    answer = json.loads(output)
    assert code == 0
    assert answer["rates"]["device"] == "cpu"
    assert answer["simulated"] is None


def test_measured_rates_are_written_and_can_be_planned_with(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    code, _ = run("measure", str(path), "--device", "cpu")
    rates = Rates.read(path)
    assert code == 0
    assert 0 < rates.device_seconds.text < rates.device_seconds.image < 5
    assert 0 < rates.post_seconds < rates.decode_seconds.image
    assert run("--posts-per-second", "5", "--rates", str(path), "--simulate", "1")[0] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), ("{}", "field required"), ("[", "invalid json")],
)
def test_rates_that_cannot_be_used_are_named(
    tmp_path: Path, content: str | None, said: str
) -> None:
    path = tmp_path / "rates.json"
    if content is not None:
        path.write_text(content)
    code, output = run("--posts-per-second", "5", "--rates", str(path))
    assert code == 2
    assert said in output
    assert "moderation plan measure" in output


def test_the_rate_has_to_be_said() -> None:
    code, output = run()
    assert code == 2
    assert "--posts-per-second" in output
