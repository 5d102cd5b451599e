"""Media by value where they are small, by reference where not (the claim-check pattern)."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, Protocol

from schemas import Media

INLINE_BYTES: Final = 48 * 1024
"""Up to here a medium travels within the post: a round trip to a store would cost more."""


READABLE: Final = 0o644  # the workers run as somebody else


class MediaStore(Protocol):
    """Keeps content under a key that the workers can fetch it by."""

    def put(self, key: str, content: bytes) -> None:
        """Store the content; the same key always gets the same content.

        Raises:
            OSError: it could not be stored.
        """


class FolderStore:
    """A folder, such as a mounted bucket: what `MODERATION_WORKER_MEDIA_ROOT` names.

    Args:
        root: the folder; made where it is missing.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        """Write the file as a whole or not at all, however many do so at once.

        Raises:
            OSError: the folder cannot be written.
        """
        path = self._root / key
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        written = Path(file.name)
        written.chmod(READABLE)
        written.replace(path)


def attach(content: bytes, store: MediaStore | None = None, media_type: str | None = None) -> Media:
    """A picture or a sound for a post, with the hash of what is meant.

    Args:
        content: the file's bytes.
        store: takes what is larger than :data:`INLINE_BYTES`, under the content's own hash; without
            one, everything travels within the post.
        media_type: such as ``image/jpeg``; the worker looks at the content anyway.

    Raises:
        OSError: the store cannot be written.
        pydantic.ValidationError: without a store, the content is larger than a post may carry.
    """
    digest = hashlib.sha256(content).hexdigest()
    if store is None or len(content) <= INLINE_BYTES:
        return Media.model_validate(
            {"data": b64encode(content).decode(), "sha256": digest, "media_type": media_type}
        )
    key = f"{digest[:2]}/{digest}"
    store.put(key, content)
    return Media(key=key, sha256=digest, media_type=media_type)
