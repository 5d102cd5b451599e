"""Which scorer the setting ``model`` means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from schemas import CATEGORIES
from workers.moderator.device_metrics import (
    Memory,
    Utilisation,
    Work,
    no_memory,
    no_utilisation,
    no_work,
)
from workers.moderator.errors import StartError
from workers.moderator.gpu_memory import memory_of
from workers.moderator.gpu_use import utilisation_of
from workers.moderator.media import Prepare, as_it_is
from workers.moderator.settings import ModeratorSettings

if TYPE_CHECKING:
    from moderation.inference import CacheCounts
    from moderation.scoring import PostScorer

SHIPPED: Final = "shipped"
CONSTANT: Final = "constant"

CONSTANT_PROBABILITY: Final = 0.01
"""Of each category in the constant scorer: below every threshold of a sensible policy."""


@dataclass(frozen=True, slots=True)
class LoadedScorer:
    """A scorer, where it computes, and the errors after which it cannot go on.

    ``threads`` is how many may score at once. ``out_of_memory`` are the errors that say that posts
    are too many or too large for the device.

    ``prepare`` is what the scorer wants done to a post by the threads that decode. ``cache_counts``
    tells of the scorer's cache, if it has one; ``encoder_work`` tells what it works on, ``memory``
    and ``utilisation`` what of its device is taken. They may be called on any thread.
    ``picture_size`` is the side in pixels of what ``prepare`` makes of pictures; None where it
    leaves them.
    """

    scorer: PostScorer
    device: str
    threads: int = 1
    broken: tuple[type[Exception], ...] = ()
    out_of_memory: tuple[type[Exception], ...] = (MemoryError,)
    cache_counts: Callable[[], CacheCounts] | None = None
    encoder_work: Work = no_work
    memory: Memory = no_memory
    utilisation: Utilisation = no_utilisation
    prepare: Prepare = as_it_is
    picture_size: int | None = None


def _device(settings: ModeratorSettings) -> str:
    """The device by name: of several workers on a machine each takes its own GPU."""
    import torch

    gpus = torch.cuda.device_count() if settings.device == "auto" else 0
    place = settings.place_chosen
    return place.gpu(gpus) if gpus and place.of > 1 else settings.device


def load_scorer(settings: ModeratorSettings, model: str | None = None) -> LoadedScorer:
    """Load the scorer that the settings name. Blocks for seconds: call it in a thread.

    Args:
        settings: of the worker.
        model: another one instead, named likewise.

    Raises:
        StartError: the model or the device cannot be used; the message says why.
    """
    name = model or settings.model
    if name == CONSTANT:
        from moderation.scoring import ConstantScorer

        scores = dict.fromkeys(CATEGORIES, CONSTANT_PROBABILITY)
        return LoadedScorer(ConstantScorer(scores), device="none")

    import torch

    from moderation.inference import SHIPPED_MODEL_DIR, InferenceError, Scorer, choose_device
    from moderation.model import ModelError

    folder = SHIPPED_MODEL_DIR if name == SHIPPED else Path(name)
    try:
        device = _device(settings)
        on_cpu = choose_device(device).type == "cpu"
        torch.set_num_threads(settings.torch_threads_for(on_cpu=on_cpu))
        scorer = Scorer(
            folder,
            device=device,
            precision=settings.precision,
            cache_bytes=settings.embedding_cache_bytes,
        )
    except (ModelError, InferenceError, OSError) as error:
        raise StartError(
            f"cannot use the model {folder} on device {settings.device}: {error}. "
            "MODERATION_WORKER_MODEL names the folder, MODERATION_WORKER_DEVICE the device"
        ) from error
    return LoadedScorer(
        scorer,
        device=str(scorer.device),
        threads=settings.scoring_threads_for(on_cpu=on_cpu),
        broken=(torch.AcceleratorError,),
        out_of_memory=(MemoryError, torch.OutOfMemoryError),
        cache_counts=lambda: scorer.cache_counts,
        encoder_work=lambda: scorer.encoder_work,
        memory=partial(memory_of, scorer.device),
        utilisation=utilisation_of(scorer.device),
        prepare=scorer.prepare,
        picture_size=scorer.picture_size,
    )
