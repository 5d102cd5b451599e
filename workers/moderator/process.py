"""The worker as a process: settings from the environment, words for people, an exit code."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import Final

from pydantic import ValidationError

from rules import PolicyError
from schemas import TOPICS
from workers.moderator.app import Started, run_worker
from workers.moderator.errors import ModeratorError
from workers.moderator.garbage import keep_what_is_loaded
from workers.moderator.place import keep_to
from workers.moderator.readers import reading_sentence
from workers.moderator.rulebook import OpenedPolicy, open_policy
from workers.moderator.scorers import CONSTANT, load_scorer
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings
from workers.streams import (
    StreamsError,
    TracingSettings,
    configure_logging,
    open_tracing,
    stop_on_signals,
)

EXIT_STOPPED = 0
EXIT_FAILED = 1

PREFIXES: Final = {
    KafkaSettings.__name__: "MODERATION_KAFKA_",
    TracingSettings.__name__: "MODERATION_TRACING_",
}
"""Of the settings that the worker shares with other processes."""


def run() -> int:
    """Run the worker until it is stopped, or cannot go on; returns the exit code."""
    try:
        settings, kafka, tracing = ModeratorSettings(), KafkaSettings(), TracingSettings()
    except ValidationError as error:
        return _failed("the settings are not valid", describe_invalid(error))
    configure_logging(
        "worker", level=settings.log_level, log_format="json" if settings.json_logs else "text"
    )
    keep_to(settings.place_chosen)
    try:
        policy = open_policy(settings.policy)
    except PolicyError as error:
        return _failed("the policy cannot be used", str(error))
    except OSError as error:
        return _failed("the policy cannot be read", str(error))
    try:
        asyncio.run(_run(settings, kafka, tracing, policy))
    except (ModeratorError, StreamsError) as error:
        return _failed("the worker stops", str(error))
    return EXIT_STOPPED


async def _run(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    tracing_settings: TracingSettings,
    policy: OpenedPolicy,
) -> None:
    with (
        open_tracing("moderation-worker", tracing_settings) as tracing,
        stop_on_signals() as stop,
    ):
        await run_worker(
            settings,
            kafka,
            load=partial(load_scorer, settings),
            policy=policy,
            stop=stop,
            on_started=partial(_started, settings, kafka),
            tracing=tracing,
        )


def _started(settings: ModeratorSettings, kafka: KafkaSettings, started: Started) -> None:
    keep_what_is_loaded()
    _introduce(settings, kafka, started)


def _introduce(settings: ModeratorSettings, kafka: KafkaSettings, started: Started) -> None:
    """Say what judges and what is connected, where a person looks first."""
    remark = " (the same scores for every post: for tests only)" * (settings.model == CONSTANT)
    answers = (TOPICS.verdicts, TOPICS.escalations, TOPICS.dead_letter)
    lines = (
        ("model", started.model + remark),
        ("policy", started.policy),
        ("device", started.device),
        ("words", reading_sentence(started.readers)),
        ("broker", kafka.bootstrap_servers),
        ("delivery", started.delivery),
        ("reads", f"{kafka.topic(TOPICS.posts)} as group {kafka.group(settings.group)}"),
        ("writes", ", ".join(kafka.topic(topic) for topic in answers)),
        ("status", f"{started.url}/readyz  {started.url}/healthz  {started.url}/metrics"),
    )
    for name, value in lines:
        print(f"{name:<9}{value}", flush=True)  # noqa: T201 - a command's output


def describe_invalid(error: ValidationError) -> str:
    """Each wrong setting by its variable, and what was expected; the values are not repeated."""
    prefix = PREFIXES.get(error.title, "MODERATION_WORKER_")
    lines = []
    for entry in error.errors(include_url=False, include_input=False, include_context=False):
        name = prefix + "_".join(map(str, entry["loc"])).upper() if entry["loc"] else prefix + "…"
        lines.append(f"  {name}: {entry['msg']}")
    return "\n".join(lines)


def _failed(what: str, why: str) -> int:
    print(f"moderation worker: {what}:\n{why}", file=sys.stderr, flush=True)  # noqa: T201 - a command's output
    return EXIT_FAILED
