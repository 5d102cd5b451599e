"""Settings of what every process does around Kafka."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from workers.settings import settings_config


class TracingSettings(BaseSettings):
    """Whether posts are traced, and where spans go."""

    model_config = settings_config("MODERATION_TRACING_")

    endpoint: str = Field(
        "",
        description="Address of an OpenTelemetry collector that takes OTLP over HTTP, for example "
        "`http://collector:4318`; when empty, nothing is traced.",
    )
    sample_ratio: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of posts that are traced where no `traceparent` of the producer "
        "decides it.",
    )

    @field_validator("endpoint")
    @classmethod
    def _endpoint_is_http(cls, endpoint: str) -> str:
        address = urlsplit(endpoint)
        if endpoint and not (address.scheme in {"http", "https"} and address.netloc):
            raise ValueError("an http:// or https:// address is needed")
        return endpoint.rstrip("/")
