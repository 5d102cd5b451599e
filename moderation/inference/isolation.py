"""Doing work on a batch so that one bad item fails alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """An item on which the work raised although it was alone."""

    error: Exception


def bisected(
    items: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Result]]
) -> list[Result | Failure]:
    """Apply ``work`` to all items; where it raises, to each half, down to single items.

    Out of memory is one such error: smaller batches need less. One bad item among n costs about
    2·log2(n) more calls.

    Args:
        items: of the batch.
        work: gives one result an item, in order.

    Returns:
        A result or a failure for each item, in order.

    Raises:
        torch.AcceleratorError: the device itself is broken, which is no item's fault; nothing
            will work until the process starts again.
    """
    if not items:
        return []
    try:
        return list(work(items))
    except torch.AcceleratorError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it concerns one item, not all
        failure = Failure(error)
    if isinstance(failure.error, torch.OutOfMemoryError):
        torch.cuda.empty_cache()
    if len(items) == 1:
        log.warning("the classifier failed on one item", exc_info=failure.error)
        return [failure]
    middle = len(items) // 2
    return [*bisected(items[:middle], work), *bisected(items[middle:], work)]
