"""``moderation rules backtest`` and ``diff`` over files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rules import RecordedCase
from schemas import Escalation, Trace
from tests.schemas.examples import NOON, POST, VERDICT
from tests.workers.policy.backtest.making import policies, recorded, write
from workers.cli import build_app

RECORDS = [
    recorded(1, spam=0.1),
    recorded(2, spam=0.4),
    recorded(3, spam=0.95),
    recorded(4, spam=0.8, reach=2_000),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    policies(tmp_path)
    write(tmp_path / "posts.jsonl", RECORDS)
    return tmp_path


def invoke(folder: Path, command: str, *arguments: str, given: bytes | None = None) -> Result:
    files = [str(folder / "old.yaml"), str(folder / "new.yaml")]
    return CliRunner().invoke(build_app(), ["rules", command, *files, *arguments], input=given)


def figures(result: Result) -> dict[str, object]:
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("command", ["diff", "backtest"])
def test_it_counts_what_changes_and_which_way(folder: Path, command: str) -> None:
    result = invoke(folder, command, str(folder / "posts.jsonl"))
    assert "2 of 4 verdicts change (50.0%): 2 harsher, 0 milder" in result.stdout
    found = figures(result)
    assert (found["posts"], found["harsher"], found["milder"]) == (4, 2, 0)
    assert found["changes"] == {"allow->review": 1, "review->remove": 1}
    assert found["categories"] == {"spam": {"harsher": 2}}


def test_several_processes_say_the_same(folder: Path) -> None:
    write(folder / "many.jsonl", [recorded(n % 900, spam=n % 10 / 10) for n in range(1_100)])
    alone, shared = (
        figures(invoke(folder, "backtest", str(folder / "many.jsonl"), "--workers", workers))
        for workers in ("1", "2")
    )
    assert (alone.pop("workers"), shared.pop("workers")) == (1, 2)
    for found in (alone, shared):
        del found["seconds"], found["posts_per_second"]
    assert alone == shared
    assert alone["posts"] == 1_100


def test_files_are_read_one_after_the_other_and_unpacked(folder: Path) -> None:
    packed = folder / "more.jsonl.gz"
    packed.write_bytes(gzip.compress(recorded(9).to_bytes()))
    found = figures(invoke(folder, "backtest", str(folder / "posts.jsonl"), str(packed)))
    assert found["posts"] == 5


def test_standard_input_is_a_file(folder: Path) -> None:
    given = (folder / "posts.jsonl").read_bytes()
    assert figures(invoke(folder, "diff", "-", given=given))["posts"] == 4


def test_escalations_are_records(folder: Path) -> None:
    traced = VERDICT.model_copy(update={"trace": Trace(model_scores={"spam": 0.4})})
    escalation = Escalation(verdict=traced, post=POST, priority=1.0, escalated_at=NOON, due_at=NOON)
    dump = folder / "escalations.jsonl"
    dump.write_bytes(escalation.to_bytes())
    assert figures(invoke(folder, "diff", str(dump)))["posts"] == 1


def test_the_result_is_saved_whole(folder: Path) -> None:
    saved, page = folder / "out.json", folder / "out.md"
    options = ["--save", str(saved), "--save", str(page)]
    result = invoke(folder, "backtest", str(folder / "posts.jsonl"), *options)
    whole = json.loads(saved.read_text(encoding="utf-8"))
    assert figures(result).items() <= whole.items()
    (example,) = whole["examples"]["allow->review"]
    assert (example["number"], example["post_id"]) == (2, "p-2")
    assert example["after"] == "review: spam 0.400 >= 0.3"
    assert page.read_text(encoding="utf-8").startswith("## Backtest\n")


@pytest.mark.parametrize(("allowed", "code"), [("50%", 0), ("0.5", 0), ("49.9%", 3), ("0.01", 3)])
def test_the_exit_code_tells_when_too_much_changes(folder: Path, allowed: str, code: int) -> None:
    options = ["--fail-above-changes", allowed]
    result = invoke(folder, "backtest", str(folder / "posts.jsonl"), *options)
    assert result.exit_code == code
    assert json.loads(result.stdout.splitlines()[-1])["changed_share"] == 0.5


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "posts.jsonl:1: "),
        (b"[]", "posts.jsonl:1: is no object"),
        (b'{"post": {}}', "is no recorded case: post.post_id"),
        (b'{"verdict_id": "x"}', "is a verdict without its post"),
    ],
)
def test_a_line_that_is_no_record_is_named(folder: Path, line: bytes, told: str) -> None:
    (folder / "posts.jsonl").write_bytes(line)
    result = invoke(folder, "diff", str(folder / "posts.jsonl"))
    assert result.exit_code == 1
    assert told in result.stderr


def test_bad_lines_can_be_left_out(folder: Path) -> None:
    path = folder / "posts.jsonl"
    path.write_bytes(b"{}\n" + path.read_bytes())
    found = figures(invoke(folder, "backtest", str(path), "--skip-bad"))
    assert (found["posts"], found["skipped"]) == (4, 1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing.jsonl"], "does not exist"),
        (["empty.jsonl"], "there are no records to judge"),
        (["posts.jsonl", "--save", "none/out.json"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_told(
    folder: Path, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("empty.jsonl").touch()
    result = invoke(folder, "backtest", *arguments)
    assert result.exit_code == 1
    assert told in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["posts.jsonl", "--from-kafka"],
        ["posts.jsonl", "--last", "5"],
        ["posts.jsonl", "--save", "out.html"],
        ["posts.jsonl", "--fail-above-changes", "many"],
        ["posts.jsonl", "--fail-above-changes", "200%"],
        ["--from-kafka", "--since", "yesterday"],
        ["--from-kafka", "--since", "2026-01-01T12:00:00"],
    ],
)
def test_a_wrong_command_is_refused(folder: Path, arguments: list[str]) -> None:
    assert invoke(folder, "backtest", *arguments).exit_code == 2


def test_a_record_says_the_same_after_a_trip_through_a_file(folder: Path) -> None:
    (line,) = write(folder / "one.jsonl", RECORDS[:1]).read_bytes().splitlines()
    assert RecordedCase.from_bytes(line) == RECORDS[0]
