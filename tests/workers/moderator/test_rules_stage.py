"""The rules stage tells the policy what banks, reviewers and recent texts know of a post."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from moderation.scoring import PostScores
from rules import HitRateAlarm, HumanDecision
from rules.banks import BankKind, BankQuery, PictureHash
from rules.engine.hit_rates import WINDOW_POSTS
from schemas import Action, Media, Post, Verdict, VerdictStatus, content_hash
from tests.rules.making import policy
from tests.workers.moderator.banking import TEXT, make_bank
from tests.workers.moderator.making import NOON, make_post, make_record
from workers.moderator.banks import WorkerBanks
from workers.moderator.fingerprints import Fingerprinter, Fingerprints
from workers.moderator.judge import AUDIT_OFF
from workers.moderator.near_duplicates import NearDuplicates
from workers.moderator.records import Arrival
from workers.moderator.rulebook import Rulebook, edition_of
from workers.moderator.rules_stage import RulesStage, unknown

SCORES = {"hate": 0.01, "spam": 0.01, "self_harm": 0.01}
FLOOD = {
    "id": "flood",
    "when": "text.near_duplicates >= 2",
    "then": {"action": "limit"},
    "on_error": "review",
}


def fingerprinter(*kinds: BankKind) -> Fingerprinter:
    return Fingerprinter(lambda: frozenset(kinds))


@asynccontextmanager
async def stage(
    folder: Path, rules: Sequence[dict[str, Any]] = (), **known: Any
) -> AsyncIterator[RulesStage]:
    edition = edition_of(policy(folder, rules=rules), model="constant@1")
    with ThreadPoolExecutor(1) as thread:
        yield RulesStage(
            Rulebook(edition), unknown, audit=AUDIT_OFF, thread=thread, clock=lambda: NOON, **known
        )


async def verdict_on(post: Post, prints: Fingerprints, by: RulesStage) -> Verdict:
    arrival = Arrival(make_record(post.to_bytes()), post)
    scores = PostScores(post.post_id, dict(SCORES))
    (judgement,) = await by.judge([arrival], [scores], [prints], {})
    return judgement.verdict


async def test_like_texts_are_counted_for_a_policy_that_asks(tmp_path: Path) -> None:
    near = NearDuplicates(16, 3600, fingerprinter(BankKind.NEAR_TEXT))
    async with stage(tmp_path, [FLOOD], near=near) as it:
        actions = []
        for number in range(3):
            post = make_post(f"post-{number}", text=TEXT + "!" * number)
            prints = Fingerprints(BankQuery(post.post_id))
            actions.append((await verdict_on(post, prints, it)).action)
    assert actions == [Action.ALLOW, Action.ALLOW, Action.LIMIT]


async def test_a_text_gets_keys_for_a_policy_that_asks_for_campaigns(tmp_path: Path) -> None:
    rule = FLOOD | {"id": "campaign", "when": "author.campaign_authors >= 9"}
    found = {}
    for name, rules in (("asks", [rule]), ("does_not", [])):
        folder = tmp_path / name
        folder.mkdir()
        async with stage(folder, rules) as it:
            for text in (TEXT, "short"):
                post = make_post(text=text)
                verdict = await verdict_on(post, Fingerprints(BankQuery(post.post_id)), it)
                found[name, text] = len(verdict.text_keys)
    assert found == {
        ("asks", TEXT): 3,
        ("asks", "short"): 0,
        ("does_not", TEXT): 0,
        ("does_not", "short"): 0,
    }


async def test_a_post_without_a_text_is_like_no_other(tmp_path: Path) -> None:
    near = NearDuplicates(16, 3600, fingerprinter())
    async with stage(tmp_path, [FLOOD], near=near) as it:
        post = make_post(text=None, images=(Media(key="a.jpg"),))
        verdict = await verdict_on(post, Fingerprints(BankQuery()), it)
    assert (verdict.action, verdict.rule_hits) == (Action.ALLOW, ())


async def test_where_nobody_counts_the_rule_follows_its_fail_setting(tmp_path: Path) -> None:
    async with stage(tmp_path, [FLOOD]) as it:
        verdict = await verdict_on(make_post(), Fingerprints(BankQuery()), it)
    assert verdict.action is Action.REVIEW
    assert verdict.rule_hits[0].errored


async def test_a_post_that_could_not_be_looked_up_is_degraded_and_never_simply_allowed(
    tmp_path: Path,
) -> None:
    make_bank(tmp_path / "banks" / "files", "image", {})
    banks = WorkerBanks(tmp_path / "banks", CollectorRegistry())
    broken = Fingerprints(BankQuery(images=[PictureHash(sha256="no digest")]))
    async with stage(tmp_path, banks=banks) as it:
        post = make_post(images=(Media(key="a.jpg"),))
        verdict = await verdict_on(post, broken, it)
    assert (verdict.status, verdict.action) == (VerdictStatus.DEGRADED, Action.REVIEW)
    assert verdict.not_scanned[0].detail == "the banks could not be asked: BankError"


@pytest.mark.parametrize(
    ("text", "expected"), [("A walk by the river.", Action.REMOVE), ("A talk.", Action.ALLOW)]
)
async def test_a_reviewer_is_followed_while_the_content_is_what_they_saw(
    tmp_path: Path, text: str, expected: Action
) -> None:
    human = HumanDecision(Action.REMOVE, 1, NOON, content_hash(make_post()))
    async with stage(tmp_path, human=lambda post_ids, _now: dict.fromkeys(post_ids, human)) as it:
        verdict = await verdict_on(make_post(revision=2, text=text), Fingerprints(BankQuery()), it)
    assert verdict.action is expected


async def test_a_rule_that_fires_more_often_than_it_expects_raises_an_alarm(tmp_path: Path) -> None:
    told: list[HitRateAlarm] = []
    always = {"id": "always", "when": "true", "then": {"labels": ["x"]}, "expect": {"max": 0.1}}
    async with stage(tmp_path, [always], on_alarm=told.append) as it:
        for number in range(WINDOW_POSTS):
            assert not told
            await verdict_on(make_post(f"post-{number}"), Fingerprints(BankQuery()), it)
    assert [(alarm.rule, alarm.share) for alarm in told] == [("always", 1.0)]
