"""Phrases are found however they are dressed up, and shown where they stand."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rules.matchers import Folder, Lists, Match, TextScanner, fold_phrase
from rules.matchers.drawn_out import STRETCHED, Runs, squeeze
from rules.matchers.leet import has_leet, leet_readings

PHRASES = ("guaranteed profit", "free money", "buy followers", "加我微信", "日赚千元", "sell pills")

HOMOGLYPHS = {"a": "аα", "e": "еε", "o": "оο", "p": "рρ", "c": "с", "i": "іι", "y": "у", "m": "ｍ"}
LEET = {"a": "@4", "e": "3", "o": "0", "s": "$5", "t": "7", "i": "1"}
INVISIBLE = ("\u200b", "\u200d", "\u00ad", "\ufe0f", "\u0336")
SEPARATORS = (" ", "  ", "-", "_", ". ", " * ", "\n", "\u3000")

many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """A phrase, and the same phrase as someone who wants to slip through writes it."""
    phrase = draw(st.sampled_from(PHRASES))
    written = ""
    for place, char in enumerate(phrase):
        if char == " ":
            written += draw(st.sampled_from(SEPARATORS))
            continue
        trick = draw(st.sampled_from(["none", "none", "case", "alike", "leet", "wide", "drawn"]))
        shown = {
            "case": char.upper(),
            "alike": draw(st.sampled_from(HOMOGLYPHS.get(char, char))),
            "leet": draw(st.sampled_from(LEET.get(char, char))),
            "wide": chr(ord(char) + 0xFEE0) if char.isascii() else char,
            "drawn": char * draw(st.integers(3, 6)),
        }.get(trick, char)
        inner = place < len(phrase) - 1
        written += shown + (draw(st.sampled_from(("", *INVISIBLE))) if inner else "")
    return phrase, written


openings = st.sampled_from(["", "Hello, ", "你好，", "see: ", "🎉 ", "(", "xyz "])
endings = st.sampled_from(["", "!!!", " now", "。好", ")"])


@many
@given(pair=disguised(), before=openings, after=endings)
def test_a_disguised_phrase_is_found_where_it_stands(
    pair: tuple[str, str], before: str, after: str
) -> None:
    phrase, written = pair
    text = before + written + after
    found = _matches(text, phrases=PHRASES)
    assert (phrase, written) in [(match.entry, text[match.start : match.end]) for match in found]


any_text = st.text(max_size=80) | st.text("aB1 .,-ﬁ½é好\u0301\u200b💊", max_size=80)


@many
@given(any_text)
def test_each_character_is_folded_on_its_own(text: str) -> None:
    folder = Folder()
    one_by_one = "".join(folder.fold(char) for char in text)
    assert folder.fold(text).replace(" ", "") == one_by_one.replace(" ", "")
    assert "  " not in folder.fold(text)


@many
@given(any_text)
def test_a_folded_character_stands_where_it_came_from(text: str) -> None:
    folder = Folder()
    folded, origins = folder.fold(text), folder.origins(text)
    places = [place for place, char in enumerate(folded) if char != " "]
    spans = [origins.span(folded, place, place + 1) for place in places]
    assert spans == sorted(spans)
    for place, (start, end) in zip(places, spans, strict=True):
        assert end == start + 1
        assert folded[place] in folder.fold(text[start])


@many
@given(st.text(max_size=80))
def test_every_find_lies_in_the_text(text: str) -> None:
    for match in _matches(text, phrases=("a", "好", "b c", "💊")):
        assert 0 <= match.start < match.end <= len(text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("ass", "he passed the class"),  # inside longer words
        ("ass", "as you like"),  # a double letter is not a single one
        ("god", "a good day"),  # and a single one is not a double one
        ("free money", "money free"),
        ("free money", "carefree money"),
        ("bill", "1 2 3"),
        ("加微信", "加油，微信群"),
        ("कम", "कमी है"),  # a vowel sign continues the word
    ],
)
def test_what_only_resembles_a_phrase_is_not_found(phrase: str, text: str) -> None:
    assert _matches(text, phrases=(phrase,)) == []


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("ass", "what an asssss!", "asssss"),
        ("café owner", "CAFE\u0301 owner", "CAFE\u0301 owner"),
        ("straße", "STRASSE", "STRASSE"),
        ("водка", "ВОДКА", "ВОДКА"),
        ("微信", "加 微 信 吧", "微 信"),
        ("เงินฟรี", "รับเงินฟรีวันนี้", "เงินฟรี"),
        ("💊 sale", "💊💊💊sale", "💊sale"),
        ("kill", "k1ll", "k1ll"),
        ("kill", "ki11", "ki11"),
        ("hello", "he|lo", "he|lo"),
        ("hello", "he||o!!!", "he||o"),
        ("free gift", "free\u200b gift", "free\u200b gift"),
        ("hello", "he|\u200blo", "he|\u200blo"),
        ("free", "fr３３", "fr３３"),
    ],
)
def test_ways_of_writing(phrase: str, text: str, found: str) -> None:
    (match,) = _matches(text, phrases=(phrase,))
    assert text[match.start : match.end] == found


def test_a_phrase_may_be_in_several_lists() -> None:
    scanner = TextScanner(Lists(phrases={"one": ["free money"], "two": ["free money", "money"]}))
    found = scanner.matches("free money", ())
    assert {name: len(matches) for name, matches in found.items()} == {"one": 1, "two": 2}


def test_every_occurrence_counts() -> None:
    assert len(_matches("free money, FREE money and fr33 m0ney", phrases=("free money",))) == 3


def test_a_phrase_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="can never be found"):
        fold_phrase("... !", Folder())


def test_traditional_and_simplified_chinese_are_one() -> None:
    assert len(_matches("保證賺錢", phrases=("保证赚钱",))) == 1
    assert len(_matches("保证赚钱", phrases=("保證賺錢",))) == 1


def test_the_table_of_characters_is_what_opencc_has() -> None:
    opencc_table = pytest.importorskip("rules.matchers.hanzi_table", reason="OpenCC is missing")
    shipped = files("rules.matchers").joinpath("hanzi.txt").read_text(encoding="utf-8")
    assert shipped == opencc_table.render_table()


words = st.text(alphabet="ab1 .é好", min_size=1, max_size=6).filter(
    lambda w: Folder().fold(w) != " "
)


@many
@given(st.lists(words, min_size=1, max_size=6, unique=True), st.text("ab1 .é好", max_size=30))
def test_the_automaton_finds_what_a_search_phrase_by_phrase_finds(
    phrases: list[str], text: str
) -> None:
    folder = Folder()
    folded = folder.fold(text)
    # Without drawn-out letters and leetspeak, a find is a plain substring.
    assume(re.search(r"(\S) ?\1 ?\1", folded) is None and "1" not in text)
    naive = {phrase for phrase in phrases if folder.fold(phrase) in folded}
    assert {match.entry for match in _matches(text, phrases=tuple(phrases))} == naive


dressed = st.text(alphabet="ab1s$! 好-é", max_size=24)


@many
@given(st.lists(dressed.filter(lambda w: Folder().fold(w) != " "), min_size=1, max_size=4), dressed)
def test_readings_and_drawn_out_letters_are_found_as_by_a_search_of_each(
    phrases: list[str], text: str
) -> None:
    readings = (text, *leet_readings(text)) if has_leet(text) else (text,)
    naive = {phrase for phrase in phrases for reading in readings if _has(phrase, reading)}
    assert {match.entry for match in _matches(text, phrases=tuple(phrases))} == naive


def _has(phrase: str, text: str) -> bool:
    """Whether the phrase stands in the text, letters drawn out or not; tried at every place."""
    wanted, folded = Folder().fold(phrase), Folder().fold(text)
    short, squeezed = squeeze(wanted), squeeze(folded)
    have, want = Runs(folded), Runs(wanted)
    if all(length < STRETCHED for length in have.lengths.values()):
        return wanted in folded
    return any(
        squeezed.startswith(short, place) and have.allow(place, place + len(short), want.lengths)
        for place in range(len(squeezed))
    )


@many
@given(st.text(alphabet="abc好加 \u200b.é", max_size=40))
def test_what_squeezing_takes_out_is_known(text: str) -> None:
    folded = Folder().fold(text)
    squeezed, runs = squeeze(folded), Runs(folded)
    pieces = [folded[slice(*runs.unsqueezed(place, place + 1))] for place in range(len(squeezed))]
    assert "".join(pieces) == folded
    assert [piece[0] for piece in pieces] == list(squeezed)
    lengths = {place: piece.count(piece[0]) for place, piece in enumerate(pieces)}
    assert runs.lengths == {place: length for place, length in lengths.items() if length > 1}
    assert squeeze(squeezed) == squeezed


@pytest.mark.parametrize(
    "filler", ["好 a1! " * 20_000, "a" * 100_000, "a1" * 50_000, "!1" * 50_000, "é" * 100_000]
)
def test_a_long_text_is_searched_whole(filler: str) -> None:
    # In time that grew with the square of the length it would not end.
    assert len(_matches(f"{filler} free money", phrases=("free money",))) == 1


def _matches(text: str, **lists: tuple[str, ...]) -> list[Match]:
    scanner = TextScanner(Lists(**{kind: {"list": entries} for kind, entries in lists.items()}))
    return list(scanner.matches(text, scanner.links(text))["list"])
