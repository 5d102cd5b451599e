"""What speaks against the next stage, by what the workers say of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from workers.fleet.reading import Said
from workers.rollout.figures import figures_of
from workers.rollout.guard import hindrances
from workers.rollout.limits import Limits


def worker(address: str = "http://one:9101", **changes: Any) -> Said:
    """What a worker says that has compared 2,000 posts, 20 of which would get another action."""
    figures: dict[str, Any] = {
        "version": "next@2",
        "compared": 2000,
        "failed": 0,
        "fallbacks": 0,
        "changed": 20,
        "refused": 0,
    } | changes
    actions = [
        ({"live": "allow", "candidate": "allow"}, figures["compared"] - figures["changed"]),
        ({"live": "allow", "candidate": "review"}, figures["changed"]),
    ]
    return Said(
        address,
        ready=True,
        remarks=["live@1 judges, without a candidate"] if figures["refused"] else [],
        samples={
            "moderation_compared_posts_total": [
                ({"outcome": outcome}, figures.get(outcome, 0))
                for outcome in ("compared", "failed", "dropped", "unsent")
            ],
            "moderation_candidate_info": (
                [({"version": figures["version"]}, 1)] if figures["version"] else []
            ),
            "moderation_rollout_refused": [({}, figures["refused"])],
            "moderation_candidate_fallbacks_total": [({}, figures["fallbacks"])],
            "moderation_candidate_actions_total": actions,
        },
    )


def against(*answers: Said) -> list[str]:
    return list(hindrances(figures_of(answers), Limits()))


def test_nothing_speaks_against_a_model_that_was_seen_enough_and_agrees() -> None:
    assert against(worker(), worker("http://two:9101")) == []


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([worker(compared=900, changed=0)], "only 900 posts are compared, of the 1,000"),
        ([worker(changed=120)], "6 % of the posts would get another action, more than 5 %"),
        ([worker(failed=2)], "a model failed on 2 posts"),
        ([worker(fallbacks=3)], "a model failed on 3 posts"),
        ([worker(refused=1)], "http://one:9101 cannot have the models that are asked for: live@1"),
        ([worker(), worker("http://two:9101", version="")], "have no candidate yet: http://two"),
        ([worker(), worker("http://two:9101", version="x@1")], "different candidates: next@2, x@1"),
        ([worker(), Said("http://two:9101", error="gone")], "http://two:9101 does not answer"),
        ([Said("http://ledger:9102", ready=True)], "no worker answers; name them"),
    ],
    ids=[
        "too few posts",
        "too many changes",
        "failures",
        "fallbacks",
        "refused",
        "one without",
        "different ones",
        "one is silent",
        "no worker",
    ],
)
def test_each_reason_is_told(answers: list[Said], why: str) -> None:
    (told,) = against(*answers)
    assert why in told


def test_posts_of_all_workers_count_together() -> None:
    figures = figures_of([worker(compared=600, changed=6), worker("http://two:9101", compared=600)])
    assert (figures.compared, figures.changed) == (1200, 26)
