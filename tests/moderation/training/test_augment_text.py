"""Texts as another author would have written them."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.training import disguises
from moderation.training.augment_text import attack, augment_text, reword
from moderation.training.recipe import TextChanges

CHANGES = TextChanges(attacked=0.25, reworded=0.25, word_share=0.1)
SENTENCE = "the quick brown fox jumps over that lazy dog and runs away again today"


@given(text=st.text(), seed=st.integers(0, 1000))
def test_any_text_survives(text: str, seed: int) -> None:
    changed = augment_text(text, random.Random(seed), CHANGES)
    assert bool(changed.strip()) or not text.strip()


def test_the_stated_shares_are_changed() -> None:
    draw = random.Random(1)
    kept = sum(augment_text(SENTENCE, draw, CHANGES) == SENTENCE for _ in range(2000))
    # A quarter is attacked; of the quarter that is reworded, 0.9 ** 14 = 23 % stay by chance.
    assert kept / 2000 == pytest.approx(0.5 + 0.25 * 0.9**14, abs=0.05)


def test_nothing_changes_when_nothing_is_asked_for() -> None:
    draw, nothing = random.Random(1), TextChanges(attacked=0, reworded=0, exchanged=0)
    sentence = f"{SENTENCE} with refugees"
    assert all(augment_text(sentence, draw, nothing) == sentence for _ in range(50))


def test_groups_are_exchanged_in_the_stated_share() -> None:
    draw, changes = random.Random(1), TextChanges(attacked=0, reworded=0, exchanged=0.3)
    sentence = "many refugees sing in our choir"
    changed = sum(augment_text(sentence, draw, changes) != sentence for _ in range(2000))
    assert changed / 2000 == pytest.approx(0.3, abs=0.04)


def test_rewording_touches_a_tenth_of_the_words() -> None:
    draw = random.Random(1)
    words = SENTENCE.split()
    kept = [len(set(words) & set(reword(SENTENCE, draw, 0.1).split())) for _ in range(500)]
    assert sum(kept) / (500 * len(words)) == pytest.approx(0.9, abs=0.03)


def test_a_very_short_text_is_not_reworded() -> None:
    assert reword("you idiot", random.Random(1), 1.0) == "you idiot"


@pytest.mark.parametrize("text", ["stupid", "你真的是个笨蛋", SENTENCE])
def test_an_attack_disguises_at_least_one_word(text: str) -> None:
    changed = [attack(text, random.Random(seed)) for seed in range(60)]
    assert sum(one != text for one in changed) > 50  # a swap of twins changes nothing


def test_short_words_and_signs_are_not_attacked() -> None:
    assert attack("a :) !? 12", random.Random(1)) == "a :) !? 12"


def test_each_disguise_looks_as_it_should() -> None:
    draw = random.Random(2)
    assert sorted(disguises.swap("weapon", draw)) == sorted("weapon")
    assert len(disguises.double("weapon", draw)) > 6
    assert len(disguises.leave_out("weapon", draw)) == 5
    assert set(disguises.censor("weapon", draw)) & set(disguises.CENSORED)
    assert len(disguises.space_out("weapon", draw)) > 6
    assert any(c.isdigit() or c in "@$!|+" for c in disguises.leetspeak("toasts", draw))
    assert any(ord(c) > 0x3FF for c in disguises.lookalikes("cocaine", draw))
    assert unicodedata.normalize("NFKC", disguises.full_width("weapon", draw)) == "weapon"


def test_a_word_without_lookalikes_is_spaced_out() -> None:
    assert len(disguises.leetspeak("坏人", random.Random(1))) == 3
