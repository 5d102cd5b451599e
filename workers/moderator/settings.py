"""Settings of the GPU worker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from workers.moderator.delivery_settings import DeliverySettings
from workers.moderator.machine_settings import MachineSettings
from workers.moderator.rollout_settings import RolloutSettings
from workers.picture_reading import PictureReading
from workers.settings import settings_config

MIB = 1024 * 1024


class ModeratorSettings(DeliverySettings, MachineSettings, RolloutSettings, BaseSettings):
    """What judges, how much may be in flight, and how the worker starts and stops."""

    model_config = settings_config("MODERATION_WORKER_")

    model: str = Field(
        "shipped",
        description="Folder of the model's weights, or `shipped` for the model that comes with "
        "this package. `constant` gives every post the same scores without looking at it: only "
        "for tests and benchmarks of the plumbing.",
    )
    policy: Path | None = Field(
        None,
        description="Policy file, or a folder with one policy; when empty, the default policy of "
        "this package. The file, its cases and its lists are watched: a change that passes its "
        "test cases judges from then on.",
    )
    policy_poll_seconds: float = Field(
        2.0,
        gt=0,
        description="Seconds between looks at the policy's files; a change is taken when two "
        "looks in a row see the same.",
    )
    follow_policy: str | None = Field(
        None,
        min_length=1,
        description="Name of a policy to follow on the topic `policies`, where `moderation rules "
        "publish` puts it: all workers switch to the same version. Then the policy's files are "
        "not watched, and judge only until the topic has been read. When empty, no topic is "
        "followed.",
    )
    device: str = Field(
        "auto", description="Where the model runs: `cpu`, `cuda`, `cuda:N`, or `auto`."
    )
    precision: Literal["auto", "fp32", "bf16", "int8"] = Field(
        "auto",
        description="Numbers that the model computes with. `int8` is about three times as fast as "
        "`fp32` on a CPU. `auto` is bf16 on a GPU; on a CPU, int8 for a folder that `moderation "
        "quantise` wrote, and fp32 for others.",
    )
    group: str = Field(
        "moderator", min_length=1, description="Consumer group that shares the posts' partitions."
    )
    http_host: str = Field(
        "127.0.0.1", description="Address of /metrics, /healthz and /readyz; 0.0.0.0 for all."
    )
    http_port: int = Field(9101, ge=0, le=65535, description="Port; 0 picks a free one.")
    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least severe level that is logged.",
    )
    json_logs: bool = Field(False, description="Write log lines as JSON objects.")

    decode_isolated: Literal["hostile", "all"] = Field(
        "hostile",
        description="Which media are decoded in child processes that can be stopped: `hostile` "
        "ones (GIF, animations, JPEG of many scans, MP3, Ogg), or `all`.",
    )
    decode_children: int = Field(
        2, ge=1, description="Such child processes, of about 60 MiB each while they do nothing."
    )
    decode_seconds: float = Field(
        10.0,
        gt=0,
        description="Seconds that the media of one post may take in a child; what takes longer is "
        "stopped, and answered as not scanned. The largest honest file takes two.",
    )
    decode_memory_bytes: int = Field(
        1024 * MIB,
        ge=64 * MIB,
        description="Memory that one medium may take in a child; a progressive JPEG of 50 "
        "megapixels takes 600 MiB.",
    )
    embedding_cache_bytes: int = Field(
        64 * MIB,
        ge=0,
        description="Memory on the device for what the encoders said of pieces seen before: "
        "reposts are not encoded again. 0 remembers nothing.",
    )

    media_root: Path | None = Field(
        None,
        description="Folder of the object store that media keys are relative to; when empty, "
        "media by key are not scanned and their verdicts degraded.",
    )
    media_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Hosts that media may be fetched from by https, by comma; none by default, "
        "because a post's address is a stranger's.",
    )
    media_concurrency: int = Field(
        8,
        ge=1,
        description="Posts whose media are fetched and decoded at the same time; bounds open "
        "connections and encoded media in memory (at worst 400 MiB a post, by the limits).",
    )

    read_pictures: PictureReading = Field(
        PictureReading.AUTO,
        description="Whether text in pictures is read and scored: `on`, `off`, or `auto`: where "
        "the extra `ocr` is installed. About 0.15 s of one core a picture.",
    )
    transcriber: Path | None = Field(
        None,
        description="Folder of a Whisper model (transformers) that writes down what sounds say, "
        "so that it is scored as text; when empty, sounds are only heard by the classifier.",
    )

    high_water_posts: int = Field(
        2048,
        ge=1,
        description="Posts in flight at which intake pauses: some tens of batches, so that the "
        "device never waits.",
    )
    low_water_posts: int = Field(1024, ge=0, description="Posts in flight at which it resumes.")
    high_water_bytes: int = Field(
        256 * MIB,
        ge=1,
        description="Bytes in flight (records and decoded media) at which intake pauses.",
    )
    low_water_bytes: int = Field(
        128 * MIB, ge=0, description="Bytes in flight at which it resumes."
    )
    poll_posts: int = Field(
        256,
        ge=1,
        description="Records of one poll; they are parsed and, where they carry no media, judged "
        "together.",
    )
    drain_seconds: float = Field(
        20.0,
        gt=0,
        lt=60,
        description="Seconds to finish what is in flight when stopping or losing partitions; "
        "below the 30 s that an orchestrator grants and the 60 s that a rebalance may take.",
    )
    liveness_seconds: float = Field(
        60.0,
        gt=0,
        description="Seconds without a turn of the intake loop after which /healthz fails.",
    )

    audit_sample_rate: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of all verdicts, allowed ones too, that reviewers see for measuring "
        "accuracy.",
    )
    audit_plan: Path | None = Field(
        None,
        description="File that `moderation ledger plan` wrote: shares by action, score, modality "
        "and language, instead of one for all.",
    )
    author_signals: bool = Field(
        True, description="Load what the ledger says about authors, for the policy's rules."
    )
    signals_dir: Path | None = Field(
        None,
        description="Folder for the authors' signals and the reviewers' decisions while the worker "
        "runs; when empty, a temporary one. It is filled anew from the topics.",
    )
    signals_days: float = Field(
        90.0,
        gt=0,
        description="Days after which an author's signals count no more: as long as verdicts "
        "are kept.",
    )
    signals_wait_seconds: float = Field(
        15.0,
        ge=0,
        description="Longest wait for the authors' signals of new partitions, and for the "
        "reviewers' decisions, before posts are judged without the rest of them.",
    )
    quota_seconds: float = Field(
        0.2,
        gt=0,
        le=60,
        description="Seconds until the other workers hear what rules took from their quotas. What "
        "all take meanwhile is by how much they may together exceed a quota.",
    )
    human_decisions: bool = Field(
        True,
        description="Follow `review-decisions`: what a reviewer decided about a post outranks "
        "model and policy until its content changes.",
    )
    decisions_days: float = Field(
        180.0,
        gt=0,
        description="Days after which a reviewer's decision is no longer followed: as long as the "
        "topic keeps it.",
    )
    banks: Path | None = Field(
        None,
        description="Folder of banks of known content (`moderation banks`), whose changes are "
        "followed while the worker runs; when empty, nothing is looked up.",
    )
    banks_seconds: float = Field(
        5.0, gt=0, description="Seconds between looks at whether the banks have changed."
    )
    bank_words: bool = Field(
        True,
        description="Write what reviewers say of banks' matches into the banks' folder. Turn it "
        "off where the folder may not be written; then one worker that may must be left to do it.",
    )
    near_duplicate_texts: int = Field(
        4096,
        ge=0,
        description="Latest texts that are remembered, in 48 bytes each, where the policy asks for "
        "`text.near_duplicates`; each worker counts what it has judged itself. 0 counts none, and "
        "the fact is unknown.",
    )
    near_duplicate_seconds: float = Field(
        3600.0, gt=0, description="Age from which a like text counts no more."
    )

    @field_validator("media_hosts", mode="before")
    @classmethod
    def _by_comma(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip() for host in value.split(",") if host.strip())
        return value

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        for unit in ("posts", "bytes"):
            low, high = getattr(self, f"low_water_{unit}"), getattr(self, f"high_water_{unit}")
            if low >= high:
                raise ValueError(
                    f"low_water_{unit} ({low}) must be below high_water_{unit} ({high}), "
                    "or intake would pause and resume at every post"
                )
        return self
