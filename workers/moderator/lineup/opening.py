"""Opens the models of a worker, and what compares and changes them where the settings ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from schemas import TOPICS, ModelFolder
from workers.moderator.beside import Beside
from workers.moderator.device_metrics import DeviceMetrics
from workers.moderator.errors import StartError
from workers.moderator.lineup.conductor import Conductor, Name, Wish
from workers.moderator.lineup.metrics import LineupMetrics
from workers.moderator.lineup.models import Models
from workers.moderator.lineup.shadow import Shadow
from workers.moderator.lineup.slot import Slot, open_slot
from workers.moderator.lineup.wishes import PublishedRollout
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.resources import started, threads
from workers.moderator.rulebook import Rulebook
from workers.moderator.rules_stage import Clock
from workers.moderator.scorers import LoadedScorer
from workers.moderator.settings import ModeratorSettings
from workers.moderator.topic_follower import followed
from workers.rollout import folder_digest
from workers.settings import KafkaSettings
from workers.streams import make_producer

LoadNamed = Callable[[str], LoadedScorer]
"""Loads the model of a folder; called in a thread."""

WAIT_SECONDS: Final = 180.0
"""Longest wait at the start for the topic to be read and its models loaded and warmed: two of them,
on a GPU a minute each. Then posts are judged by the model that the settings name."""


@dataclass(frozen=True, slots=True)
class OpenedModels:
    """The models, and what their metrics are."""

    models: Models
    metrics: LineupMetrics


@asynccontextmanager
async def opened_models(
    settings: ModeratorSettings, load: Callable[[], LoadedScorer], metrics: WorkerMetrics
) -> AsyncIterator[OpenedModels]:
    """The model that judges first, loaded and warm.

    Raises:
        StartError: it cannot be loaded.
    """
    begin = time.monotonic()
    slot = await _open(settings, load, metrics)
    lineup_metrics = LineupMetrics(metrics.registry, metrics.model_info)
    models = Models(slot, lineup_metrics)
    warm_up = slot.warm_up_seconds
    metrics.model_load_seconds.set(time.monotonic() - begin - warm_up)
    metrics.model_warm_up_seconds.set(warm_up)
    metrics.device_info.labels(slot.loaded.device).set(1)
    metrics.device_waiting.set_function(models.waiting_groups)
    metrics.watch_cache(models.cache_counts)
    DeviceMetrics(
        metrics.registry,
        memory=models.device_memory,
        utilisation=models.device_utilisation,
        work=models.encoder_work,
    )
    try:
        yield OpenedModels(models, lineup_metrics)
    finally:
        await models.close()


async def _open(
    settings: ModeratorSettings, load: Callable[[], LoadedScorer], metrics: WorkerMetrics
) -> Slot:
    return await open_slot(
        load,
        batch_posts=settings.batch_posts,
        on_batch=metrics.batch_posts.observe,
        on_busy=metrics.device_busy.inc,
    )


@dataclass(frozen=True, slots=True)
class SecondModel:
    """What a worker has that may have a second model."""

    shadow: Shadow
    conductor: Conductor


@asynccontextmanager
async def second_model(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    opened: OpenedModels,
    rulebook: Rulebook,
    *,
    load: Callable[[], LoadedScorer],
    load_named: LoadNamed,
    wants_vectors: Callable[[], bool],
    beside: Beside,
    metrics: WorkerMetrics,
    clock: Clock,
) -> AsyncIterator[SecondModel | None]:
    """A model beside the live one; None where the settings ask for none.

    Args:
        settings: of the worker.
        kafka: how to reach the broker.
        opened: the model that judges first.
        rulebook: names the policy by which models are compared.
        load: loads the model that judges first, again.
        load_named: loads others.
        wants_vectors: whether banks are asked about the classifier's vectors.
        beside: gets what must run, and what intake waits for.
        metrics: of the worker.
        clock: the time of a refusal.

    Raises:
        StartError: the broker does not let the worker in.
    """
    models = opened.models
    models.tell(rulebook.use_model)
    if settings.shadow_model is None and settings.models is None:
        yield None
        return

    async def open_model(name: Name) -> Slot:
        if name is None:
            return await _open(settings, load, metrics)
        folder = await asyncio.to_thread(_folder, settings.models, name)
        return await _open(settings, partial(load_named, folder), metrics)

    conductor = Conductor(
        models, open_model, wants_vectors=wants_vectors, metrics=opened.metrics, clock=clock
    )
    async with AsyncExitStack() as stack:
        thread = stack.enter_context(threads("shadow", 1))
        # Not the producer of answers: what goes wrong here must not hold back a verdict.
        producer = await stack.enter_async_context(
            started(make_producer(kafka, client_id="moderation-worker-shadow"))
        )
        topic = kafka.topic(TOPICS.shadow_verdicts)
        shadow = Shadow(models, rulebook, producer, topic, thread=thread, metrics=opened.metrics)
        beside.loops.append(shadow.run)
        if settings.shadow_model is not None:
            wish = Wish(candidate=settings.shadow_model, compared_share=settings.shadow_share)
            await conductor.follow(wish, source="MODERATION_WORKER_SHADOW_MODEL")
        else:
            listener = PublishedRollout(settings.group, conductor)
            await stack.enter_async_context(
                followed(
                    kafka,
                    TOPICS.model_rollouts,
                    [listener],
                    into=beside,
                    whole=True,
                    wait_seconds=WAIT_SECONDS,
                )
            )
        yield SecondModel(shadow, conductor)


def _folder(models: Path | None, name: ModelFolder | str) -> str:
    """Where the model lies; one in the folder of models is compared with its digest.

    Raises:
        StartError: it is not there, or another than the one that is meant.
    """
    if isinstance(name, str):
        return name
    if models is None:
        raise StartError(
            f"{name.name} lies in a folder of models; MODERATION_WORKER_MODELS names none"
        )
    folder = models / name.name
    try:
        found = folder_digest(folder)
    except OSError as error:
        raise StartError(
            f"the model {folder} cannot be read ({error.strerror or error}); copy it there, then "
            "ask for it again"
        ) from error
    if found != name.digest:
        raise StartError(
            f"the model {folder} is another than the one that is asked for: its files are {found}, "
            f"expected {name.digest}; copy that one there, under a name of its own"
        )
    return str(folder)
