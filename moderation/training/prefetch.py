"""Batches made while the device works on the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def made(jobs: Iterable[Callable[[], Made]], *, ahead: bool) -> Iterator[Made]:
    """The results of the jobs, in order.

    Args:
        jobs: what to run, each once.
        ahead: run the next job in a thread while the caller uses the result before; of use where
            that work is done by another device.
    """
    if not ahead:
        for job in jobs:
            yield job()
        return
    with ThreadPoolExecutor(1) as thread:
        coming: Future[Made] | None = None
        for job in jobs:
            ready, coming = coming, thread.submit(job)
            if ready is not None:
                yield ready.result()
        if coming is not None:
            yield coming.result()
