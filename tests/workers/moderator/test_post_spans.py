"""What the worker traces: one span a post, what it tells, and what it never tells."""

from __future__ import annotations

import json
from collections.abc import Iterable

import aiohttp
import pytest
from aiokafka.errors import KafkaTimeoutError
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry

from schemas import DeadLetter
from tests.support.tracing import TRACEPARENT, Traced
from tests.workers.moderator.making import ChokingScorer, make_post, make_withdrawal
from tests.workers.moderator.pipeline_house import PICTURE, Away, house
from workers.streams import status_server

TRACE_ID = TRACEPARENT[3:35].decode()


OPENMETRICS = "application/openmetrics-text; version=1.0.0"


async def scraped(registry: CollectorRegistry, accept: str) -> str:
    """What the status server answers."""
    async with (
        status_server(registry, not_ready=list) as server,
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/metrics", headers={"Accept": accept}) as response,
    ):
        assert response.status == 200
        return await response.text()


def outcomes(spans: Iterable[ReadableSpan]) -> list[object]:
    return [(span.attributes or {})["moderation.outcome"] for span in spans]


def carried(headers: Iterable[tuple[str, bytes]]) -> bytes:
    (found,) = [value for name, value in headers if name == "traceparent"]
    return found


async def test_a_verdict_carries_on_the_trace_of_its_post() -> None:
    traced = Traced()
    async with house(tracing=traced.tracing) as it:
        await it.answer(make_post(), headers=(("traceparent", TRACEPARENT),))
        ((_, _, _, headers),) = it.producer.sent
    (span,) = traced.spans()
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}".encode() in TRACEPARENT
    assert carried(headers).decode() == f"00-{TRACE_ID}-{span.context.span_id:016x}-01"


async def test_a_span_tells_the_stages_and_the_verdict_and_nothing_of_the_post() -> None:
    traced = Traced()
    post = make_post("post-7", text="a text of its own", author_id="somebody")
    async with house(tracing=traced.tracing) as it:
        await it.answer(post)
        (verdict,) = it.verdicts
    (span,) = traced.spans()
    assert [event.name for event in span.events] == ["media", "model", "rules", "emit"]
    assert span.attributes is not None
    assert span.attributes["moderation.verdict_id"] == str(verdict.verdict_id)
    assert span.attributes["moderation.action"] == "allow"
    told = json.dumps(json.loads(span.to_json()))
    assert not [secret for secret in ("a text of", "somebody", "post-7") if secret in told]


async def test_every_post_has_its_own_span() -> None:
    traced = Traced()
    async with house(tracing=traced.tracing) as it:
        await it.answer(*(make_post(f"post-{n}") for n in range(6)), make_withdrawal("gone"))
        told = {carried(headers) for *_, headers in it.producer.sent}
    assert len(traced.spans()) == len(told) == 7
    assert outcomes(traced.spans()) == ["verdict"] * 7


async def test_a_dead_letter_is_an_error_and_carries_the_trace() -> None:
    traced = Traced()
    async with house(tracing=traced.tracing) as it:
        await it.answer(b"{", headers=(("traceparent", TRACEPARENT), ("x-source", b"app")))
        ((_, _, value, headers),) = it.producer.sent
    (span,) = traced.spans()
    assert outcomes([span]) == ["dead_letter"]
    assert span.status.status_code is StatusCode.ERROR
    assert TRACE_ID.encode() in carried(headers)
    kept = {header.name: header.value for header in DeadLetter.from_bytes(value).headers}
    assert kept == {"x-source": b"app", "traceparent": carried(headers)}


async def test_a_post_that_is_put_off_carries_the_trace_to_its_next_attempt() -> None:
    traced = Traced()
    async with house(tracing=traced.tracing, fetcher=Away()) as it:
        await it.answer(PICTURE, headers=(("traceparent", TRACEPARENT),))
        ((topic, _, _, headers),) = it.producer.sent
    assert topic == "posts.retry"
    assert outcomes(traced.spans()) == ["retry"]
    assert TRACE_ID.encode() in carried(headers)


async def test_a_post_that_breaks_a_stage_has_one_span() -> None:
    traced = Traced()
    scorer = ChokingScorer("bad", ValueError("no"))
    async with house(tracing=traced.tracing, scorer=scorer) as it:
        await it.answer(make_post("good"), make_post("bad"))
    assert sorted(map(str, outcomes(traced.spans()))) == ["dead_letter", "verdict"]


async def test_what_the_broker_does_not_take_ends_as_an_error() -> None:
    traced = Traced()
    async with house(
        tracing=traced.tracing, refuse=lambda _topic, _value: KafkaTimeoutError()
    ) as it:
        with pytest.raises(ExceptionGroup):
            await it.answer(make_post())
    assert outcomes(traced.spans()) == ["not_delivered"]


async def test_exemplars_name_the_trace_in_openmetrics_and_the_old_format_stays_plain() -> None:
    traced = Traced()
    async with house(tracing=traced.tracing) as it:
        await it.answer(make_post(), headers=(("traceparent", TRACEPARENT),))
        assert f'# {{trace_id="{TRACE_ID}"}}' in await scraped(it.registry, OPENMETRICS)
        assert TRACE_ID not in await scraped(it.registry, "text/plain")


async def test_a_post_that_is_not_sampled_is_no_exemplar() -> None:
    traced = Traced()
    unsampled = TRACEPARENT.removesuffix(b"01") + b"00"
    async with house(tracing=traced.tracing) as it:
        await it.answer(make_post(), headers=(("traceparent", unsampled),))
        ((_, _, _, headers),) = it.producer.sent
        assert TRACE_ID not in await scraped(it.registry, OPENMETRICS)
    assert traced.spans() == ()
    assert carried(headers).endswith(b"-00")
