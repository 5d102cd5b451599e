"""What a run says at its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.faults.__main__ import report
from bench.faults.check import Breach, Finding
from bench.faults.facts import Place
from bench.faults.run import Reckoning

PLACE = Place("posts", 3, 14)


def reckoning(*findings: Finding, complaints: tuple[str, ...] = ()) -> Reckoning:
    return Reckoning(faults=4, posts=10, answered=9, findings=findings, complaints=complaints)


def test_the_last_line_is_one_json_object_over_all_scenarios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report([reckoning(), reckoning()], tmp_path, 12.34) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "faults": 8,
        "posts": 20,
        "answered": 18,
        "lost": 0,
        "duplicated": 0,
        "seconds": 12.3,
    }


@pytest.mark.parametrize("breach", Breach)
def test_any_breach_fails_the_run_and_is_listed_with_its_place(
    breach: Breach, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report([reckoning(Finding(breach, "a revision 1", (PLACE,)))], tmp_path, 1.0) == 1
    assert f"{breach}: a revision 1 posts-3@14" in capsys.readouterr().out


def test_losses_and_duplicates_are_counted_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    breaches = (Breach.LOST, Breach.DUPLICATED, Breach.CONTRADICTED)
    report([reckoning(*(Finding(breach, "a") for breach in breaches))], tmp_path, 1.0)
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (figures["lost"], figures["duplicated"]) == (1, 2)


def test_work_that_stood_still_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report([reckoning(complaints=("stood still",))], tmp_path, 1.0) == 1
    assert "stood still" in capsys.readouterr().out


def test_every_finding_is_in_the_folder_even_where_the_screen_has_no_room(tmp_path: Path) -> None:
    findings = [Finding(Breach.LOST, f"post {number}") for number in range(200)]
    report([reckoning(*findings)], tmp_path, 1.0)
    assert len((tmp_path / "findings.txt").read_text().splitlines()) == 200
