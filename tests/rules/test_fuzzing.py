"""Random policies over random posts: no crash, and nothing that passes in silence.

``FUZZ_EXAMPLES=100000 pytest tests/rules/test_fuzzing.py`` runs the long course
(``make fuzz-rules``).
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import BankMatch, Case, Decision, HumanDecision, Policy, PolicyEngine, PolicyError
from schemas import Action, BankPart, FoundText, Modality, NotScanned, NotScannedReason, harshest
from tests.rules.making import CATEGORIES, NOW, case, policy, rule

fuzz = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "40")),
    deadline=None,
    # Each example writes its own policy, so a shared folder is fine; nor is a busy machine a fault.
    suppress_health_check=list(HealthCheck),
)

probabilities = st.floats(0.0, 1.0)
categories = st.sampled_from(sorted(CATEGORIES))
numbers = st.sampled_from(
    [
        "post.reach",
        "author.posts",
        "text.length",
        "text.links",
        "images.count",
        "now.hour",
        "0",
        "3",
    ]
)
doubles = st.sampled_from(
    ["scores.spam", "scores.hate", "highest_score", "mismatch.text_image", "text.uppercase", "0.5"]
)
booleans = st.sampled_from(
    [
        "author.known",
        "images.bank.known",
        "post.audience.minors",
        "now.inHours(22, 6)",
        "now.inHours(22, 6, post.id)",
        "text.domains.under(['example.com'])",
        "text.domains[3] == 'a.com'",
        "images.bank_distances.known.within(10) > 0",
        "text.urls.exists(u, u.contains('x'))",
        "images.text.contains('free')",
        "'9223372036854775808'.matches('[0-9]+')",
        "int(post.id) > 3",
    ]
)


def _comparisons(of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["<", "<=", "==", "!=", ">"])
    return st.tuples(of, signs, of).map(" ".join)


def _arithmetic(of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["+", "-", "*", "/", "%"])
    return st.tuples(of, signs, of).map(lambda parts: f"({' '.join(parts)})")


conditions = st.recursive(
    st.one_of(
        booleans,
        _comparisons(st.one_of(numbers, _arithmetic(numbers))),
        _comparisons(doubles),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda p: f"({' '.join(p)})"),
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
    ),
    max_leaves=6,
)
quotas = st.fixed_dictionaries(
    {"posts": st.integers(1, 3), "per": st.sampled_from(["1s", "1h"])},
    optional={"outcome": st.sampled_from(["limit", "review", "remove"])},
)
effects = st.fixed_dictionaries(
    {"labels": st.just(["seen"])},
    optional={
        "shift": st.dictionaries(categories, st.floats(-12.0, 12.0), min_size=1),
        "floor": st.dictionaries(categories, probabilities, min_size=1),
        "ceiling": st.dictionaries(categories, probabilities, min_size=1),
        "action": st.sampled_from(["limit", "review", "remove"]),
        "escalate": st.fixed_dictionaries({"queue": st.sampled_from(["urgent", "wellbeing"])}),
        "require_review": st.booleans(),
        "age_gate": st.integers(1, 99),
        "geo_limit": st.lists(st.sampled_from(["DE", "FR"]), min_size=1),
    },
)
rule_settings = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["live", "live", "shadow", "off"]),
        "on_error": st.sampled_from(["allow", "limit", "review", "remove"]),
    },
    optional={"rollout": st.floats(0.0, 100.0), "quota": quotas},
)
thresholds = st.lists(st.floats(0.001, 1.0), min_size=3, max_size=3).map(
    lambda three: dict(zip(("limit", "review", "remove"), sorted(three), strict=True))
)
contexts = st.fixed_dictionaries(
    {"categories": st.dictionaries(categories, thresholds, min_size=1)},
    optional={
        "surfaces": st.just(["school"]),
        "regions": st.lists(st.sampled_from(["DE", "FR"]), min_size=1, unique=True),
    },
).map(lambda one: {"audiences": ["minors"], **one})
policies = st.fixed_dictionaries(
    {
        "rules": st.lists(st.tuples(conditions, effects, rule_settings), max_size=8),
        "contexts": st.lists(contexts, max_size=2),
        "not_scanned": st.sampled_from(["limit", "review", "remove"]),
        "removals": st.sampled_from(["on", "off"]),
        "removal_quota": st.none() | st.fixed_dictionaries({"posts": st.integers(1, 2)}),
        "exempt": st.sets(st.integers(0, 7), max_size=2),
    }
)
scores = st.dictionaries(categories, probabilities)
cases = st.builds(
    lambda base, given_scores, changes: replace(base, scores=given_scores, **changes),
    st.builds(
        case,
        text=st.text(min_size=1, max_size=40).filter(lambda text: "\0" not in text),
        reach=st.integers(0, 10**9),
        revision=st.integers(1, 3),
        images=st.integers(0, 2),
        surface=st.sampled_from(["feed", "school"]),
        region=st.sampled_from([None, "DE"]),
        post_id=st.sampled_from(["p-1", "7"]),
        author=st.none() | st.fixed_dictionaries({"posts": st.integers(0, 9)}),
    ),
    scores,
    st.fixed_dictionaries(
        {},
        optional={
            "not_scanned": st.lists(
                st.builds(
                    NotScanned,
                    modality=st.sampled_from(list(Modality)),
                    reason=st.sampled_from(list(NotScannedReason)),
                ),
                max_size=2,
            ),
            "mismatch": st.dictionaries(st.just("text_image"), probabilities),
            "found_texts": st.lists(
                st.builds(
                    FoundText,
                    modality=st.sampled_from([Modality.IMAGE, Modality.AUDIO]),
                    text=st.sampled_from(["", "free coins"]),
                ),
                max_size=2,
            ),
            "bank_matches": st.dictionaries(
                st.just("known"),
                st.lists(
                    st.builds(
                        BankMatch,
                        bank=st.just("known"),
                        modality=st.just(BankPart.IMAGE),
                        index=st.just(0),
                        distance=st.integers(0, 31),
                        action=st.sampled_from(list(Action)),
                    ),
                    max_size=3,
                ),
            ),
            "human": st.none()
            | st.builds(
                HumanDecision,
                action=st.sampled_from(list(Action)),
                revision=st.integers(1, 3),
                decided_at=st.just(NOW),
            ),
        },
    ),
)


@fuzz
@given(drawn=policies, asked=st.lists(cases, min_size=1, max_size=4))
def test_no_rule_fires_or_errs_in_silence(
    tmp_path: Path, drawn: dict[str, Any], asked: list[Case]
) -> None:
    judge = _engine(tmp_path, drawn)
    for one in asked:
        decision = judge.decide(one)
        assert decision.trace.model_scores == one.scores
        _check_what_fired(decision)
        _check_what_failed(decision, drawn)
        if _decided_by_a_person(one):
            assert one.human is not None
            assert decision.action is one.human.action
        else:
            _check_the_machines_action(decision, drawn, one)


@fuzz
@given(text=st.text(max_size=60))
def test_any_text_is_a_condition_or_a_policy_error(tmp_path: Path, text: str) -> None:
    loaded = _load(tmp_path, text)
    if isinstance(loaded, PolicyError):
        assert loaded.diagnostics
        assert str(loaded)
    else:
        PolicyEngine(loaded).decide(case())


def _check_what_fired(decision: Decision) -> None:
    """Every rule that fired is told in the trace, and left its label."""
    fired = {(hit.rule, hit.mode) for hit in decision.rule_hits if not hit.errored}
    assert {(one.rule, one.mode) for one in decision.trace.rules} == fired
    assert (decision.labels == ("seen",)) is any(mode == "live" for _, mode in fired)


def _check_what_failed(decision: Decision, drawn: dict[str, Any]) -> None:
    """Every live rule that failed is told with its fail setting."""
    told = {r.rule: r.action for r in decision.reasons if "not be evaluated" in (r.detail or "")}
    assert told == {
        rule: Action(drawn["rules"][int(rule.removeprefix("r"))][2]["on_error"])
        for rule in _failed(decision)
    }


def _check_the_machines_action(decision: Decision, drawn: dict[str, Any], asked: Case) -> None:
    told = [reason.action for reason in decision.reasons if reason.rule in _failed(decision)]
    # A person may have to decide on what a machine would remove, and nothing milder than that.
    assert decision.action.severity >= min(harshest(*told).severity, Action.REVIEW.severity)
    if drawn["removals"] == "off" and not drawn["exempt"]:
        assert decision.action is not Action.REMOVE
    if asked.not_scanned:
        assert decision.action is not Action.ALLOW


def _failed(decision: Decision) -> set[str]:
    return {hit.rule for hit in decision.rule_hits if hit.errored and hit.mode == "live"}


def _load(folder: Path, condition: str) -> Policy | PolicyError:
    try:
        return policy(folder, rules=[rule("any", condition, labels=["seen"])])
    except PolicyError as error:
        return error


def _engine(folder: Path, drawn: dict[str, Any]) -> PolicyEngine:
    quota = drawn["removal_quota"]
    return PolicyEngine(
        policy(
            folder,
            rules=[
                {**rule(f"r{n}", w, **t), **own} for n, (w, t, own) in enumerate(drawn["rules"])
            ],
            banks={"known": {"modality": "image"}},
            audiences={"minors": {"surfaces": ["school"]}},
            contexts={f"c{n}": context for n, context in enumerate(drawn["contexts"])},
            not_scanned={"default": drawn["not_scanned"]},
            brakes={
                "removals": drawn["removals"],
                "exempt": [f"r{n}" for n in drawn["exempt"] if n < len(drawn["rules"])],
            }
            | ({"removal_quota": quota | {"per": "1h"}} if quota else {}),
        )
    )


def _decided_by_a_person(asked: Case) -> bool:
    return asked.human is not None and asked.human.revision == asked.post.revision
