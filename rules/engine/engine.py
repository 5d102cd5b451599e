"""The engine: a case in, a decision out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rules.decision import Case, Decision
from rules.engine import mix, triage
from rules.engine.conditions import Outcome
from rules.engine.facts import FactView
from rules.engine.policy import Policy, Rule
from rules.engine.reasons import (
    Failed,
    Fired,
    error_reasons,
    model_reasons,
    rule_reasons,
    strongest_first,
    unscanned_reasons,
)
from schemas import Action, Reason, RuleHit, VerdictStatus

_LIST_FACT: Final = "text.matches."
"""What the facts that count a list's matches begin with."""


class PolicyEngine:
    """Decides by one policy. Holds no state between posts, so threads may share it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._rules = tuple(rule for rule in policy.rules if rule.settings.mode != "off")
        self._conditions = policy.compiler.bundle([rule.condition for rule in self._rules])

    @property
    def version(self) -> str:
        """The policy's version, ``name@sha256:…``."""
        return self._policy.version

    def decide(self, case: Case) -> Decision:
        """What is to happen to the post, and why.

        Raises:
            ValueError: a score is no probability.
        """
        _check_scores(case)
        document = self._policy.document
        view = FactView(case, self._policy.scanner)
        outcomes = self._conditions.evaluate(view)
        fired, failed = self._live(outcomes)
        effects = [one.effects for one in fired]

        scores = mix.adjust(case.scores, effects)
        reasons = strongest_first(
            [
                *model_reasons(case, scores, document.categories),
                *rule_reasons(fired, view),
                *error_reasons(failed),
                *unscanned_reasons(case, document.not_scanned),
            ]
        )
        action = mix.resolve(
            (reason.action for reason in reasons),
            review_required=any(one.require_review for one in effects),
        )
        escalations = [one.escalate for one in effects if one.escalate is not None]
        queue, due_in = triage.most_urgent(
            [one.queue for one in escalations] + self._queues_of(reasons), document.queues
        )
        unscanned = document.not_scanned.severity if case.not_scanned or failed else 0.0
        return Decision(
            action=action,
            model_action=mix.action_of_scores(case.scores, document.categories),
            scores=scores,
            status=VerdictStatus.DEGRADED if case.not_scanned else VerdictStatus.COMPLETE,
            reasons=reasons,
            labels=tuple(sorted({label for one in effects for label in one.labels})),
            rule_hits=self._hits(outcomes),
            escalate=action is Action.REVIEW or bool(escalations),
            queue=queue,
            priority=triage.priority(
                triage.severity(scores, document.categories, unscanned),
                case.post.reach,
                (one.priority for one in escalations),
            ),
            due_in=due_in,
        )

    def _live(self, outcomes: Sequence[Outcome]) -> tuple[list[Fired], list[Failed]]:
        fired, failed = [], []
        for rule, outcome in zip(self._rules, outcomes, strict=True):
            settings = rule.settings
            if settings.mode != "live":
                continue
            if outcome.error is not None:
                failed.append(Failed(settings.id, settings.on_error, outcome.error))
            elif outcome.holds:
                fired.append(Fired(settings.id, settings.then, _lists_of(rule)))
        return fired, failed

    def _hits(self, outcomes: Sequence[Outcome]) -> tuple[RuleHit, ...]:
        hits = [
            RuleHit(
                rule=rule.settings.id, mode=rule.settings.mode, errored=outcome.error is not None
            )
            for rule, outcome in zip(self._rules, outcomes, strict=True)
            if outcome.holds or outcome.error is not None
        ]
        return tuple(sorted(hits, key=lambda hit: hit.rule))

    def _queues_of(self, reasons: Sequence[Reason]) -> list[str]:
        """The queues of the categories that a person should look at."""
        categories = self._policy.document.categories
        return [
            categories[reason.category].queue
            for reason in reasons
            if reason.category is not None and reason.action.severity >= Action.REVIEW.severity
        ]


def _lists_of(rule: Rule) -> tuple[str, ...]:
    return tuple(
        sorted(
            fact.removeprefix(_LIST_FACT)
            for fact in rule.condition.facts
            if fact.startswith(_LIST_FACT)
        )
    )


def _check_scores(case: Case) -> None:
    for category, score in case.scores.items():
        if not 0.0 <= score <= 1.0:  # nor NaN, which compares to nothing
            raise ValueError(
                f"the score of {category} for post {case.post.post_id} is {score!r}; expected a "
                "probability from 0 to 1"
            )
