from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from structlog.contextvars import bound_contextvars

from tests.support.tracing import TRACEPARENT, Traced
from workers.streams import LogFormat, StreamsError, configure_logging, get_logger


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def lines(capsys: pytest.CaptureFixture[str], log_format: LogFormat) -> list[str]:
    configure_logging("worker", log_format=log_format)
    log = get_logger("workers.moderator")
    log.info("offsets committed", partition=3, offset=41, group="a b")
    log.debug("too small to show")
    try:
        int("broken")
    except ValueError:
        log.exception("gave up")
    return capsys.readouterr().err.splitlines()


def test_a_line_on_a_terminal_is_an_event_and_its_fields_and_stacks_stand_below(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second, *stack = lines(capsys, "text")
    assert "[info     ] offsets committed" in first
    assert "[workers.moderator] process=worker partition=3 offset=41 group='a b'" in first
    assert "[error    ] gave up" in second
    assert all(line.startswith("    ") for line in stack)
    assert "in lines" in stack[1]
    assert "ValueError" in stack[-1]


def test_a_json_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, lines(capsys, "json"))
    assert list(first)[:4] == ["timestamp", "level", "process", "host"]
    assert first["event"] == "offsets committed"
    assert (first["partition"], first["offset"], first["process"]) == (3, 41, "worker")
    assert (first["host"], first["pid"]) == (socket.gethostname(), os.getpid())
    assert "ValueError" in second["exception"]


def test_what_is_bound_is_on_every_line_of_ours_and_of_libraries(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker", log_format="json")
    with bound_contextvars(post_id="p-1", revision=2):
        get_logger("workers.x").warning("ours", revision=3)
        logging.getLogger("library").warning("theirs")
    get_logger("workers.x").warning("after")
    ours, theirs, after = map(json.loads, capsys.readouterr().err.splitlines())
    assert (ours["post_id"], ours["revision"]) == ("p-1", 3)
    assert (theirs["post_id"], theirs["revision"]) == ("p-1", 2)
    assert "post_id" not in after


def test_unconfigured_loggers_leave_it_to_the_standard_library(
    caplog: pytest.LogCaptureFixture,
) -> None:
    get_logger("workers.x").warning("the quota of %s", "flood", rule="flood")
    (record,) = caplog.records
    assert record.getMessage() == "the quota of flood"
    assert record.__dict__["rule"] == "flood"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_field_cannot_break_the_line_nor_fill_the_disk(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    configure_logging("worker", log_format=log_format)
    evil = "a\nlevel=error \x1b[2J"
    get_logger("x").info(f"odd {evil}", key=evil, long="y" * 10_000)
    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line
    assert len(line) < 1_200


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_credentials_are_not_shown(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    configure_logging("worker", log_format=log_format)
    log = get_logger("workers.x")
    log.info("connecting to postgresql://user:hunter2@db/posts", password="hunter2")
    log.info("asked", Authorization="hunter2", header="Bearer hunter2hunter2")
    log.info("typed", settings=SecretStr("hunter2"), token_file="hunter2")
    try:
        refuse("https://user:hunter2@example.test said no")
    except StreamsError:
        log.exception("gave up")
    told = capsys.readouterr().err
    assert "hunter2" not in told
    assert "postgresql://db/posts" in told


def test_a_librarys_arguments_that_do_not_fit_are_not_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker")
    logging.getLogger("library").warning("%d posts", TEXT)
    line = line_of(capsys)
    assert "%d posts (its arguments do not fit)" in line


def test_a_thread_that_ends_by_an_error_quotes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker", log_format="json")
    thread = threading.Thread(target=int, args=(TEXT,))
    thread.start()
    thread.join()
    line = json.loads(line_of(capsys))
    assert (line["level"], line["event"]) == ("critical", "a thread ends by an error")
    assert TEXT not in str(line)
    assert "ValueError" in line["exception"]


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
    """The only line, with the stack that may stand below it."""
    first, *stack = capsys.readouterr().err.splitlines()
    assert all(line.startswith("    ") for line in stack)
    return "\n".join((first, *stack))


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
    assert "] ours" in line_of(capsys)


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
    assert "[critical ]" in line
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


def test_a_line_that_cannot_be_rendered_is_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    class Secretive:
        def __str__(self) -> str:
            raise ValueError(TEXT)

    configure_logging("worker")
    get_logger("workers.x").info(TEXT, odd=Secretive())
    assert capsys.readouterr().err == "a line of workers.x could not be logged\n"
