"""Where a medium's bytes come from: one port, an adapter for each kind of reference."""

from __future__ import annotations

from typing import Protocol

from moderation.media.errors import ForbiddenMediaError, MediaError
from schemas import Media


class MediaFetcher(Protocol):
    """Gets the bytes of one medium."""

    async def fetch(self, media: Media) -> bytes:
        """Get the bytes, without blocking the event loop.

        The bytes are not yet compared with ``media.sha256``; :func:`~moderation.media.decode_post`
        does that for every fetcher.

        Raises:
            MediaError: they could not be had; the subclass says why.
        """
        ...


class InlineFetcher:
    """Media that travel in the post itself."""

    async def fetch(self, media: Media) -> bytes:
        """The bytes of ``media.data``.

        Raises:
            ForbiddenMediaError: the medium is a reference.
        """
        if media.data is None:
            raise ForbiddenMediaError("the medium is not inline, and nothing else is accepted here")
        return media.data


class CompositeFetcher:
    """Sends each medium to the adapter for its kind; a kind without an adapter is forbidden.

    Args:
        store: for media with a ``key``.
        web: for media with a ``url``.
        inline: for media with ``data``.
    """

    def __init__(
        self,
        *,
        store: MediaFetcher | None = None,
        web: MediaFetcher | None = None,
        inline: MediaFetcher | None = None,
    ) -> None:
        self._store = store
        self._web = web
        self._inline = inline or InlineFetcher()

    async def fetch(self, media: Media) -> bytes:
        """Get the bytes from the adapter for ``data``, ``key`` or ``url``.

        Raises:
            ForbiddenMediaError: there is none for this kind, or it refuses.
            MediaError: as the adapter says.
        """
        if media.data is not None:
            return await self._inline.fetch(media)
        if media.key is not None:
            return await _or_forbidden(self._store, "an object store").fetch(media)
        return await _or_forbidden(self._web, "fetching from the web").fetch(media)


def _or_forbidden(fetcher: MediaFetcher | None, what: str) -> MediaFetcher:
    if fetcher is None:
        raise ForbiddenMediaError(f"{what} is not configured; send the medium another way")
    return fetcher


async def fetch_or_error(fetcher: MediaFetcher, media: Media) -> bytes | MediaError:
    """The bytes, or why there are none, as a value."""
    try:
        return await fetcher.fetch(media)
    except MediaError as error:
        return error
