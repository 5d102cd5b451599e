"""Traces of posts through Kafka: W3C Trace Context in record headers, spans by OpenTelemetry.

Off unless an endpoint is set; then neither OpenTelemetry's SDK nor its
exporter is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from workers.streams.settings import TracingSettings

if TYPE_CHECKING:
    from opentelemetry.trace import Span, TracerProvider

    Attributes = Mapping[str, str | int | float | bool]

TRACE_HEADERS: Final = ("traceparent", "tracestate")
"""W3C Trace Context, as record headers."""

EXPORT_TIMEOUT_SECONDS: Final = 5.0
"""Of one request to the collector; it bounds how long a process that stops waits for a dead one."""

Headers = Iterable[tuple[str, bytes | None]]
Kind = Literal["PRODUCER", "CONSUMER", "INTERNAL"]


class Tracing:
    """Starts spans that continue what record headers carry.

    Args:
        provider: makes the spans.
    """

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer = provider.get_tracer("moderation")
        self._propagator = TraceContextTextMapPropagator()

    def start(
        self, name: str, kind: Kind, attributes: Attributes, *, headers: Headers = ()
    ) -> Span:
        """A span below the one that the headers name; a new trace where they name none.

        A traceparent that breaks W3C Trace Context is as good as none.
        """
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind

        # Not UTF-8: it becomes text that no traceparent is.
        carrier = {
            header: (value or b"").decode(errors="replace")
            for header, value in headers
            if header in TRACE_HEADERS
        }
        parent = self._propagator.extract(carrier, Context())
        return self._tracer.start_span(name, parent, SpanKind[kind], dict(attributes))

    def headers_of(self, span: Span) -> list[tuple[str, bytes]]:
        """What a record carries so that its reader continues from ``span``."""
        from opentelemetry.context import Context
        from opentelemetry.trace import set_span_in_context

        carrier: dict[str, str] = {}
        self._propagator.inject(carrier, set_span_in_context(span, Context()))
        return [(name, value.encode()) for name, value in carrier.items()]


@contextmanager
def open_tracing(service: str, settings: TracingSettings | None = None) -> Iterator[Tracing | None]:
    """Export spans while the block runs; None where tracing is off.

    Spans wait in memory and go out in batches from a thread. Where the collector is away they are
    dropped: a trace never holds up a post.

    Args:
        service: the process's name in the traces.
        settings: from the environment, unless given.

    Raises:
        pydantic.ValidationError: a setting is not valid.
    """
    settings = settings or TracingSettings()
    if not settings.endpoint:
        yield None
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)),
        resource=Resource.create({"service.name": service}),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(f"{settings.endpoint}/v1/traces", timeout=EXPORT_TIMEOUT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield Tracing(provider)
    finally:
        provider.shutdown()
