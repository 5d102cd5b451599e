"""Settings of the development broker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from workers.settings import settings_config

Kind = Literal["apache", "embedded"]
"""``apache`` is Apache Kafka itself; ``embedded`` is librdkafka's cluster for tests."""

KindChoice = Literal["auto", "apache", "embedded"]


def default_cache_dir() -> Path:
    """``.cache/broker`` of a source checkout, else the user's cache folder (XDG base directory)."""
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".cache" / "broker"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "moderation" / "broker"


class BrokerSettings(BaseSettings):
    """How the development broker runs. It is for one machine: no replicas, no passwords."""

    model_config = settings_config("MODERATION_BROKER_")

    kind: KindChoice = Field(
        "auto", description="`apache`, `embedded`, or `auto`: apache where Java and Maven are."
    )
    port: int = Field(9092, ge=0, le=65535, description="Port on 127.0.0.1; 0 takes a free one.")
    cache_dir: Path | None = Field(
        None,
        description="Where jars are kept, and data unless `data_dir` is set; when empty, "
        "`.cache/broker` of a source checkout, else of the user's cache folder.",
    )
    data_dir: Path | None = Field(
        None, description="Records, logs and state; one running broker a folder."
    )
    heap_mib: int = Field(512, ge=128, description="Largest heap of the Java process, in MiB.")
    start_seconds: float = Field(
        60.0, gt=0, description="How long the broker may take until it answers, in seconds."
    )
    stop_seconds: float = Field(
        30.0, gt=0, description="How long it may take to stop before it is killed, in seconds."
    )

    @property
    def jars_dir(self) -> Path:
        """Where the jars of every Kafka version are kept."""
        return (self.cache_dir or default_cache_dir()) / "jars"

    @property
    def home(self) -> Path:
        """The folder of records, logs and state."""
        return self.data_dir or (self.cache_dir or default_cache_dir()) / "data"
