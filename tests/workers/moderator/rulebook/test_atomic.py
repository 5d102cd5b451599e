"""Policies are exchanged between posts: each verdict is of one of them, whole."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from moderation.scoring import PostScores
from rules import load_policy
from rules.banks import BankQuery
from tests.workers.moderator.making import NOON, make_post, make_record
from tests.workers.moderator.rulebook.making import shop, write_policy
from workers.moderator.fingerprints import Fingerprints
from workers.moderator.judge import AUDIT_OFF
from workers.moderator.records import Arrival
from workers.moderator.rulebook.opened import load_at
from workers.moderator.rules_stage import RulesStage, unknown


async def test_no_post_is_judged_by_a_mixture_while_policies_change(tmp_path: Path) -> None:
    labels = ("old", "new")
    for label in labels:
        (tmp_path / label).mkdir()
    paths = [write_policy(tmp_path / label, label) for label in labels]
    label_of = {load_policy(path).version: label for path, label in zip(paths, labels, strict=True)}
    arrivals = [
        Arrival(make_record(b"", offset), make_post(f"post-{offset}", text="a zebra"))
        for offset in range(50)
    ]
    scored = [PostScores(arrival.post.post_id, {"spam": 0.1}) for arrival in arrivals]
    prints = [Fingerprints(BankQuery())] * len(arrivals)
    with shop(paths[0]) as it, ThreadPoolExecutor(1) as thread:
        stage = RulesStage(
            it.rulebook,
            unknown,
            audit=AUDIT_OFF,
            thread=thread,
            clock=lambda: NOON,
        )
        stop = asyncio.Event()

        async def hammer() -> list[tuple[str, frozenset[str], frozenset[str]]]:
            seen = []
            while not stop.is_set():
                for judgement in await stage.judge(arrivals, scored, prints, {}):
                    verdict = judgement.verdict
                    rules = frozenset(hit.rule for hit in verdict.rule_hits)
                    seen.append((verdict.versions.policy, rules, frozenset(verdict.labels)))
            return seen

        hammering = asyncio.create_task(hammer())
        for turn in range(6):
            path = paths[(turn + 1) % 2]
            assert await it.reloader.offer(partial(load_at, path), source=str(turn))
        stop.set()
        seen = await hammering
    assert it.reloads() == {"activated": 6}
    assert {version for version, _, _ in seen} == set(label_of)
    for version, rules, marks in seen:
        label = label_of[version]
        assert rules == {f"all_{label}", f"word_{label}"}
        assert marks == {label, "listed"}
