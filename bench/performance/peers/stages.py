"""The worker's stages without its plumbing: contract, constant scores, policy, keys, verdict."""

from __future__ import annotations

from datetime import UTC, datetime

from moderation.scoring import PostScores
from rules import Case, Policy
from rules.banks import text_keys
from rules.matchers import Folder
from schemas import CATEGORIES
from workers.audit_plan import AuditPlan
from workers.moderator.judge import Circumstances, judge
from workers.moderator.records import read_post
from workers.moderator.rulebook import edition_of, open_policy
from workers.moderator.rules_stage import CAMPAIGN_FACTS
from workers.moderator.scorers import CONSTANT_PROBABILITY

AUDIT = AuditPlan(default_rate=0.01)


class Stages:
    """From a post's bytes to its verdict's, one post at a time.

    Args:
        policy: of the rules; the one that ships by default.
    """

    def __init__(self, policy: Policy | None = None) -> None:
        chosen = open_policy(None).policy if policy is None else policy
        self._edition = edition_of(chosen, model="constant")
        self._scores = dict.fromkeys(CATEGORIES, CONSTANT_PROBABILITY)
        self._takes_keys = not CAMPAIGN_FACTS.isdisjoint(self._edition.facts)
        self._folder = Folder()

    def answer(self, value: bytes) -> tuple[bytes, bytes]:
        """Key and value of the verdict."""
        post, now = read_post(value), datetime.now(UTC)
        scores = PostScores(post.post_id, self._scores)
        case = Case(post=post, scores=scores.scores, now=now)
        by = Circumstances(versions=self._edition.versions, now=now, audit=AUDIT)
        (keys,) = text_keys([post.text or ""], self._folder) if self._takes_keys else [()]
        verdict = judge(post, (), self._edition.engine.decide(case), by, keys).verdict
        return post.post_id.encode(), verdict.to_bytes()
