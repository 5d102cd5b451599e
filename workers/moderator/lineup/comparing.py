"""What two models make of one post, under the same policy and with all else alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from rules import Case, Decision, RecordedCase
from schemas import Action, NotScanned, NotScannedReason, Post, ShadowVerdict, Verdict
from workers.moderator.rulebook import Decider

if TYPE_CHECKING:
    from moderation.scoring import PostScores


@dataclass(frozen=True, slots=True)
class Compared:
    """Two decisions on one post.

    Attributes:
        verdict: on the post.
        judge: what the model that judged leads to, by the same engine as ``shadow``.
        shadow: what the other model leads to.
    """

    verdict: Verdict
    judge: Decision
    shadow: Decision

    def record(self, version: str, share: float) -> ShadowVerdict:
        """The record for the ledger.

        Args:
            version: of the other model.
            share: of the posts, that both score.
        """
        verdict = self.verdict
        return ShadowVerdict(
            verdict_id=verdict.verdict_id,
            post_id=verdict.post_id,
            revision=verdict.revision,
            author_id=verdict.author_id,
            status=self.shadow.status,
            versions=verdict.versions.model_copy(update={"model": version}),
            action=self.shadow.action,
            model_action=self.shadow.model_action,
            scores=self.shadow.scores,
            model_scores=self.shadow.trace.model_scores,
            live_model=verdict.versions.model,
            live_action=self.judge.action,
            live_model_scores=self.judge.trace.model_scores,
            share=share,
            sampling=verdict.sampling,
            modalities=verdict.modalities,
            language=verdict.language,
            surface=verdict.surface,
            decided_at=verdict.decided_at,
        )


def compare(post: Post, verdict: Verdict, scores: PostScores, engine: Decider) -> Compared:
    """Decide on the post by either model's scores.

    Args:
        post: the post.
        verdict: on it, by a machine, with its trace.
        scores: of the other model.
        engine: of the policy that judged it; uses no quota up.

    Raises:
        ValueError: the verdict has no trace, or a score is no probability.
    """
    judged = RecordedCase.of(post, verdict).case
    return Compared(verdict, engine.decide(judged), engine.decide(_by(scores, judged)))


def _by(scores: PostScores, judged: Case) -> Case:
    """The same case, as the other model sees the post."""
    of_banks = [one for one in judged.not_scanned if one.reason is NotScannedReason.BANK_FAILED]
    missed: tuple[NotScanned, ...] = (*scores.not_scanned, *of_banks)
    return replace(
        judged,
        scores=scores.scores,
        # A modality is a string, which a mapping's key type cannot say.
        shares=cast("Mapping[str, Mapping[str, float]]", scores.shares),
        places=scores.places,
        mismatch=scores.mismatch,
        found_texts=scores.found_texts,
        found_matches={},
        not_scanned=missed,
    )


def reached(decision: Decision) -> dict[str, Action]:
    """The action that each category's probability asks for; one below its thresholds is absent."""
    return {
        reason.category: reason.action
        for reason in decision.reasons
        if reason.category is not None and reason.threshold is not None
    }
