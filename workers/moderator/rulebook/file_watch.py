"""Watches the files of a policy, and offers what they say when it has changed."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from workers.moderator.rulebook.opened import OpenedPolicy, load_at
from workers.moderator.rulebook.reload import Reloader
from workers.moderator.rulebook.snapshot import Snapshot, snapshot_of


class FileWatch:
    """Looks at the policy file, its cases and its lists again and again.

    A change is offered when two looks in a row see the same, so that a file which is still being
    written is not read. Times of change are compared first and contents after them: files that were
    only touched are not loaded.

    Args:
        opened: the policy that the worker started with.
        reloader: told what the files say now.
        every_seconds: between two looks.
    """

    def __init__(self, opened: OpenedPolicy, reloader: Reloader, *, every_seconds: float) -> None:
        if opened.place is None:
            raise ValueError("the shipped policy is not watched: nobody changes it in place")
        self._place = opened.place
        self._offered = self._seen = opened.snapshot
        self._reloader = reloader
        self._every_seconds = every_seconds

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(self._every_seconds)
            await self.look()

    async def look(self) -> None:
        """Look once, and offer the policy if it has changed and come to rest."""
        before = self._seen
        now = await self._reloader.on_thread(partial(_look, self._place, before))
        self._seen = now
        if now.digest == self._offered.digest or now.digest != before.digest:
            return
        self._offered = now
        await self._reloader.offer(partial(load_at, self._place), source=str(self._place))


def _look(place: Path, before: Snapshot) -> Snapshot:
    return snapshot_of(place) if before.is_stale else before
