"""``moderation rules check`` and ``moderation rules test``."""

from __future__ import annotations

import json
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


def test_check_remarks_on_categories_that_no_score_or_no_threshold_meets(
    app: typer.Typer, path: Path
) -> None:
    path.write_text(POLICY.replace("spam: {", "spma: {"), encoding="utf-8")
    result = CliRunner().invoke(app, ["rules", "check", str(path)])
    assert result.exit_code == 0
    assert "remark: spam has no thresholds here" in result.output
    assert "remark: the taxonomy has no spma" in result.output


def test_check_takes_the_shipped_policy_by_default(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["rules", "check"])
    assert result.exit_code == 0
    assert result.output.startswith("OK default@sha256:")
    assert "remark" not in result.output


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
    rows = {line.split()[0]: line.split()[1] for line in result.output.splitlines() if line}
    assert rows["scores.spam"] == "double"
    assert rows["author.known"] == "bool"
    assert rows["text.domains"] == "list<string>"
    assert "scores.hate" not in rows
    assert "now.inHours(22, 6)" in result.output


def test_schema_prints_json_schema(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["rules", "schema"])
    assert json.loads(result.output)["title"] == "A moderation policy"


def test_explain_tells_how_a_case_is_decided(app: typer.Typer, path: Path) -> None:
    path.with_suffix(".cases.yaml").write_text(CASES, encoding="utf-8")
    result = CliRunner().invoke(app, ["rules", "explain", str(path), "--case", "far"])
    assert result.exit_code == 0
    assert "model alone   allow" in result.output
    assert "decision      review, complete" in result.output
    assert "far (live): at least review" in result.output
    assert "trial (shadow): at least limit" in result.output


def record(post_id: str, spam: float, **post: object) -> str:
    given = {"post_id": post_id, "author_id": "a", "created_at": "2026-01-01T00:00:00Z", **post}
    return json.dumps({"post": {"text": "hello", **given}, "scores": {"spam": spam}})


def test_explain_takes_a_recorded_post(app: typer.Typer, path: Path) -> None:
    records = path.with_name("posts.jsonl")
    records.write_text(f"{record('p-1', 0.1)}\n{record('p-2', 0.6)}\n", encoding="utf-8")
    arguments = ["rules", "explain", str(path), "--record", str(records), "--post", "p-2"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "review  spam: 0.600 >= 0.5" in result.output


@pytest.mark.parametrize(
    "options", [[], ["--case", "none"], ["--record", "posts.jsonl", "--post", "p-9"]]
)
def test_explain_says_when_there_is_nothing_to_explain(
    app: typer.Typer, path: Path, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    path.with_suffix(".cases.yaml").write_text(CASES, encoding="utf-8")
    path.with_name("posts.jsonl").write_text(record("p-1", 0.1), encoding="utf-8")
    result = CliRunner().invoke(app, ["rules", "explain", str(path), *options])
    assert result.exit_code == 2


def test_fmt_lays_a_file_out_once(app: typer.Typer, path: Path) -> None:
    path.write_text(POLICY.replace("rules:", "\n\n\nrules:   # all of them") + "\n\n")
    assert CliRunner().invoke(app, ["rules", "fmt", "--check", str(path)]).exit_code == 1
    assert CliRunner().invoke(app, ["rules", "fmt", str(path)]).exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert "\n\nrules:   # all of them\n" in text
    assert "\n\n\n" not in text
    assert text.endswith("}\n")
    assert "\n\n  - {id: trial" in text
    assert CliRunner().invoke(app, ["rules", "fmt", "--check", str(path)]).exit_code == 0


def test_fmt_refuses_to_change_what_a_file_says(app: typer.Typer, path: Path) -> None:
    path.write_text(POLICY.replace("policy: small", "policy: small\ndescription: |\n  a  \n  b"))
    result = CliRunner().invoke(app, ["rules", "fmt", str(path)])
    assert result.exit_code == 1
    assert "would change a text" in result.stderr


@pytest.mark.parametrize("suffix", ["", ".cases"])
def test_the_shipped_policy_is_laid_out(app: typer.Typer, suffix: str) -> None:
    path = DEFAULT_POLICY_PATH.with_suffix(f"{suffix}.yaml")
    result = CliRunner().invoke(app, ["rules", "fmt", "--check", str(path)])
    assert result.exit_code == 0, result.output
