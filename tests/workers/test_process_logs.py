"""What every process logs, and the libraries in it, goes through one renderer."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner

from workers.cli import build_app
from workers.moderator.process import run
from workers.streams import get_logger

CONTENT = "words of a post"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


async def speak(*_: object, **__: object) -> None:
    """In the place of a process's work: its own line, and those of libraries."""
    get_logger("workers.x").info("ours", partition=3, password=PASSWORD)
    for library in ("aiokafka.consumer", "faust.agents", "uvicorn.error", "sqlalchemy.pool"):
        logging.getLogger(library).error("heard %r", ValueError(CONTENT))
    try:
        int(CONTENT)
    except ValueError:
        logging.getLogger("mode.services").exception("crashed")


def by_command(name: str) -> Callable[[], str]:
    return lambda: CliRunner().invoke(build_app(), [name]).stderr


@pytest.mark.parametrize(
    ("process", "work", "start"),
    [
        ("worker", "workers.moderator.process.run_worker", run),
        ("ledger", "workers.ledger.app.run_ledger", by_command("ledger")),
        ("review", "workers.review.server.serve", by_command("review")),
    ],
)
def test_every_line_of_a_process_is_an_object_without_content(
    process: str,
    work: str,
    start: Callable[[], str | int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"MODERATION_{process.upper()}_JSON_LOGS", "true")
    monkeypatch.setattr(work, speak)

    told = start() or capsys.readouterr().err

    assert isinstance(told, str)
    lines = [json.loads(line) for line in told.splitlines()]
    assert [line["event"] for line in lines].count("ours") == 1
    assert len(lines) == 6
    assert {line["process"] for line in lines} == {process}
    assert CONTENT not in told
    assert PASSWORD not in told
