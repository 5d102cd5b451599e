"""Like texts of other posts are counted while they are recent, and memory stays bounded."""

from __future__ import annotations

import pytest

from rules.banks import RecentTexts, TextHash, text_hash
from rules.banks.flood import PRUNE_EVERY, FloodGate
from rules.matchers import Folder

TEXT = "Join our channel today and double your coins within a week, guaranteed, ask me how!"
FOLDER = Folder()


def hashed(text: str) -> TextHash:
    return text_hash(text, FOLDER)


def test_other_posts_that_say_nearly_the_same_are_counted() -> None:
    recent = RecentTexts(16, window_s=60)
    counts = [
        recent.count(hashed(text), f"post-{number}", now=float(number))
        for number, text in enumerate(
            (TEXT, TEXT.upper(), "A walk by the river on a Sunday.", TEXT.replace("how", "now"))
        )
    ]
    assert counts == [0, 1, 0, 2]


def test_a_post_is_no_duplicate_of_its_own_revisions_and_counts_once_for_others() -> None:
    recent = RecentTexts(16, window_s=60)
    assert [recent.count(hashed(TEXT), "one", now=0.0) for _ in range(3)] == [0, 0, 0]
    assert recent.count(hashed(TEXT), "two", now=1.0) == 1


def test_short_texts_are_like_when_they_fold_to_the_same() -> None:
    recent = RecentTexts(16, window_s=60)
    assert hashed("Hi there").near is None
    assert recent.count(hashed("Hi there"), "one", now=0.0) == 0
    assert recent.count(hashed("hi  THERE"), "two", now=0.0) == 1
    assert recent.count(hashed("Hi you"), "three", now=0.0) == 0


def test_texts_beyond_the_window_or_the_capacity_count_no_more() -> None:
    recent = RecentTexts(2, window_s=60)
    recent.count(hashed(TEXT), "one", now=0.0)
    assert recent.count(hashed(TEXT), "two", now=60.0) == 0
    assert recent.count(hashed(TEXT), "three", now=61.0) == 1
    for number in range(2):
        recent.count(hashed(f"Other words {number}"), f"other-{number}", now=61.0)
    assert recent.count(hashed(TEXT), "four", now=61.0) == 0


def test_a_text_of_which_no_fingerprint_was_taken_is_refused() -> None:
    with pytest.raises(ValueError, match="without fingerprints"):
        RecentTexts(2, window_s=60).count(TextHash(), "one", now=0.0)


def test_the_gate_forgets_entries_whose_matches_have_left_the_window() -> None:
    gate = FloodGate()
    for number in range(PRUNE_EVERY):
        gate.holds("bank", str(number), limit=9, window_s=60, now=float(number))
    assert len(gate) <= 62
