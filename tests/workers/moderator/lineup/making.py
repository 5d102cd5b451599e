"""Models, and a house in which they judge by the shipped policy, without Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry

from moderation.media import DecodedPost
from moderation.scoring import ConstantScorer, PostScorer, PostScores
from rules import DEFAULT_POLICY_PATH, Policy, load_policy
from rules.banks import BankQuery
from schemas import Post, ShadowVerdict, Verdict
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import HARMLESS, NOON, RecordingProducer, Refusal, make_record
from workers.moderator.fingerprints import Fingerprints
from workers.moderator.judge import AUDIT_OFF
from workers.moderator.lineup import Lineup, LineupMetrics, Models, Shadow, Slot, open_slot
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.records import Arrival
from workers.moderator.rulebook import Rulebook, edition_of
from workers.moderator.rules_stage import RulesStage, unknown
from workers.moderator.scorers import LoadedScorer

POLICY: Policy = load_policy(DEFAULT_POLICY_PATH)
TOPIC = "shadow-verdicts"


def model(version: str = "live@1", **scores: float) -> ConstantScorer:
    """A model that gives every post harmless scores, but for these."""
    return ConstantScorer(HARMLESS | scores, version=version)


class Failing(ConstantScorer):
    """Raises on posts with these ids, or on all."""

    def __init__(self, version: str, *post_ids: str) -> None:
        super().__init__(HARMLESS, version=version)
        self._post_ids = frozenset(post_ids)

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        if not self._post_ids or any(post.post_id in self._post_ids for post in posts):
            raise ZeroDivisionError
        return super().score(posts, embed=embed)


async def slot_of(scorer: PostScorer, *, batch_posts: int = 64, **loaded: Any) -> Slot:
    """The model, loaded and warm; on a device that so many posts fill."""
    return await open_slot(
        lambda: LoadedScorer(scorer, device="none", **loaded),
        batch_posts=lambda _: batch_posts,
        on_batch=lambda _: None,
    )


@dataclass
class ModelHouse:
    """Models, the rules that judge their scores, and the comparison."""

    models: Models
    metrics: LineupMetrics
    registry: CollectorRegistry
    rulebook: Rulebook
    stage: RulesStage
    shadow: Shadow
    producer: RecordingProducer
    offered: int = field(default=0)

    async def judge(self, *posts: Post) -> list[Verdict]:
        """Score, judge and offer the posts, as the pipeline does."""
        decoded = [DecodedPost(post.post_id, text=post.text or "") for post in posts]
        arrivals = [Arrival(make_record(post.to_bytes()), post) for post in posts]
        prints = [Fingerprints(BankQuery(post.post_id)) for post in posts]
        scored = await self.models.score(decoded)
        judged = await self.stage.judge(arrivals, scored, prints, {})
        self.shadow.offer(arrivals, decoded, judged)
        return [one.verdict for one in judged]

    def value(self, name: str, labels: Mapping[str, str] | None = None) -> float:
        """Of a metric; 0 where it has no such series."""
        return self.registry.get_sample_value(f"moderation_{name}", dict(labels or {})) or 0.0

    def fate(self, outcome: str) -> float:
        """Posts drawn for comparison that ended so."""
        return self.value("compared_posts_total", {"outcome": outcome})

    async def reaches(self, outcome: str, posts: int) -> None:
        """Wait until so many drawn posts have ended so."""

        async def there() -> bool:
            return self.fate(outcome) >= posts

        await eventually_async(there, within_seconds=30, describe=f"{posts} posts {outcome}")

    @property
    def shadows(self) -> list[ShadowVerdict]:
        return [ShadowVerdict.from_bytes(value) for _, _, value, _ in self.producer.sent]


@asynccontextmanager
async def house(
    live: PostScorer,
    candidate: PostScorer | None = None,
    *,
    candidate_share: float = 0.0,
    compared_share: float = 1.0,
    refuse: Refusal = lambda _topic, _value: None,
    compares: bool = True,
) -> AsyncIterator[ModelHouse]:
    """A house with these models; the comparison runs if it is to."""
    registry = CollectorRegistry()
    metrics = LineupMetrics(registry, WorkerMetrics(registry).model_info)
    models = Models(await slot_of(live), metrics)
    if candidate is not None:
        second = await slot_of(candidate)
        models.swap(Lineup(models.current.live, second, candidate_share, compared_share))
    rulebook = Rulebook(edition_of(POLICY, model=live.version))
    models.tell(rulebook.use_model)
    producer = RecordingProducer(refuse)
    with ThreadPoolExecutor(1) as rules, ThreadPoolExecutor(1) as thread:
        stage = RulesStage(rulebook, unknown, audit=AUDIT_OFF, thread=rules, clock=lambda: NOON)
        shadow = Shadow(models, rulebook, producer, TOPIC, thread=thread, metrics=metrics)
        task = asyncio.create_task(shadow.run()) if compares else None
        try:
            yield ModelHouse(models, metrics, registry, rulebook, stage, shadow, producer)
        finally:
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
            await models.close()
