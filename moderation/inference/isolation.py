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
    """An item on which the work raised although it was alone, and the class of the error.

    Not the error itself: its traceback would keep tensors in memory.
    """

    kind: str


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
    except Exception as error:  # whatever it is, it concerns one item, not all
        if len(items) == 1:
            log.warning("the classifier failed on one item", exc_info=True)
            return [Failure(type(error).__name__)]
        is_out_of_memory = isinstance(error, torch.OutOfMemoryError)
    # Only here, past the handler, is the error gone, and with it the frames that held the tensors.
    if is_out_of_memory:
        torch.cuda.empty_cache()
    middle = len(items) // 2
    return [*bisected(items[:middle], work), *bisected(items[middle:], work)]
