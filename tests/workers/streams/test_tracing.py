"""Traces through record headers: continued, begun where there is none, and nothing while off."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.tracing import TRACEPARENT, Traced, collector
from workers.streams import TracingSettings, open_tracing

OFF = """
import sys
import workers.client, workers.moderator.process, workers.review.app
from workers.streams import TracingSettings, open_tracing
with open_tracing("test", TracingSettings()) as tracing:
    assert tracing is None
costly = ("opentelemetry.sdk", "opentelemetry.exporter")
print(sorted(name for name in sys.modules if name.startswith(costly)))
"""


def test_while_it_is_off_neither_sdk_nor_exporter_is_imported() -> None:
    told = subprocess.run([sys.executable, "-c", OFF], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_span_continues_the_trace_of_the_headers() -> None:
    traced = Traced()
    headers = (("traceparent", TRACEPARENT), ("tracestate", b"shop=1"))
    span = traced.tracing.start("moderate", "CONSUMER", {}, headers=headers)
    carried = dict(traced.tracing.headers_of(span))
    span.end()
    (found,) = traced.spans()
    assert found.parent is not None
    assert f"{found.parent.trace_id:032x}-{found.parent.span_id:016x}".encode() in TRACEPARENT
    trace_id, span_id = found.context.trace_id, found.context.span_id
    assert carried["traceparent"].decode() == f"00-{trace_id:032x}-{span_id:016x}-01"
    assert carried["tracestate"] == b"shop=1"


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        b"",
        b"00-1-2-01",
        b"\xff\xfe",
        b"00-" + b"0" * 32 + b"-" + b"1" * 16 + b"-01",
        b"ff-" + b"1" * 32 + b"-" + b"1" * 16 + b"-01",
        TRACEPARENT + b"-more",
        TRACEPARENT * 1000,
    ],
)
def test_a_malformed_traceparent_begins_a_new_trace(traceparent: bytes | None) -> None:
    traced = Traced()
    span = traced.tracing.start("moderate", "CONSUMER", {}, headers=[("traceparent", traceparent)])
    span.end()
    (found,) = traced.spans()
    assert found.parent is None


@pytest.mark.parametrize("tracestate", [b"", b"=", b"\xff=\xfe", b"a=1," * 200, b"a=1," * 5, None])
def test_a_malformed_tracestate_does_not_break_the_trace(tracestate: bytes | None) -> None:
    traced = Traced()
    headers = [("traceparent", TRACEPARENT), ("tracestate", tracestate)]
    span = traced.tracing.start("moderate", "CONSUMER", {}, headers=headers)
    carried = dict(traced.tracing.headers_of(span))["traceparent"]
    span.end()
    assert carried.startswith(TRACEPARENT[:36])


def test_what_the_producer_does_not_sample_is_not_recorded_but_carried_on() -> None:
    traced = Traced()
    unsampled = TRACEPARENT.removesuffix(b"01") + b"00"
    span = traced.tracing.start("moderate", "CONSUMER", {}, headers=[("traceparent", unsampled)])
    carried = dict(traced.tracing.headers_of(span))["traceparent"]
    span.end()
    assert traced.spans() == ()
    assert carried.startswith(TRACEPARENT[:36])
    assert carried.endswith(b"-00")


@pytest.mark.parametrize("wrong", [{"endpoint": "collector:4318"}, {"sample_ratio": 1.5}])
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=re.escape(next(iter(wrong)))):
        TracingSettings(**wrong)


def test_spans_reach_a_collector_before_the_process_ends() -> None:
    with collector() as taken:
        settings = TracingSettings(endpoint=taken.url, sample_ratio=1)
        with open_tracing("moderation-test", settings) as tracing:
            assert tracing is not None
            tracing.start("moderate", "CONSUMER", {"moderation.attempt": 1}).end()
    assert taken.services == {"moderation-test"}
    assert [span.name for span in taken.spans] == ["moderate"]
