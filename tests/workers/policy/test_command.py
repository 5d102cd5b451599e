"""``moderation rules check`` and ``moderation rules test``."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from rules import DEFAULT_POLICY_PATH
from workers.policy.command import register

POLICY = """\
policy: small
categories: {spam: {review: 0.5}}
queues: {default: {due: 1h}}
rules:
  - {id: far, when: post.reach > 100, then: {action: review}}
  - {id: trial, mode: shadow, when: post.reach > 10, then: {action: limit}}
"""
CASES = """\
cases:
  - name: far
    post: {text: hello, reach: 200}
    expect: {action: review, rules: [far, trial]}
"""


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return app


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return path


def test_check_prints_version_and_counts(app: typer.Typer, path: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "check", str(path)])
    assert result.exit_code == 0
    assert result.output.startswith("OK small@sha256:")
    assert "rules: 2 (1 live, 1 shadow)" in result.output


def test_check_takes_the_shipped_policy_by_default(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["rules", "check"])
    assert result.exit_code == 0
    assert result.output.startswith("OK default@sha256:")


def test_check_tells_mistakes_on_standard_error(app: typer.Typer, path: Path) -> None:
    path.write_text(POLICY.replace("post.reach > 100", "post.rech > 100"), encoding="utf-8")
    result = CliRunner().invoke(app, ["rules", "check", str(path)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"{path}:5:21: error: unknown fact 'post.rech'" in result.stderr
    assert "did you mean 'post.reach'?" in result.stderr
    assert result.stderr.endswith("1 mistake\n")


def test_test_runs_the_cases_beside_the_policy(app: typer.Typer, path: Path) -> None:
    path.with_suffix(".cases.yaml").write_text(CASES, encoding="utf-8")
    result = CliRunner().invoke(app, ["rules", "test", str(path)])
    assert result.exit_code == 0
    assert "cases: 1 passed" in result.output


def test_test_fails_when_an_expectation_is_not_met(app: typer.Typer, path: Path) -> None:
    cases = path.with_suffix(".cases.yaml")
    cases.write_text(CASES.replace("reach: 200", "reach: 50"), encoding="utf-8")
    result = CliRunner().invoke(app, ["rules", "test", str(path)])
    assert result.exit_code == 1
    assert f"{cases}:4:22: error: far: expected action review" in result.stderr


def test_test_fails_when_a_case_is_malformed(app: typer.Typer, path: Path) -> None:
    cases = path.with_suffix(".cases.yaml")
    cases.write_text(CASES.replace("reach:", "raech:"), encoding="utf-8")
    result = CliRunner().invoke(app, ["rules", "test", str(path)])
    assert result.exit_code == 1
    assert "did you mean 'reach'?" in result.stderr


@pytest.mark.parametrize(
    ("post", "told"),
    [
        ("{text: hello, surface: Feed}", "is no possible post: surface:"),
        ("{text: hello}, scores: {spamm: 0.5}", "did you mean 'spam'?"),
    ],
)
def test_test_fails_when_a_case_cannot_be(
    app: typer.Typer, path: Path, post: str, told: str
) -> None:
    cases = path.with_suffix(".cases.yaml")
    cases.write_text(
        f"cases: [{{name: odd, post: {post}, expect: {{action: allow}}}}]", encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["rules", "test", str(path)])
    assert result.exit_code == 1
    assert told in result.stderr


def test_test_fails_when_there_are_no_cases(app: typer.Typer, path: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "test", str(path)])
    assert result.exit_code == 1
    assert "has no cases" in result.stderr


def test_the_shipped_policy_passes_its_cases(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["rules", "test", str(DEFAULT_POLICY_PATH)])
    assert result.exit_code == 0


def test_facts_lists_what_conditions_can_name(app: typer.Typer, path: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "facts", str(path)])
    assert result.exit_code == 0
    rows = {line.split()[0]: line.split()[1] for line in result.output.splitlines()}
    assert rows["scores.spam"] == "double"
    assert rows["author.known"] == "bool"
    assert rows["text.domains"] == "list<string>"
    assert "scores.hate" not in rows
