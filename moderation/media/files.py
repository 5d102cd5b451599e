"""Reading one regular file whole, within the limits, without ever waiting for it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from moderation.media.errors import (
    ForbiddenMediaError,
    MediaTooLargeError,
    MissingMediaError,
    UnreachableMediaError,
)
from moderation.media.limits import MediaLimits


def read_file(path: Path, limits: MediaLimits, *, name: str | None = None) -> bytes:
    """The bytes of a file.

    Args:
        path: of the file; links in it are followed, a link at its end is not.
        limits: a file over ``max_bytes`` is refused unread.
        name: what messages call it; the path if left out.

    Raises:
        MissingMediaError: there is no such file.
        ForbiddenMediaError: it is no regular file.
        MediaTooLargeError: it is over the limit.
        UnreachableMediaError: it cannot be read.
    """
    shown = repr(name or str(path))
    try:
        # Without O_NONBLOCK opening a pipe would wait for its writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        raise MissingMediaError(
            f"there is no {shown}; check the name, or upload it before the post"
        ) from None
    except OSError as error:
        raise UnreachableMediaError(f"cannot read {shown}: {error.strerror}") from error
    try:
        _check(os.fstat(descriptor), shown, limits.max_bytes)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            # One more than allowed: a file that grew meanwhile is refused later, not cut.
            return file.read(limits.max_bytes + 1)
    except OSError as error:
        raise UnreachableMediaError(f"cannot read {shown}: {error.strerror}") from error
    finally:
        os.close(descriptor)


def _check(status: os.stat_result, shown: str, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ForbiddenMediaError(f"{shown} is no regular file")
    if status.st_size > limit:
        raise MediaTooLargeError(
            f"{status.st_size:,} bytes of {shown} are over the limit of {limit:,}"
        )
