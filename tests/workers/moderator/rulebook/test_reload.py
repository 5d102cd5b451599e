"""A policy that stands its test judges from one post to the next; any other changes nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

from rules import load_policy, load_tested
from tests.workers.moderator.making import NOON
from tests.workers.moderator.rulebook.making import (
    MODEL,
    policy_text,
    shop,
    write_policy,
)
from workers.moderator.rulebook import edition_of
from workers.moderator.rulebook.opened import load_at


async def test_policy_that_passes_its_cases_judges_from_then_on(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        before = it.version
        write_policy(tmp_path, "new")
        assert await it.reloader.offer(partial(load_at, path), source="here")
        assert it.version == load_policy(path).version != before
        assert it.value("moderation_policy_info", version=it.version) == 1
        assert it.value("moderation_policy_info", version=before) is None
        assert it.value("moderation_policy_activated_timestamp_seconds") == NOON.timestamp()
        assert it.value("moderation_policy_refused") == 0
        assert it.reloads() == {"activated": 1}
        assert it.status.remarks() == []


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("small.yaml", "policy: [", "is not YAML"),
        ("small.yaml", policy_text("new").replace("text.matches", "text.machtes"), "unknown fact"),
        ("small.yaml", policy_text("new"), "expected rules [all_old], the policy says [all_new]"),
        ("small.cases.yaml", "cases: [{}]", "is missing"),
        ("words.txt", "zebra\nzebra\n", "stands twice"),
    ],
    ids=["no YAML", "a mistake", "a failing case", "broken cases", "a broken list"],
)
async def test_policy_that_fails_leaves_the_old_one_and_all_are_told(
    tmp_path: Path, file: str, content: str, told: str
) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        before = it.version
        (tmp_path / file).write_text(content, encoding="utf-8")
        assert not await it.reloader.offer(partial(load_at, path), source="here")
        assert it.version == before
        assert it.value("moderation_policy_info", version=before) == 1
        assert it.value("moderation_policy_refused") == 1
        assert it.reloads() == {"refused": 1}
        (remark,) = it.status.remarks()
        assert remark.startswith(f"the policy {before} stays in force: here was refused at 2026-")
        assert told in remark
        assert it.status.not_ready() == [
            reason for reason in it.status.not_ready() if "policy" not in reason
        ]


async def test_loader_that_breaks_leaves_the_old_one(tmp_path: Path) -> None:
    def load() -> NoReturn:
        raise RecursionError

    with shop(write_policy(tmp_path)) as it:
        before = it.version
        assert not await it.reloader.offer(load, source="here")
        assert it.version == before
        assert "the loader failed: RecursionError" in it.status.remarks()[0]


async def test_good_offer_after_a_refused_one_settles_it_even_when_it_changes_nothing(
    tmp_path: Path,
) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        path.write_text("policy: [", encoding="utf-8")
        await it.reloader.offer(partial(load_at, path), source="here")
        write_policy(tmp_path)
        assert await it.reloader.offer(partial(load_at, path), source="here")
        assert it.reloads() == {"refused": 1, "unchanged": 1}
        assert it.value("moderation_policy_refused") == 0
        assert it.status.remarks() == []


async def test_edition_carries_the_versions_of_model_and_policy(tmp_path: Path) -> None:
    policy, cases = load_tested(write_policy(tmp_path))
    versions = edition_of(policy, model=MODEL).versions
    assert (versions.model, versions.policy, cases) == (MODEL, policy.version, 1)
