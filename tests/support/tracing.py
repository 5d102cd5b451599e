"""Tracing whose spans stay in memory."""

from __future__ import annotations

from typing import Final

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
