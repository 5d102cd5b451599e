"""A model that is loaded and warm, on threads of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workers.moderator.device import Device
from workers.moderator.lineup.shrunk import readable
from workers.moderator.loading import load_patiently
from workers.moderator.scorers import LoadedScorer

if TYPE_CHECKING:
    from moderation.media import DecodedPost
    from moderation.scoring import PostScores

BatchPosts = Callable[[str], int]
"""Posts that fill a device, by its name."""


class Slot:
    """Scores posts, and knows when nobody waits for it any more.

    Args:
        loaded: the model.
        device: runs it; warm.
        batch_posts: posts that fill the device.
    """

    def __init__(self, loaded: LoadedScorer, device: Device, batch_posts: int) -> None:
        self.loaded = loaded
        self.batch_posts = batch_posts
        self.version = loaded.scorer.version
        self._device = device
        self._asked = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def warm_up_seconds(self) -> float:
        """That it took to score a first post."""
        return self._device.warm_up_seconds

    @property
    def waiting_groups(self) -> int:
        """Groups of posts that wait for it."""
        return self._device.waiting_groups

    async def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """The scores of the posts; see :meth:`workers.moderator.device.Device.score`."""
        self._asked += 1
        self._idle.clear()
        try:
            fitting = readable(posts, self.loaded.picture_size)
            return await self._device.score(fitting, embed=embed)
        finally:
            self._asked -= 1
            if not self._asked:
                self._idle.set()

    async def retire(self) -> None:
        """Finish what is asked, then let the model go. Nobody may ask any more."""
        await self._idle.wait()
        await self._device.close()

    async def close(self) -> None:
        """Let the model go; what still waits is cancelled."""
        await self._device.close()


async def open_slot(
    load: Callable[[], LoadedScorer],
    *,
    batch_posts: BatchPosts,
    on_batch: Callable[[int], None],
    on_busy: Callable[[float], None] = lambda _: None,
) -> Slot:
    """Load a model and warm it up.

    Args:
        load: called in a thread, again where that may help.
        batch_posts: how many posts make a batch full.
        on_batch: told the posts of each batch.
        on_busy: told the seconds of each batch.

    Raises:
        StartError: it cannot be loaded.
        Exception: whatever it raised when it was warmed up.
    """
    loaded = await load_patiently(load)
    full = batch_posts(loaded.device)
    device = Device(
        loaded.scorer,
        max_batch_posts=full,
        threads=loaded.threads,
        on_batch=on_batch,
        on_busy=on_busy,
        broken=loaded.broken,
        out_of_memory=loaded.out_of_memory,
    )
    try:
        await device.warm()
    except BaseException:
        await device.close()
        raise
    return Slot(loaded, device, full)
