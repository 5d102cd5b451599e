"""What a person changes on the disk is offered, whole and once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rules import PolicyError, load_policy
from tests.workers.moderator.rulebook.making import (
    Shop,
    cases_text,
    policy_text,
    shop,
    write_policy,
)
from workers.moderator.rulebook import FileWatch, open_policy


async def looked(it: Shop, looks: int, *changes: Callable[[], object]) -> FileWatch:
    """A watch that looked so often after each change."""
    watch = FileWatch(it.opened, it.reloader, every_seconds=60)
    for change in changes:
        change()
        for _ in range(looks):
            await watch.look()
    return watch


@pytest.mark.parametrize("folder", [False, True], ids=["a file", "a folder"])
async def test_change_is_taken_when_two_looks_see_the_same(tmp_path: Path, folder: bool) -> None:
    path = write_policy(tmp_path)
    with shop(tmp_path if folder else path) as it:
        watch = await looked(it, 1, lambda: write_policy(tmp_path, "new"))
        assert it.reloads() == {}
        await watch.look()
        assert it.reloads() == {"activated": 1}
        assert it.version == load_policy(path).version


async def test_list_beside_the_policy_is_watched(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        before = it.version
        await looked(it, 2, lambda: (tmp_path / "words.txt").write_text("okapi\n"))
        assert it.version == load_policy(path).version != before


async def test_files_that_were_only_touched_are_not_loaded(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        await looked(it, 3, lambda: os.utime(path, ns=(1, 1)))
        assert it.reloads() == {}


async def test_broken_file_is_refused_once_and_mended_by_the_next_change(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        before = it.version
        watch = await looked(it, 5, lambda: path.write_text("policy: ["))
        assert (it.version, it.reloads()) == (before, {"refused": 1})
        write_policy(tmp_path, "new")
        for _ in range(2):
            await watch.look()
        assert it.version == load_policy(path).version
        assert it.reloads() == {"refused": 1, "activated": 1}


async def test_list_that_comes_later_mends_a_policy_that_names_it(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        renamed = policy_text("old").replace("words.txt", "later.txt")
        watch = await looked(it, 2, lambda: path.write_text(renamed))
        assert "there is no file 'later.txt'" in it.status.remarks()[0]
        (tmp_path / "later.txt").write_text("okapi\n")
        for _ in range(2):
            await watch.look()
        assert it.version == load_policy(path).version
        assert it.status.remarks() == []


@pytest.mark.parametrize("folder", [False, True], ids=["a file", "a folder"])
async def test_policy_that_vanishes_goes_on_judging(tmp_path: Path, folder: bool) -> None:
    path = write_policy(tmp_path)
    with shop(tmp_path if folder else path) as it:
        before = it.version
        watch = await looked(it, 2, path.unlink)
        assert (it.version, it.reloads()) == (before, {"refused": 1})
        path.write_text(policy_text("old"))
        for _ in range(2):
            await watch.look()
        assert it.reloads() == {"refused": 1, "unchanged": 1}


async def test_second_policy_in_a_folder_is_refused_until_it_is_gone(tmp_path: Path) -> None:
    write_policy(tmp_path)
    with shop(tmp_path) as it:
        second = tmp_path / "other.yaml"
        watch = await looked(it, 2, lambda: second.write_text(policy_text("new")))
        assert "a folder holds one policy" in it.status.remarks()[0]
        second.unlink()
        for _ in range(2):
            await watch.look()
        assert it.status.remarks() == []


async def test_change_between_reading_and_watching_is_seen(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        write_policy(tmp_path, "new")
        await looked(it, 2, lambda: None)
        assert it.version == load_policy(path).version


async def test_cases_alone_are_run_again(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    with shop(path) as it:
        cases = tmp_path / "small.cases.yaml"
        await looked(it, 2, lambda: cases.write_text(cases_text("new")))
        assert it.reloads() == {"refused": 1}


def test_worker_does_not_begin_with_a_policy_that_fails_its_cases(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    (tmp_path / "small.cases.yaml").write_text(cases_text("new"))
    with pytest.raises(PolicyError, match=r"expected rules \[all_new\]"):
        open_policy(path)


def test_policy_without_cases_is_taken_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_policy(tmp_path)
    (tmp_path / "small.cases.yaml").unlink()
    assert open_policy(path).policy.version == load_policy(path).version
    assert "has no cases of its own" in caplog.text
