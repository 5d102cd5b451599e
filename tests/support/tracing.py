"""Tracing whose spans stay in memory, and a collector for those that leave."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from workers.streams import Tracing

TRACEPARENT: Final = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
"""As the W3C's recommendation shows one."""


class Traced:
    """``tracing`` samples everything; :meth:`spans` are those that ended, in that order."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracing = Tracing(provider)

    def spans(self) -> tuple[ReadableSpan, ...]:
        """Those that ended."""
        return self._exporter.get_finished_spans()


@dataclass
class Taken:
    """What a collector was sent."""

    url: str
    requests: list[ExportTraceServiceRequest] = field(default_factory=list)

    @property
    def services(self) -> set[str]:
        """Who sent it."""
        return {
            attribute.value.string_value
            for request in self.requests
            for of_service in request.resource_spans
            for attribute in of_service.resource.attributes
            if attribute.key == "service.name"
        }

    @property
    def spans(self) -> list[Span]:
        """In the order in which they came."""
        return [
            span
            for request in self.requests
            for of_service in request.resource_spans
            for of_scope in of_service.scope_spans
            for span in of_scope.spans
        ]


@contextmanager
def collector() -> Iterator[Taken]:
    """Takes OTLP over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            taken.requests.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        taken = Taken(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield taken
        finally:
            server.shutdown()
            thread.join()
