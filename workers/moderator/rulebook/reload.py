"""Puts another policy in force while posts are judged, or keeps the one that judges.

::

    offered -> load, check, run its cases, compile    (on a thread of its own)
            -> swap                                   (one reference, between two posts)
            or refused: the policy before stays, and log, metrics and /readyz say so
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import Final, TypeVar

from rules import Policy, PolicyError
from workers.moderator.garbage import no_collection
from workers.moderator.refusal import Refusal
from workers.moderator.rulebook.metrics import PolicyMetrics
from workers.moderator.rulebook.rulebook import Edition, Rulebook
from workers.moderator.turns import short_turns
from workers.streams import get_logger

log = get_logger(__name__)

T = TypeVar("T")

EditionMaker = Callable[[Policy], Edition]
"""Compiles a checked policy; called off the rules thread."""

MAX_LOGGED: Final = 4_000
"""Characters of a refusal's mistakes in the log; `moderation rules check` tells all of them."""


BREATH_SECONDS: Final = 0.1
"""Between loading a policy, putting it in force and taking the old one apart. Each may stop all
threads for some 15 ms with 1,000 rules; posts that had to wait are judged before the next."""


class Reloader:
    """Takes offers of policies, one after the other.

    Args:
        rulebook: holds what judges.
        make: compiles a policy.
        thread: one thread, not the one that judges.
        metrics: count the outcomes and name the policy in force.
        clock: the time of a change.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        make: EditionMaker,
        *,
        thread: Executor,
        metrics: PolicyMetrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._rulebook = rulebook
        self._make = make
        self._thread = thread
        self._metrics = metrics
        self._clock = clock
        self._refusal: Refusal | None = None
        metrics.in_force(self.version, self._clock())

    @property
    def version(self) -> str:
        """Of the policy in force."""
        return self._rulebook.current.versions.policy

    @property
    def refusal(self) -> Refusal | None:
        """Why the policy that was offered last does not judge; ``None`` when it does."""
        return self._refusal

    async def offer(self, load: Callable[[], Policy], *, source: str) -> bool:
        """Put a policy in force if it stands its test; whether it judges now.

        Args:
            load: reads and tests it; raises PolicyError when it cannot be used.
            source: where it comes from, for people.
        """
        try:
            edition = await self.on_thread(lambda: self._prepare(load))
        except PolicyError as error:
            self._refuse(source, str(error))
            return False
        except Exception as error:
            # Whatever a policy makes the loader do, posts are judged by the one before.
            log.exception("a policy broke the loader", source=source)
            self._refuse(source, f"the loader failed: {type(error).__name__}")
            return False
        await asyncio.sleep(BREATH_SECONDS)
        retired = [self._rulebook.current]
        self._accept(edition, source)
        await asyncio.sleep(BREATH_SECONDS)
        await self.on_thread(retired.clear)  # the last to hold it: taking it apart is work as well
        return True

    async def on_thread(self, call: Callable[[], T]) -> T:
        """The call's result, from the thread that loads policies."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _prepare(self, load: Callable[[], Policy]) -> Edition | None:
        """The edition; ``None`` when it is the one in force."""
        with no_collection(), short_turns():
            policy = load()
            return None if policy.version == self.version else self._make(policy)

    def _accept(self, edition: Edition | None, source: str) -> None:
        self._refusal = None
        if edition is None:
            self._metrics.offered("unchanged")
            return
        before = self.version
        self._rulebook.swap(edition)
        self._metrics.offered("activated")
        self._metrics.in_force(self.version, self._clock())
        log.info(
            "another policy judges from now on",
            policy=self.version,
            before=before,
            source=source,
        )

    def _refuse(self, source: str, reason: str) -> None:
        self._refusal = Refusal(source, reason, self._clock())
        self._metrics.offered("refused")
        log.error(
            "a policy is refused; the one before stays in force",
            policy=self.version,
            source=source,
            reason=reason[:MAX_LOGGED],
        )
