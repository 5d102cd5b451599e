"""Which models a worker has, who judges what, and how a candidate compares with the live one."""

from __future__ import annotations

from typing import Final, Literal

from prometheus_client import CollectorRegistry, Gauge

from schemas import Action
from workers.metric_maker import MetricMaker
from workers.moderator.lineup.lineup import Lineup

Role = Literal["live", "candidate"]
Fate = Literal["compared", "failed", "dropped", "unsent"]
Outcome = Literal["activated", "unchanged", "refused"]

DIFFERENCE_BUCKETS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Probability: from what rounding does to a change of mind."""

SECONDS_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""From a text on a GPU to a batch of media on a slow CPU."""

_LIVE: Final[Role] = "live"
_CANDIDATE: Final[Role] = "candidate"


class LineupMetrics:
    """The metrics of one worker's models. Those of a comparison begin anew with each candidate.

    ``live`` and ``candidate`` are told apart by their roles, whichever of them judged the post.

    Args:
        registry: holds them.
        model_info: names the live model.
    """

    def __init__(self, registry: CollectorRegistry, model_info: Gauge) -> None:
        make = MetricMaker(registry)
        self._model_info = model_info
        self._candidate_info = make.gauge(
            "candidate_info", "1; the model that is compared with the live one.", "version"
        )
        self._candidate_share = make.gauge(
            "candidate_share_ratio", "Share of the posts that the candidate judges."
        )
        self._compared_share = make.gauge(
            "compared_share_ratio", "Share of the posts that both models score."
        )
        self._judged = make.counter(
            "judged_posts_total", "Posts by the model that judges them.", "role"
        )
        self._fallbacks = make.counter(
            "candidate_fallbacks_total",
            "Posts on which the candidate failed, and which the live model judged instead.",
        )
        self._compared = make.counter(
            "compared_posts_total",
            "Posts drawn to be scored by both models: `compared`, `failed` on by the second model, "
            "`dropped` because too many waited, or compared and `unsent`.",
            "outcome",
        )
        self._agreement = make.counter(
            "candidate_agreement_total",
            "Categories of compared posts, by whether both models reach the same threshold.",
            "category",
            "agrees",
        )
        self._difference = make.histogram(
            "candidate_score_difference",
            "How far the candidate's probability is from the live model's, before any rule.",
            "category",
            buckets=DIFFERENCE_BUCKETS,
        )
        self._actions = make.counter(
            "candidate_actions_total",
            "Compared posts by the action that the live model leads to, and the candidate.",
            "live",
            "candidate",
        )
        self._degraded = make.counter(
            "candidate_degraded_posts_total",
            "Compared posts of which one model could look at all, and the other could not.",
        )
        self.seconds = make.histogram(
            "shadow_seconds",
            "To score a group of posts by the model that does not judge them.",
            buckets=SECONDS_BUCKETS,
        )
        self._refused = make.gauge(
            "rollout_refused",
            "1 while the models that were asked for last cannot be had, and those before judge.",
        )
        self._changes = make.counter(
            "rollout_changes_total", "Changes of models that were asked for.", "outcome"
        )
        self._candidate = ""
        self._begin_at_zero()

    def in_force(self, lineup: Lineup) -> None:
        """Name the models, and no others."""
        self._model_info.clear()
        self._model_info.labels(lineup.live.version).set(1)
        self._candidate_share.set(lineup.candidate_share)
        self._compared_share.set(lineup.compared_share)
        candidate = "" if lineup.candidate is None else lineup.candidate.version
        if candidate == self._candidate:
            return
        self._candidate = candidate
        self._candidate_info.clear()
        if candidate:
            self._candidate_info.labels(candidate).set(1)
            self._begin_anew()

    def judged(self, role: Role, posts: int) -> None:
        """So many posts have scores by this model."""
        self._judged.labels(role).inc(posts)

    def fallen_back(self, posts: int) -> None:
        """The candidate failed on so many posts."""
        self._fallbacks.inc(posts)

    def drawn(self, fate: Fate, posts: int = 1) -> None:
        """What became of posts that were to be scored by both."""
        self._compared.labels(fate).inc(posts)

    def category(self, category: str, *, live: float, candidate: float, agrees: bool) -> None:
        """What both said of a category of a post."""
        self._difference.labels(category).observe(abs(candidate - live))
        self._agreement.labels(category, "yes" if agrees else "no").inc()

    def actions(self, live: Action, candidate: Action) -> None:
        """What both lead to."""
        self._actions.labels(live, candidate).inc()

    def degraded(self) -> None:
        """Of a post one model could look at all, and the other could not."""
        self._degraded.inc()

    def asked_for(self, outcome: Outcome) -> None:
        """What became of models that somebody asked for."""
        self._changes.labels(outcome).inc()
        self._refused.set(outcome == "refused")

    def _begin_anew(self) -> None:
        for one in (self._compared, self._agreement, self._difference, self._actions):
            one.clear()
        self._fallbacks.reset()
        self._degraded.reset()
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """Show what alerts and the guard rest on: a rate misses the event that makes a series."""
        for role in (_LIVE, _CANDIDATE):
            self._judged.labels(role)
        fates: tuple[Fate, ...] = ("compared", "failed", "dropped", "unsent")
        for fate in fates:
            self._compared.labels(fate)
