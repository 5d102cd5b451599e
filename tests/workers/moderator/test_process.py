"""What stops the worker at the start is told in words, with exit code 1 and without a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.moderator.process import run


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_broken_policy_is_shown_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "mine.yaml"
    policy.write_text("policy: mine\ncategories: 7\n", encoding="utf-8")
    monkeypatch.setenv("MODERATION_WORKER_POLICY", str(policy))
    assert run() == 1
    told = capsys.readouterr().err
    assert f"{policy}:2:" in told
    assert "Traceback" not in told


def test_missing_policy_is_told_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODERATION_WORKER_POLICY", str(tmp_path / "none.yaml"))
    assert run() == 1
    assert "none.yaml" in capsys.readouterr().err


def test_wrong_setting_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODERATION_WORKER_DRAIN_SECONDS", "900")
    assert run() == 1
    assert "MODERATION_WORKER_DRAIN_SECONDS" in capsys.readouterr().err


def test_broker_that_is_not_there_is_told_by_its_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODERATION_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("MODERATION_WORKER_HTTP_PORT", "0")
    monkeypatch.setenv("MODERATION_WORKER_MODEL", "constant")
    assert run() == 1
    told = capsys.readouterr().err
    assert "no broker answers at 127.0.0.1:1" in told
    assert "moderation broker up" in told
    assert "Traceback" not in told
