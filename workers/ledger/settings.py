"""Settings of the ledger."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from schemas import TOPICS
from workers.settings import settings_config

# A verdict or decision that the broker still holds can be replayed, so its post must be known for
# as long; after that the registers of the post may go.
_POST_MEMORY = timedelta(
    milliseconds=max(TOPICS.verdicts.retention_ms, TOPICS.review_decisions.retention_ms)
)


class LedgerSettings(BaseSettings):
    """How the ledger keeps its counts and where it shows its metrics."""

    model_config = settings_config("MODERATION_LEDGER_")

    http_host: str = Field("127.0.0.1", description="Address of /metrics, /healthz and /readyz.")
    http_port: int = Field(
        9102, ge=0, le=65535, description="Port of /metrics, /healthz and /readyz; 0 for any."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe level that is logged."
    )
    json_logs: bool = Field(False, description="Write log lines as JSON objects.")
    data_dir: Path = Field(
        Path("ledger-data"), description="Folder of the on-disk tables; one for each replica."
    )
    store: Literal["rocksdb", "memory"] = Field(
        "rocksdb", description="Where tables live: on disk, or in memory (embedded dev broker)."
    )
    post_memory: timedelta = Field(
        _POST_MEMORY,
        gt=timedelta(0),
        description="How long a post is remembered after its last verdict or decision.",
    )
    audit_window: timedelta = Field(
        timedelta(days=28),
        ge=timedelta(days=2),
        description="How far back from the newest sampled verdict figures about accuracy reach: "
        "whole weeks, because weekends differ.",
    )
    campaign_window: timedelta = Field(
        timedelta(hours=6),
        gt=timedelta(0),
        description="How long a text is remembered, in search of campaigns: of nearly the same "
        "text by several authors.",
    )
    campaign_authors: int = Field(
        5, ge=2, description="Fewest authors of nearly the same text that make a campaign."
    )
    accuracy_interval_seconds: float = Field(
        300.0,
        gt=0,
        description="Seconds between calculations of the figures about accuracy, where something "
        "new came.",
    )
    commit_interval_seconds: float = Field(
        1.0, gt=0, description="Seconds between commits; what a crash makes the ledger read again."
    )
    # Heartbeats have a thread of their own, so a busy event loop does not use this up; Faust's
    # default of 60 s would only delay the restart of a ledger that was killed.
    session_timeout_seconds: float = Field(
        20.0, ge=6, description="Seconds until the partitions of a killed ledger go to another."
    )
