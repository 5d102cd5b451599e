from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from tests.support.tracing import TRACEPARENT, Traced
from workers.streams import LogFormat, StreamsError, configure_logging


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    yield
    sys.excepthook = hook
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
    assert "in lines" in second
    assert "ValueError" in second


def test_a_json_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, lines(capsys, "json"))
    assert first["event"] == "offsets committed"
    assert (first["partition"], first["offset"], first["process"]) == (3, 41, "worker")
    assert "ValueError" in second["error"]


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


TEXT = "the text of a post"


def refuse(why: str) -> None:
    raise StreamsError(why)


def line_of(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_an_exception_from_outside_is_named_with_its_place_and_not_quoted(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    configure_logging("worker", log_format=log_format)
    try:
        try:
            int(TEXT)
        except ValueError as error:
            raise KeyError(TEXT) from error
    except KeyError:
        logging.getLogger("workers.x").exception("gave up")
    line = line_of(capsys)
    assert TEXT not in line
    assert "ValueError" in line
    assert "KeyError" in line
    assert "test_logs.py" in line


def test_an_exception_of_ours_says_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker")
    try:
        refuse("the broker at 127.0.0.1:9092 is away")
    except StreamsError:
        logging.getLogger("workers.x").exception("gave up")
    assert "StreamsError: the broker at 127.0.0.1:9092 is away" in line_of(capsys)


def test_exceptions_among_arguments_fields_and_groups_are_not_quoted_either(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker")
    log = logging.getLogger("faust.agents")
    log.error("agent raised %r", ValueError(TEXT))
    log.error(ValueError(TEXT))
    log.error("group", exc_info=ExceptionGroup("several", [ValueError(TEXT)]))
    log.error("field", extra={"why": ValueError(TEXT)})
    written = capsys.readouterr().err
    assert TEXT not in written
    assert written.count("ValueError") == 4


async def test_a_task_that_nobody_awaited_is_not_quoted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker")

    async def fail() -> None:
        raise ValueError(TEXT)

    task = asyncio.get_running_loop().create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    line = line_of(capsys)
    assert "Task exception was never retrieved" in line
    assert TEXT not in line


def test_libraries_do_not_speak_at_debug_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker", level="DEBUG")
    logging.getLogger("PIL.TiffImagePlugin").debug("tag: GPS - value: %s", TEXT)
    logging.getLogger("workers.x").debug("ours")
    assert "event=ours" in line_of(capsys)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_personal_data_is_masked_in_events_fields_and_stacks(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    configure_logging("worker", log_format=log_format)
    secret = ("jo@example.org", "+44 20 7946 0018", "4111 1111 1111 1111", "203.0.113.7")
    for one in secret:
        try:
            refuse(f"not {one}")
        except StreamsError:
            logging.getLogger("workers.x").exception(
                "of %s", one, extra={"who": one, "more": [one]}
            )
    written = capsys.readouterr().err
    assert not [one for one in secret if one in written]
    for mask in ("[mail address]", "[phone number]", "[card number]", "[IP address]"):
        assert mask in written


def test_a_long_message_is_cut_and_numbers_stay_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker", log_format="json")
    logging.getLogger("workers.x").info("y" * 1_000_000, extra={"offset": 12_345_678_901})
    line = line_of(capsys)
    assert len(line) < 10_000
    assert json.loads(line)["offset"] == 12_345_678_901


def test_an_error_that_nobody_caught_is_not_quoted_in_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker")
    error = ValueError(TEXT)
    sys.excepthook(ValueError, error, None)
    line = line_of(capsys)
    assert "level=critical" in line
    assert "ValueError" in line
    assert TEXT not in line


def test_wrong_trace_headers_of_a_producer_are_not_quoted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker")
    headers = [("traceparent", TRACEPARENT), ("tracestate", b"a=" + b"secret" * 100)]
    Traced().tracing.start("moderate", "CONSUMER", {}, headers=headers).end()
    log = logging.getLogger("opentelemetry.trace.span")
    log.warning("Invalid key/value pair (%s, %s) found.", "a", "secret")
    log.error("a defect")
    assert "secret" not in (told := capsys.readouterr().err)
    assert "a defect" in told
