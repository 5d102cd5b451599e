"""An object store that is a folder: keys are relative paths, and nothing outside is reachable."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath

from moderation.media.errors import ForbiddenMediaError, UnreachableMediaError
from moderation.media.files import read_file
from moderation.media.limits import MediaLimits
from schemas import Media


class FolderFetcher:
    """Reads ``root / key``.

    Symbolic links are followed as long as they stay inside ``root``.

    Args:
        root: the folder; it need not exist yet.
        limits: files over ``max_bytes`` are refused unread.
    """

    def __init__(self, root: Path, limits: MediaLimits | None = None) -> None:
        self._root = root
        self._limits = limits or MediaLimits()

    async def fetch(self, media: Media) -> bytes:
        """The bytes of the file under ``media.key``.

        Raises:
            MissingMediaError: there is no such file.
            ForbiddenMediaError: the key leads out of the folder, or to no regular file.
            MediaTooLargeError: the file is over the limit.
            UnreachableMediaError: the file cannot be read, or the folder is not there (a share that
                is not mounted); then it may be another time.
        """
        if media.key is None:
            raise ForbiddenMediaError("the medium has no key; only the object store is read here")
        return await asyncio.to_thread(self.read, media.key)

    def read(self, key: str) -> bytes:
        """:meth:`fetch` for one key, blocking."""
        return read_file(self._path(key), self._limits, name=key)

    def _path(self, key: str) -> Path:
        relative = PurePosixPath(key)
        if relative.is_absolute() or ".." in relative.parts or not key.isprintable():
            raise ForbiddenMediaError(
                f"the key {key!r} is no path inside the store; use a relative one without '..'"
            )
        try:
            root = self._root.resolve()
            path = (root / relative).resolve()
        except (OSError, RuntimeError) as error:  # a loop of links, or a name that is too long
            raise UnreachableMediaError(f"cannot resolve {key!r}") from error
        if not root.is_dir():
            raise UnreachableMediaError("the store's folder is not there")
        if not path.is_relative_to(root):
            raise ForbiddenMediaError(f"the key {key!r} is a link that leads out of the store")
        return path
