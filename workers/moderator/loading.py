"""Loading the model, again where its store is away for a moment."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import Final, TypeVar

from workers.moderator.errors import StartError
from workers.streams import get_logger

T = TypeVar("T")

log = get_logger(__name__)

PAUSES_SECONDS: Final = (1.0, 2.0, 4.0, 8.0)
"""Between attempts: a share that is mounted late, or a hub that restarts. Nothing waits for this
worker meanwhile, because it joins its group only when its model is warm."""

LASTING: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM})
"""Errors that a wrong path or missing rights give, at every attempt."""


async def load_patiently(load: Callable[[], T], pauses: tuple[float, ...] = PAUSES_SECONDS) -> T:
    """What ``load`` gives, called in a thread; again after a pause when that may well help.

    Raises:
        StartError: as ``load``, at the last attempt or where another would not help.
    """
    for pause in pauses:
        try:
            return await asyncio.to_thread(load)
        except StartError as error:
            if not _may_pass(error.__cause__):
                raise
            log.warning(
                "the model cannot be loaded now; trying again",
                error=type(error.__cause__).__name__,
                pause_seconds=pause,
            )
        await asyncio.sleep(pause)
    return await asyncio.to_thread(load)


def _may_pass(cause: BaseException | None) -> bool:
    return isinstance(cause, OSError) and cause.errno not in LASTING
