"""Settings of how answers reach the broker, and of what is tried again."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, Field

from workers.moderator.faults import FAULT_PATTERN

MIB: Final = 1024 * 1024


class DeliveryMode(StrEnum):
    """What a crash does to answers."""

    EXACTLY_ONCE = "exactly_once"
    AT_LEAST_ONCE = "at_least_once"


class DeliverySettings(BaseModel):
    """A part of the worker's settings."""

    delivery: DeliveryMode = Field(
        DeliveryMode.EXACTLY_ONCE,
        description="`exactly_once` commits verdicts and offsets in one transaction; consumers "
        "must read with `isolation.level=read_committed`. `at_least_once` repeats verdicts after "
        "a crash, under the same ids while model and policy stay the same.",
    )
    transaction_posts: int = Field(
        1000,
        ge=1,
        description="Posts of one transaction, at most: a transaction costs seven requests, "
        "whatever it holds.",
    )
    transaction_bytes: int = Field(
        8 * MIB, ge=1, description="Bytes of one transaction from which on it takes no more posts."
    )
    transaction_linger_seconds: float = Field(
        0.02,
        ge=0,
        lt=10,
        description="Longest time that an answer waits for others of its partition. Where nothing "
        "more of the partition is in flight it waits for nobody.",
    )
    transaction_timeout_seconds: float = Field(
        60.0,
        gt=0,
        le=900,
        description="Seconds after which the broker aborts a transaction that a dead worker left "
        "open; until then `read_committed` readers of its partitions wait, unless a successor "
        "comes first. Brokers allow 900 at most (`transaction.max.timeout.ms`).",
    )
    session_seconds: float = Field(
        10.0,
        ge=1,
        le=1800,
        description="Seconds without a heartbeat after which the group gives a worker's partitions "
        "to others; one that wakes up later is fenced. Brokers allow 6 to 1800 unless told "
        "otherwise (`group.min.session.timeout.ms`).",
    )
    poll_interval_seconds: float = Field(
        300.0,
        gt=1,
        description="Seconds without a poll after which a worker leaves the group, although it "
        "still sends heartbeats. It polls three times in that time at least, whatever waits.",
    )
    fault: str | None = Field(
        None,
        pattern=FAULT_PATTERN,
        description="For drills: `SIGKILL@before_commit:5` ends the worker when a chunk comes to "
        "this step for the fifth time. Steps: `before_send`, `after_send`, `before_offsets`, "
        "`before_commit`, `after_commit`; or `SIGSTOP`.",
    )
    commit_seconds: float = Field(
        1.0,
        gt=0,
        description="Seconds between commits with `at_least_once`: how much is judged again after "
        "a crash.",
    )
    retry_attempts: int = Field(
        4,
        ge=0,
        le=20,
        description="How often a post is put off to `posts.retry` because a medium's host or store "
        "did not answer, before it is judged without. 0 judges at once.",
    )
    retry_seconds: float = Field(
        2.0,
        gt=0,
        le=60,
        description="Seconds until the first other attempt; they double with each, up to 60.",
    )
    revisions_remembered: int = Field(
        100_000,
        ge=1,
        description="Posts whose newest revision is remembered, in about 300 bytes each, so that "
        "an older revision that comes late is not judged.",
    )
    revisions_recalled: int = Field(
        5_000,
        ge=0,
        description="Answered posts of a partition that are read back when the partition comes "
        "from another worker, so that an older revision that comes late is not judged then either.",
    )
