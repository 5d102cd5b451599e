"""Settings of the demo."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from workers.settings import settings_config


class DemoSettings(BaseSettings):
    """How long the demo waits, and where it keeps what it writes."""

    model_config = settings_config("MODERATION_DEMO_")

    runs_dir: Path = Field(
        Path("runs"), description="Folder for each run's logs, and the broker's records."
    )
    ready_seconds: float = Field(
        120.0, gt=0, description="How long a process may take until it does its work, in seconds."
    )
    deadline_seconds: float = Field(
        180.0, gt=0, description="How long every answer may take, once all posts are sent."
    )
    inline_up_to_bytes: int = Field(
        8 * 1024,
        ge=0,
        description="Largest sample medium that travels inside its post; larger ones go by "
        "reference, so that the demo shows both ways.",
    )
    prometheus_port: int = Field(
        9090, ge=1, le=65535, description="Port of the Prometheus that `moderation up` starts."
    )
