"""The alert rules parse, fire when they should, keep quiet when they should, and are explained."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.boards import BOARDS
from deploy.grafana.committed import committed_panels
from tests.support.prometheus import require_program

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "docs" / "runbooks"
RULES = sorted((PROMETHEUS / "rules").iterdir())
TESTS = sorted((PROMETHEUS / "tests").iterdir())

SECTIONS = ["What it means", "What to look at", "What to do", "When it is false"]


def rules_of(path: Path) -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
        yield from group["rules"]


def alerts() -> Iterator[Any]:
    for path in RULES:
        for rule in rules_of(path):
            if "alert" in rule:
                yield pytest.param(path, rule, id=rule["alert"])


def cases_of(path: Path) -> list[dict[str, Any]]:
    test = PROMETHEUS / "tests" / f"{path.stem}_test.yml"
    cases: list[dict[str, Any]] = yaml.safe_load(test.read_text(encoding="utf-8"))["tests"]
    return cases


def metrics_behind(expression: str, path: Path) -> set[str]:
    """The scraped metrics that an expression rests on, through recording rules too."""
    recorded = {rule["record"]: rule["expr"] for rule in rules_of(path) if "record" in rule}
    found = set(re.findall(r"(?<![\w:])(?:moderation_\w+|up(?=\{))", expression))
    for name in re.findall(r"moderation:[\w:]+", expression):
        found |= metrics_behind(recorded[name], path)
    return found


@pytest.mark.prometheus
@pytest.mark.parametrize(
    "command",
    [
        ("check", "config", "prometheus.yml"),
        *(("check", "rules", f"rules/{path.name}") for path in RULES),
        *(("test", "rules", f"tests/{path.name}") for path in TESTS),
    ],
    ids=" ".join,
)
def test_promtool_agrees(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [require_program("promtool"), *command],
        cwd=PROMETHEUS,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("path", "rule"), list(alerts()))
def test_an_alert_is_shown_to_fire(path: Path, rule: dict[str, Any]) -> None:
    firing = f'alertname="{rule["alert"]}"'

    assert any(
        firing in sample["labels"]
        for case in cases_of(path)
        for test in case["promql_expr_test"]
        for sample in test["exp_samples"]
    )


@pytest.mark.parametrize(("path", "rule"), list(alerts()))
def test_an_alert_is_shown_to_keep_quiet_on_the_metrics_that_it_asks_for(
    path: Path, rule: dict[str, Any]
) -> None:
    quiet = [
        {re.split(r"[{ ]", series["series"])[0] for series in case["input_series"]}
        for case in cases_of(path)
        if all(
            test["exp_samples"] == [{"labels": "{}", "value": 0}]
            for test in case["promql_expr_test"]
        )
    ]
    asked = metrics_behind(rule["expr"], path)

    assert asked
    assert any(asked <= shown for shown in quiet), asked


@pytest.mark.parametrize(("path", "rule"), list(alerts()))
def test_an_alert_says_how_urgent_it_is_and_links_to_its_runbook(
    path: Path, rule: dict[str, Any]
) -> None:
    del path
    runbook = ROOT / rule["annotations"]["runbook"]

    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert runbook == RUNBOOKS / f"{rule['alert']}.md"
    text = runbook.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS


def test_runbooks_are_those_of_the_alerts_and_the_index_has_each() -> None:
    names = {rule["alert"] for path in RULES for rule in rules_of(path) if "alert" in rule}
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")

    assert {path.stem for path in RUNBOOKS.glob("*.md")} == names | {"README"}
    assert set(re.findall(r"\((\w+)\.md\)", index)) == names


def titles() -> set[str]:
    """Of panels, and the questions of their rows."""
    rows = {row.question for board in BOARDS for row in board.rows}
    return rows | {panel["title"] for _, panel in committed_panels()}


def test_the_operations_section_names_dashboards_and_panels_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("\n## Operations\n")[1].split("\n## ")[0].replace("**", "")
    named = {" ".join(name.split()) for name in re.findall(r"\*([^*`]+?)\*", section)}

    assert len(named) > 20
    assert named <= titles() | {board.title for board in BOARDS} | {"no bank is loaded"}


def test_runbooks_name_panels_that_exist() -> None:
    for path in RUNBOOKS.glob("[A-Z]*[a-z].md"):
        named = set(re.findall(r"\*\*(.+?)\*\*", path.read_text(encoding="utf-8")))
        assert named <= titles(), f"{path.name}: {named - titles()}"
