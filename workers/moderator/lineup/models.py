"""The models of a worker: posts go to the one that judges them, and models change in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from workers.moderator.errors import DeviceLostError
from workers.moderator.lineup.lineup import Lineup
from workers.moderator.lineup.metrics import LineupMetrics
from workers.moderator.lineup.slot import Slot
from workers.streams import get_logger

if TYPE_CHECKING:
    from moderation.inference import CacheCounts, EncoderWork
    from moderation.media import DecodedPost
    from moderation.scoring import PostScores
    from schemas import Modality

log = get_logger(__name__)

OnLive = Callable[[str], object]
"""Told the version of the model that judges from now on."""


class Models:
    """Holds the line-up in force. Scores as a device does.

    Whoever scores a group takes the line-up once and keeps to it, and a model is let go only when
    nobody waits for it: a change falls between two groups, and no post is judged by a mixture.

    Args:
        live: judges first.
        metrics: names the models and counts who judged.
    """

    def __init__(self, live: Slot, metrics: LineupMetrics) -> None:
        self._current = Lineup(live)
        self._metrics = metrics
        self._encoder = live.loaded.scorer.encoder
        self._on_live: list[OnLive] = []
        self._retiring: dict[Slot, asyncio.Task[None]] = {}
        metrics.in_force(self._current)

    @property
    def current(self) -> Lineup:
        """The line-up in force."""
        return self._current

    def tell(self, on_live: OnLive) -> None:
        """Have somebody told whenever another model becomes the one that judges."""
        self._on_live.append(on_live)

    def swap(self, lineup: Lineup) -> None:
        """Put another line-up in force, from the next group on. Who is not in it is let go."""
        before, self._current = self._current, lineup
        self._metrics.in_force(lineup)
        if lineup.live is not before.live:
            for tell in self._on_live:
                tell(lineup.live.version)
        for slot in before.slots:
            if slot not in lineup.slots:
                self._retiring[slot] = asyncio.create_task(self._retire(slot))

    async def _retire(self, slot: Slot) -> None:
        await slot.retire()
        del self._retiring[slot]

    async def settled(self) -> None:
        """Wait until every model that was let go has given its memory back."""
        await asyncio.gather(*self._retiring.values())

    async def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """The scores of the posts, in their order, each by the model that judges it.

        Raises:
            DeviceLostError: only a new process can score again.
            Exception: whatever the live model raised for these posts.
        """
        lineup = self._current
        chosen = [lineup.candidate_for(post.post_id) is not None for post in posts]
        if lineup.candidate is None or not any(chosen):
            return await self._by_live(lineup, posts, embed=embed)
        theirs, ours = (
            [post for post, one in zip(posts, chosen, strict=True) if one is wanted]
            for wanted in (True, False)
        )
        by_candidate, by_live = await asyncio.gather(
            self._by_candidate(lineup.candidate, theirs, embed=embed),
            self._by_live(lineup, ours, embed=embed),
        )
        scored = {True: iter(by_candidate), False: iter(by_live)}
        return [next(scored[one]) for one in chosen]

    def prepare(self, post: DecodedPost) -> DecodedPost:
        """What the media stage does to a post; nothing while two models see pictures differently.

        A post may still be scored by a model that came into force after it was prepared: its slot
        sees to that.

        Called on many threads.
        """
        lineup = self._current
        live, other = lineup.live.loaded, lineup.candidate
        if other is None or other.loaded.picture_size == live.picture_size:
            return live.prepare(post)
        return post

    def batch_posts(self) -> int:
        """Posts that fill the live model's device."""
        return self._current.live.batch_posts

    def cache_counts(self) -> CacheCounts | None:
        """Of the live model, where it has a cache."""
        counts = self._current.live.loaded.cache_counts
        return None if counts is None else counts()

    def encoder_work(self) -> Mapping[Modality, EncoderWork]:
        """What the encoders of the live model have worked on."""
        return self._current.live.loaded.encoder_work()

    def device_memory(self) -> Mapping[str, int]:
        """Bytes by kind, of the live model's device."""
        return self._current.live.loaded.memory()

    def device_utilisation(self) -> float | None:
        """Share of the last moment in which that device computed for anybody; None if unknown."""
        return self._current.live.loaded.utilisation()

    def waiting_groups(self) -> int:
        """Groups of posts that wait for any of the models."""
        return sum(slot.waiting_groups for slot in self._current.slots)

    async def close(self) -> None:
        """Let all of them go, those too that were let go and still compute."""
        retiring = dict(self._retiring)
        for task in retiring.values():
            task.cancel()
        await asyncio.gather(*(slot.close() for slot in (*self._current.slots, *retiring)))

    async def _by_live(
        self, lineup: Lineup, posts: Sequence[DecodedPost], *, embed: bool
    ) -> list[PostScores]:
        if not posts:
            return []
        scored = await lineup.live.score(posts, embed=embed)
        self._metrics.judged("live", len(posts))
        return scored

    async def _by_candidate(
        self, candidate: Slot, posts: Sequence[DecodedPost], *, embed: bool
    ) -> list[PostScores]:
        """By the candidate; by the model that is live by then where the candidate raises."""
        try:
            scored = await candidate.score(posts, embed=embed)
        except DeviceLostError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the live model answers
            self._metrics.fallen_back(len(posts))
            log.warning(
                "the candidate failed on posts; the live model judges them",
                model=candidate.version,
                posts=len(posts),
                error=type(error).__name__,
            )
            # The line-up may have changed meanwhile, and the live model of then be gone.
            return await self._by_live(self._current, posts, embed=embed)
        self._metrics.judged("candidate", len(posts))
        return scored

    def refusal_of(self, slot: Slot, *, wants_vectors: bool) -> str | None:
        """Why a model cannot stand beside the live one, or after it; None where it can.

        Args:
            slot: holds it.
            wants_vectors: whether banks are asked about the classifier's vectors.
        """
        live, own = self._current.live.loaded.scorer, slot.loaded.scorer
        if own.version == live.version:
            return f"{own.version} is the model that judges already"
        if set(own.categories) != set(live.categories):
            differing = ", ".join(sorted(set(own.categories) ^ set(live.categories)))
            return (
                f"{own.version} and {live.version} differ in what they score ({differing}); a "
                "model with other categories needs a policy for them: deploy both together"
            )
        if wants_vectors and own.encoder != self._encoder:
            return (
                f"banks of embeddings hold vectors of {self._encoder}, and {own.version} gives "
                "others; make the banks anew, and deploy them with the model"
            )
        return None
