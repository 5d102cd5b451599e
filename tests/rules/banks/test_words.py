"""Reviewers and curators confirm and deny: entries are freed or silenced, banks are doubted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from rules.banks import (
    BankQuery,
    BankSet,
    BankSettings,
    Change,
    append,
    compact,
    create_bank,
    load_bank,
)
from schemas import Action

ONE, TWO = "ab" * 32, "cd" * 32


@pytest.fixture
def decisions() -> Iterator[str]:
    return (f"decision-{number}" for number in count())


def _bank(folder: Path, **settings: Any) -> Path:
    create_bank(folder / "files", BankSettings(kind="audio", action="remove", **settings))
    append(
        folder / "files",
        [Change(op="add", entry=entry, rows=[row]) for entry, row in (("a", ONE), ("b", TWO))],
    )
    return folder / "files"


def _said(bank: Path, words: str, decisions: Iterator[str], entry: str = "a") -> None:
    """A reviewer's word a letter, each with a decision of its own: c confirms, d denies."""
    ops = {"c": "confirm", "d": "deny"}
    append(
        bank,
        [
            Change(op=ops[letter], entry=entry, by="reviewer-1", decision=next(decisions))
            for letter in words
        ],
    )


def _found(bank: Path) -> list[tuple[str, Action]]:
    matches = BankSet(bank.parent).match(BankQuery(audio=[ONE]))
    return [(match.entry, match.action) for match in matches]


@pytest.mark.parametrize(
    ("words", "matches"),
    [("", True), ("c", True), ("d", False), ("ccd", True), ("cdd", False), ("cd", False)],
)
def test_an_entry_matches_no_more_where_more_words_deny_than_confirm_it(
    tmp_path: Path, decisions: Iterator[str], words: str, *, matches: bool
) -> None:
    bank = _bank(tmp_path)
    _said(bank, words, decisions)
    assert bool(_found(bank)) is matches
    assert load_bank(bank).size == 2 - (not matches)


def test_a_curators_word_stands_against_many_reviewers_until_somebody_speaks_again(
    tmp_path: Path, decisions: Iterator[str]
) -> None:
    bank = _bank(tmp_path)
    _said(bank, "ccccc", decisions)
    append(bank, [Change(op="deny", entry="a", by="curator")])
    assert _found(bank) == []
    _said(bank, "cc", decisions)
    assert _found(bank) == [("a", Action.REMOVE)]


def test_the_same_decision_counts_once_however_often_it_comes(tmp_path: Path) -> None:
    bank = _bank(tmp_path)
    word = Change(op="deny", entry="a", by="reviewer-1", decision="decision-1")
    assert append(bank, [word]) == [word]
    other = word.model_copy(update={"entry": "b"})
    assert append(bank, [word, other, other]) == [other]
    standing = load_bank(bank).standing
    assert (standing.confirms, standing.denies) == (0, 2)


def test_a_bank_whose_matches_are_denied_asks_for_review_at_most_until_they_are_right_again(
    tmp_path: Path, decisions: Iterator[str]
) -> None:
    bank = _bank(tmp_path, doubt_words=4, doubt_below=0.5)
    _said(bank, "ddd", decisions, entry="b")
    assert _found(bank) == [("a", Action.REMOVE)], "three words are too few"
    _said(bank, "d", decisions, entry="b")
    assert _found(bank) == [("a", Action.REVIEW)]
    loaded = load_bank(bank)
    assert loaded.doubted
    assert loaded.standing.confirmed_share == 0.0
    (match,) = BankSet(tmp_path).match(BankQuery(audio=[ONE]))
    assert (match.doubted, match.quarantined) == (True, False)
    _said(bank, "cc", decisions)
    assert _found(bank) == [("a", Action.REMOVE)]


def test_a_curator_can_trust_a_bank_again_after_mending_it(
    tmp_path: Path, decisions: Iterator[str]
) -> None:
    bank = _bank(tmp_path, doubt_words=2)
    _said(bank, "dd", decisions, entry="b")
    append(bank, [Change(op="trust", by="curator")])
    assert not load_bank(bank).doubted
    assert load_bank(bank).standing.denies == 2


def test_a_bank_that_must_never_be_doubted_is_not(tmp_path: Path, decisions: Iterator[str]) -> None:
    bank = _bank(tmp_path, doubt_words=1, doubt_below=None)
    _said(bank, "d", decisions, entry="b")
    assert _found(bank) == [("a", Action.REMOVE)]


def test_compacting_keeps_what_was_said_and_denied_entries_can_come_back(
    tmp_path: Path, decisions: Iterator[str]
) -> None:
    bank = _bank(tmp_path)
    _said(bank, "d", decisions)
    compact(bank)
    assert _found(bank) == []
    append(bank, [Change(op="add", entry="a", rows=[ONE])])
    assert _found(bank) == [], "its feed listed it again"
    append(bank, [Change(op="confirm", entry="a", by="curator")])
    assert _found(bank) == [("a", Action.REMOVE)]
