"""All media of a post at once."""

from __future__ import annotations

import asyncio

from moderation.media.decoded import Blob, MediaKey
from moderation.media.fetch import MediaFetcher, fetch_or_error
from schemas import Modality, Post


async def gather_media(post: Post, fetcher: MediaFetcher) -> dict[MediaKey, Blob]:
    """Fetch every medium of a post concurrently.

    One that fails is in the result as its error, and keeps no other back. At most
    ``(MAX_IMAGES + MAX_AUDIO) * MediaLimits.max_bytes`` are held: decode the post before gathering
    many more.
    """
    wanted = {
        MediaKey(modality, index): medium
        for modality, media in ((Modality.IMAGE, post.images), (Modality.AUDIO, post.audio))
        for index, medium in enumerate(media)
    }
    fetched = await asyncio.gather(*(fetch_or_error(fetcher, medium) for medium in wanted.values()))
    return dict(zip(wanted, fetched, strict=True))
