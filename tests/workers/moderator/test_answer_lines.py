from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from schemas import Media
from tests.support.tracing import TRACEPARENT, Traced
from tests.workers.moderator.making import ChokingScorer, make_post
from tests.workers.moderator.pipeline_house import Away, StubbornEngine, house
from workers.moderator.retries import MEDIA_AWAY
from workers.streams import configure_logging

CONTENT = "words that nobody may find in a log"


@pytest.fixture(autouse=True)
def _logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = logging.getLogger()
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", threading.excepthook)
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def told(capsys: pytest.CaptureFixture[str], event: str) -> list[dict[str, object]]:
    """The lines of an event; no line holds content."""
    written = capsys.readouterr().err
    assert CONTENT not in written
    lines: list[dict[str, object]] = [json.loads(line) for line in written.splitlines()]
    return [line for line in lines if line["event"] == event]


async def test_every_answer_is_a_line_of_ids(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker", level="DEBUG", log_format="json")
    async with house() as it:
        await it.answer(make_post("p-1", text=CONTENT), make_post("p-2", text=CONTENT), first=7)
        ids = {verdict.post_id: str(verdict.verdict_id) for verdict in it.verdicts}
    first, second = told(capsys, "judged")
    assert (first["post_id"], first["offset"], second["post_id"], second["offset"]) == (
        "p-1", 7, "p-2", 8,
    )  # fmt: skip
    assert first["verdict_id"] == ids["p-1"]
    assert {"topic", "partition", "revision", "action", "status"} <= first.keys()
    assert "trace_id" not in first


async def test_what_is_set_aside_or_put_off_is_a_line_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker", level="DEBUG", log_format="json")
    picture = Media(key="a.png")
    async with house(fetcher=Away()) as it:
        await it.answer(b'{"text": "' + CONTENT.encode(), make_post(images=(picture,)))
    written = capsys.readouterr().err
    assert CONTENT not in written
    by_event = {line["event"]: line for line in map(json.loads, written.splitlines())}
    assert (by_event["set aside"]["error_class"], by_event["set aside"]["offset"]) == (
        "not_json", 0,
    )  # fmt: skip
    assert (by_event["put off"]["reason"], by_event["put off"]["offset"]) == (MEDIA_AWAY, 1)


async def test_lines_name_the_trace_while_posts_are_traced(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker", level="DEBUG", log_format="json")
    async with house(tracing=Traced().tracing) as it:
        await it.answer(make_post(text=CONTENT), headers=(("traceparent", TRACEPARENT),))
    (line,) = told(capsys, "judged")
    assert line["trace_id"] == TRACEPARENT.decode().split("-")[1]


async def test_a_line_about_one_post_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("worker", level="DEBUG", log_format="json")
    async with house(engine=StubbornEngine(frozenset({"bad"}))) as it:
        await it.answer(make_post("good"), make_post("bad", text=CONTENT))
    (line,) = told(capsys, "a post could not be processed and is set aside")
    assert (line["post_id"], line["revision"], line["offset"]) == ("bad", 1, 1)
    assert line["error"] == "ZeroDivisionError"


async def test_a_line_from_a_librarys_thread_names_the_post(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def warn(*_: object) -> None:
        logging.getLogger("library").warning("a strange picture")

    monkeypatch.setattr("workers.moderator.media.with_words", lambda decoded, *_: warn() or decoded)
    configure_logging("worker", level="DEBUG", log_format="json")
    async with house(scorer=ChokingScorer("none", ValueError())) as it:
        await it.answer(make_post("p-1", images=(Media(data=b"no picture"),)))
    (line,) = told(capsys, "a strange picture")
    assert (line["post_id"], line["logger"]) == ("p-1", "library")
