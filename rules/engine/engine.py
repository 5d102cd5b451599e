"""The engine: a case in, a decision out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field

from rules.decision import Case, Decision
from rules.engine import marks, reasons, triage
from rules.engine.brakes import Brakes
from rules.engine.conditions import Outcome
from rules.engine.contexts import Context, ContextTable
from rules.engine.fact import FactView
from rules.engine.human import standing_decision
from rules.engine.mix import action_of_scores, mix
from rules.engine.policy import Policy
from rules.engine.quotas import QuotaLedger, TokenBuckets, Unlimited, quotas_of
from rules.engine.running_rule import QUOTA, Failed, Fired, RunningRule
from rules.engine.text_facts import media_lists
from schemas import (
    Action,
    Modality,
    Reason,
    RuleHit,
    RuleTrace,
    Trace,
    VerdictStatus,
    harshest,
)


class PolicyEngine:
    """Decides by one policy; threads may share it.

    Between posts it remembers nothing but the quotas that are used up.

    Args:
        policy: what decides.
        quotas: counts what rules do; when left out, token buckets of this process.
    """

    def __init__(self, policy: Policy, quotas: QuotaLedger | None = None) -> None:
        document = policy.document
        running = [rule for rule in policy.rules if rule.settings.mode != "off"]
        self._policy = policy
        self._rules = tuple(
            RunningRule.of(rule, exempt=rule.settings.id in document.brakes.exempt)
            for rule in running
        )
        self._conditions = policy.compiler.bundle([rule.condition for rule in running])
        self._media_lists = media_lists(self._conditions.facts)
        self._contexts = ContextTable(document)
        self._severities = {name: one.severity for name, one in document.categories.items()}
        self._brakes = Brakes(document.brakes, quotas or TokenBuckets(quotas_of(document)))

    @property
    def version(self) -> str:
        """The policy's version, ``name@sha256:…``."""
        return self._policy.version

    @property
    def facts(self) -> frozenset[str]:
        """Those that its running conditions may need; a few too many do no harm."""
        return self._conditions.facts

    def without_quotas(self) -> PolicyEngine:
        """An engine that says what would be: no quota stops it, and it uses none up.

        It shares what is compiled with this one.
        """
        free = copy(self)
        free._brakes = Brakes(self._policy.document.brakes, Unlimited())  # noqa: SLF001 - of an engine of our own class, just made
        return free

    def warm(self, case: Case) -> None:
        """Evaluate every condition once and forget what it says: no quota is touched.

        CEL plans a program when it is first evaluated: of 1,000 rules, that makes the first
        decision 15 ms longer (``bench/reload.py``).
        """
        self._conditions.warm(FactView(case, self._policy.scanner))

    def decide(self, case: Case) -> Decision:
        """What is to happen to the post, and why.

        Raises:
            ValueError: a score is no probability.
        """
        _check_scores(case)
        document = self._policy.document
        view = FactView(case, self._policy.scanner)
        context = self._contexts.at(case.post.surface, case.post.region)
        spoken = self._spoken(self._conditions.evaluate(view), case.post.post_id)
        others = [
            *reasons.error_reasons(spoken.failed),
            *reasons.unscanned_reasons(case, document.not_scanned),
            *reasons.bank_reasons(case, document.banks),
        ]
        human = standing_decision(case)
        model_action = action_of_scores(case.scores, context.thresholds)
        mixture = self._mix(
            case, spoken.fired, context, others, brakes=human is None, model_action=model_action
        )
        effects = [one.effects for one in mixture.fired]
        told = [*reasons.rule_reasons(mixture.fired, view), *others]
        if mixture.fired or model_action is not Action.ALLOW:  # else no score asks for anything
            told += reasons.model_reasons(case, mixture.scores, context.thresholds)
        escalations = [one.escalate for one in effects if one.escalate is not None]
        queue, due_in = triage.most_urgent(
            [one.queue for one in escalations] + self._queues_of(told), document.queues
        )
        unscanned = document.not_scanned.severity if case.not_scanned or spoken.failed else 0.0
        action = mixture.action if human is None else human.action
        first = [] if human is None else [reasons.human_reason(human)]
        if mixture.brake is not None:
            first.append(reasons.brake_reason(mixture.brake))
        return Decision(
            action=action,
            model_action=model_action,
            scores=mixture.scores,
            status=VerdictStatus.DEGRADED if case.not_scanned else VerdictStatus.COMPLETE,
            reasons=(*first, *reasons.strongest_first(told)),
            labels=marks.labels(effects) if effects else (),
            rule_hits=spoken.hits,
            # What a person has decided no one needs to look at again, unless they asked for it.
            escalate=action is Action.REVIEW or (human is None and bool(escalations)),
            queue=queue,
            priority=triage.priority(
                triage.severity(mixture.scores, self._severities, unscanned),
                case.post.reach,
                (one.priority for one in escalations),
            ),
            due_in=due_in,
            trace=Trace(
                model_scores=dict(case.scores),
                mismatch=dict(case.mismatch),
                author=case.author,
                bank_matches={
                    bank: tuple(match.find() for match in matches)
                    for bank, matches in case.bank_matches.items()
                },
                near_duplicates=case.near_duplicates,
                found_matches=self._found_matches(view),
                contexts=context.names,
                rules=_traces(mixture.fired, spoken.shadow),
                held_back=mixture.brake,
            ),
            label_expiry=marks.label_expiry(effects) if effects else {},
            age_gate=marks.age_gate(effects),
            geo_limit=marks.geo_limit(effects) if effects else (),
        )

    def _found_matches(self, view: FactView) -> dict[Modality, dict[str, int]]:
        """What may be kept of words in pictures and sounds."""
        if not (view.case.found_texts or view.case.found_matches):
            return {}
        return {
            modality: {
                name: count
                for name in names
                if (count := view.found_count(modality, name)) is not None
            }
            for modality, names in self._media_lists.items()
            if view.was_read(modality)
        }

    def _mix(
        self,
        case: Case,
        fired: Sequence[Fired],
        context: Context,
        others: Sequence[Reason],
        *,
        brakes: bool,
        model_action: Action,
    ) -> _Mixture:
        """Scores and action, after the brakes if they apply; a person's decision needs none."""
        asked = [reason.action for reason in others]
        if fired:
            effects = [one.effects for one in fired]
            scores, action = mix(case.scores, effects, context.thresholds, asked)
        else:  # as on most posts: nothing moves the scores
            scores, action = dict(case.scores), harshest(model_action, *asked)
        if not brakes:
            return _Mixture(fired, scores, action)
        held = self._brakes.hold_rules(fired, action, case.now)
        if any(one.held for one in held):
            scores, action = mix(
                case.scores, [one.effects for one in held], context.thresholds, asked
            )
        if action is not Action.REMOVE:
            return _Mixture(held, scores, action)
        brake = self._brakes.hold_removal(held, context.thresholds, case.now)
        return _Mixture(held, scores, action if brake is None else Action.REVIEW, brake)

    def _spoken(self, outcomes: Iterable[tuple[int, Outcome]], post_id: str) -> _Spoken:
        """Sort the rules that have something to say, given by their places."""
        spoken = _Spoken()
        hits: list[RuleHit] = []
        for place, outcome in outcomes:
            rule = self._rules[place]
            mode = rule.mode_on(post_id)
            if outcome.error is not None:
                hits.append(RuleHit(rule=rule.id, mode=mode, errored=True))
                if mode == "live":
                    spoken.failed.append(Failed(rule, outcome.error))
                continue
            hits.append(rule.hits[mode])
            if mode == "live":
                spoken.fired.append(Fired(rule))
            else:
                spoken.shadow.append(rule.traces["shadow"])
        spoken.hits = tuple(sorted(hits, key=lambda hit: hit.rule))
        return spoken

    def _queues_of(self, told: Iterable[Reason]) -> list[str]:
        """The queues of the categories that a person should look at."""
        categories = self._policy.document.categories
        return [
            categories[reason.category].queue
            for reason in told
            if reason.category is not None and reason.action.severity >= Action.REVIEW.severity
        ]


@dataclass(slots=True)
class _Spoken:
    """The rules that have something to say about a post."""

    fired: list[Fired] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    shadow: list[RuleTrace] = field(default_factory=list)
    hits: tuple[RuleHit, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mixture:
    """What the rules come to, after the brakes."""

    fired: Sequence[Fired]
    scores: dict[str, float]
    action: Action
    brake: str | None = None


def _traces(fired: Iterable[Fired], shadow: Iterable[RuleTrace]) -> tuple[RuleTrace, ...]:
    live = (one.rule.traces[QUOTA if one.held else "live"] for one in fired)
    return tuple(sorted((*live, *shadow), key=lambda one: one.rule))


def _check_scores(case: Case) -> None:
    for category, score in case.scores.items():
        if not 0.0 <= score <= 1.0:  # nor NaN, which compares to nothing
            raise ValueError(
                f"the score of {category} for post {case.post.post_id} is {score!r}; expected a "
                "probability from 0 to 1"
            )
