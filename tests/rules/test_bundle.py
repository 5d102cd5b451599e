"""A policy travels in one piece: what was tested is what is sent, and what arrives is tested."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rules import (
    DEFAULT_POLICY_PATH,
    PolicyError,
    find_policy,
    load_bundle,
    load_policy,
    policy_files,
    read_bundle,
)
from schemas import PolicyBundle, PolicyFile, bundle_hash

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

POLICY = """\
policy: small
categories: {spam: {review: 0.5}}
queues: {default: {due: 1h}}
lists: {words: {phrases: lists/words.txt}}
rules:
  - {id: listed, when: text.matches.words > 0, then: {action: review}}
"""
CASES = """\
cases:
  - name: listed
    post: {text: a zebra}
    expect: {action: review, rules: [listed]}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "words.txt").write_bytes("\ufeff斑马\r\nzebra\r\n".encode())
    (tmp_path / "small.cases.yaml").write_text(CASES, encoding="utf-8")
    path = tmp_path / "small.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return path


def repacked(bundle: PolicyBundle, *lists: PolicyFile, **changes: str) -> PolicyBundle:
    """The bundle with other lists, hashed anew."""
    files = (bundle.policy, bundle.cases, *lists)
    update = {"lists": lists, "content_hash": bundle_hash(files), **changes}
    return bundle.model_copy(update=update)


def test_bundle_arrives_as_the_policy_that_was_read(path: Path) -> None:
    bundle = PolicyBundle.from_bytes(read_bundle(path, NOW).to_bytes())
    assert bundle.name == "small"
    assert [file.path for file in bundle.lists] == ["lists/words.txt"]
    loaded = load_bundle(bundle)
    assert loaded.version == bundle.version == load_policy(path).version
    assert loaded.list_sizes == {"words": 2}


def test_shipped_policy_travels() -> None:
    bundle = read_bundle(DEFAULT_POLICY_PATH, NOW)
    assert load_bundle(bundle).version == load_policy(DEFAULT_POLICY_PATH).version


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("small.yaml", "matches", "machtes", "small.yaml:6:24: error: unknown fact"),
        ("small.yaml", "lists/words", "words", "there is no file 'words.txt'"),
        ("small.yaml", "lists/words", "../words", "is outside the policy's folder"),
        ("small.cases.yaml", "a zebra", "a horse", "expected action review"),
        ("small.cases.yaml", "expect", "expects", "unknown key 'expects'"),
        ("lists/words.txt", "zebra", "斑马", "stands twice"),
    ],
)
def test_policy_that_fails_is_not_packed_and_its_own_paths_are_told(
    path: Path, file: str, old: str, new: str, told: str
) -> None:
    (path.parent.parent / "words.txt").write_text("zebra\n", encoding="utf-8")
    broken = path.parent / file
    text = broken.read_bytes().decode()
    assert old in text
    broken.write_bytes(text.replace(old, new).encode())
    with pytest.raises(PolicyError) as refused:
        read_bundle(path, NOW)
    assert told in str(refused.value)
    assert str(refused.value).startswith(str(path.parent))


@pytest.mark.parametrize("cases", [None, "cases: []"], ids=["no file", "an empty file"])
def test_policy_without_cases_is_not_packed(path: Path, cases: str | None) -> None:
    beside = path.with_suffix(".cases.yaml")
    beside.unlink()
    if cases is not None:
        beside.write_text(cases, encoding="utf-8")
    with pytest.raises(PolicyError, match="has no cases"):
        read_bundle(path, NOW)


def test_bundle_that_is_not_what_it_says_is_refused(path: Path) -> None:
    bundle = read_bundle(path, NOW)
    other = repacked(bundle, PolicyFile(path="lists/words.txt", text="zebra\nokapi\n"))
    with pytest.raises(PolicyError, match=r"is small@sha256:.*, but was published as small@"):
        load_bundle(other)


@pytest.mark.parametrize("where", ["../words.txt", "lists/../../words.txt"])
def test_bundle_writes_nothing_outside_of_its_folder(path: Path, where: str) -> None:
    bundle = read_bundle(path, NOW)
    with pytest.raises(PolicyError, match="is outside the policy's folder"):
        load_bundle(repacked(bundle, PolicyFile(path=where, text="zebra\n")))


def test_bundle_that_fails_its_cases_is_refused(path: Path) -> None:
    bundle = read_bundle(path, NOW)
    without = repacked(bundle, PolicyFile(path="lists/words.txt", text="horse\n"))
    with pytest.raises(PolicyError, match=r"^small.cases.yaml:\d+:\d+: error: listed: expected"):
        load_bundle(without)


def test_files_of_a_policy_are_named_even_when_they_are_missing(path: Path) -> None:
    (path.parent / "lists" / "words.txt").unlink()
    names = [file.relative_to(path.parent).as_posix() for file in policy_files(path)]
    assert names == ["small.yaml", "small.cases.yaml", "lists/words.txt"]


@pytest.mark.parametrize("text", ["policy: [", "lists: [1]", "lists: {words: 3}", "- 1"])
def test_files_of_a_broken_policy_are_itself_and_its_cases(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    assert policy_files(path) == (path, path.with_suffix(".cases.yaml"))


def test_folder_with_one_policy_means_that_policy(path: Path) -> None:
    assert find_policy(path.parent) == path
    assert find_policy(path) == path


@pytest.mark.parametrize(("others", "told"), [((), "none"), (("a.yaml", "b.yaml"), "a.yaml, b")])
def test_folder_with_none_or_several_is_told(
    tmp_path: Path, others: tuple[str, ...], told: str
) -> None:
    for name in others:
        (tmp_path / name).write_text(POLICY, encoding="utf-8")
    with pytest.raises(PolicyError, match=told):
        find_policy(tmp_path)
