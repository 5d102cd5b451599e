from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from workers.streams import LogFormat, configure_logging


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def lines(capsys: pytest.CaptureFixture[str], log_format: LogFormat) -> list[str]:
    configure_logging("worker", log_format=log_format)
    log = logging.getLogger("workers.moderator")
    log.info("offsets committed", extra={"partition": 3, "offset": 41, "group": "a b"})
    log.debug("too small to show")
    try:
        int("broken")
    except ValueError:
        log.exception("gave up")
    return capsys.readouterr().err.splitlines()


def test_a_text_line_is_an_event_and_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = lines(capsys, "text")
    assert "level=info process=worker logger=workers.moderator" in first
    assert 'event="offsets committed" partition=3 offset=41 group="a b"' in first
    assert "level=error" in second
    assert "ValueError: invalid literal" in second


def test_a_json_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, lines(capsys, "json"))
    assert first["event"] == "offsets committed"
    assert (first["partition"], first["offset"], first["process"]) == (3, 41, "worker")
    assert "ValueError: invalid literal" in second["error"]


def test_a_field_cannot_break_the_line_nor_fill_the_disk(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker")
    logging.getLogger("x").info("odd", extra={"key": "a\nlevel=error", "long": "y" * 10_000})
    (line,) = capsys.readouterr().err.splitlines()
    assert r'key="a\nlevel=error"' in line
    assert len(line) < 1_000


def test_libraries_are_quiet_unless_something_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker")
    logging.getLogger("aiokafka.consumer").info("joined")
    logging.getLogger("aiokafka.consumer").warning("heartbeat failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "heartbeat failed" in line
