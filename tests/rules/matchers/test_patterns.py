"""Patterns find what RE2 finds, however many there are, and however Hyperscan reads them."""

from __future__ import annotations

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.matchers import Lists, Match, TextScanner, compile_pattern
from rules.matchers.prefilter import PatternPrefilter

atoms = st.sampled_from(
    ["a", "k", "s", "é", "好", ".", r"\d", r"\w", r"\s", r"\S", r"\W", r"\b", "[ab]", "[^a]",
     "[a-k]", r"[^\s]", r"[\d好]", r"\.", "(?:ab|k)", "(a|é)", r"\p{Han}", r"\x{e9}", "[[:alpha:]]"]
)  # fmt: skip
counts = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "+?"])
pieces = st.tuples(atoms, counts).map(lambda pair: pair[0] + pair[1] * (pair[0] != r"\b"))
patterns = st.builds(
    lambda flag, left, parts, right: flag + left + "".join(parts) + right,
    st.sampled_from(["", "", "(?i)", "(?s)"]),
    st.sampled_from(["", "", "^", r"\b"]),
    st.lists(pieces, min_size=1, max_size=4),
    st.sampled_from(["", "", "$", "|k", r"\z"]),
)
texts = st.text(alphabet="aAbkKsSſ\u212aéÉ好 .1\n\v_", max_size=12)


def _occurs(pattern: str, text: str) -> bool:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options).search(text) is not None


@settings(max_examples=200, deadline=None)
@example([r"(?i)\wa"], ["ſA"])
@example([r"(?i)\w{2}"], ["k\u212a"])
@given(st.lists(patterns, min_size=1, max_size=4), st.lists(texts, min_size=1, max_size=8))
def test_the_prefilter_never_hides_what_re2_finds(tried: list[str], read: list[str]) -> None:
    prefilter = PatternPrefilter(tried)
    for text in read:
        left_out = set(range(len(tried))) - set(prefilter.candidates(text)) - {*prefilter.unread}
        assert [tried[place] for place in left_out if _occurs(tried[place], text)] == []


def test_plain_patterns_are_read_by_the_prefilter() -> None:
    plain = [r"tg:\s?\w+", r"(?i)free[-_. ]?money\d{2,}", "加[微v]信", r"(?:a|b)+c$"]
    assert PatternPrefilter(plain).unread == ()


def test_patterns_beyond_it_are_still_found() -> None:
    found = _matches("好好 abc", r"\p{Han}+", r"[^\s]c")
    assert sorted(match.entry for match in found) == [r"[^\s]c", r"\p{Han}+"]


def test_thousands_of_patterns_find_their_places() -> None:
    found = _matches("say word17x99 and word1999x1!", *(rf"\bword{n}x\d+" for n in range(2_000)))
    assert [(match.start, match.end) for match in found] == [(4, 13), (18, 28)]


def test_patterns_find_every_place() -> None:
    text = "a tg: one and wx：two345"
    found = _matches(text, r"tg:\s\w+", r"wx：\w+")
    assert [text[match.start : match.end] for match in found] == ["tg: one", "wx：two345"]


@pytest.mark.parametrize(
    ("pattern", "text", "shown"),
    [
        (r"(?i)\bearn\s\$\d+", "so Ｅａｒｎ ＄５00!", "Ｅａｒｎ ＄５00"),
        (r"earn\s\d+", "e\u200bar\u00adn\u00a0500", "e\u200bar\u00adn\u00a0500"),
        (r"EARN\s\d+", "ЕАRN 500 now", "ЕАRN 500"),
        (r"earn\s\d+", "e\u0301ärn 500", "e\u0301ärn 500"),
        ("日赚[0-9]+", "他說日賺500", "日賺500"),
        (r"office\d", "the oﬃce9", "oﬃce9"),
        (r"\p{Cyrillic}+", "привет", "привет"),
    ],
)
def test_a_pattern_finds_disguised_letters_and_shows_them_as_they_stand(
    pattern: str, text: str, shown: str
) -> None:
    assert [text[match.start : match.end] for match in _matches(text, pattern)] == [shown]


def test_what_is_found_as_written_counts_once() -> None:
    assert len(_matches("привет café, earn 500 and еarn 7", r"\w+\s\d+")) == 2


@settings(max_examples=200, deadline=None)
@given(patterns, texts)
def test_undoing_disguises_hides_nothing_that_was_written(pattern: str, text: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except ValueError:  # it matches the empty text
        return
    written = {match.span() for match in compiled.finditer(text)}
    found = {(match.start, match.end) for match in _matches(text, pattern)}
    assert written <= found
    assert all(0 <= start <= end <= len(text) for start, end in found)


@pytest.mark.parametrize("pattern", ["(open", "(?=ahead)", r"(a)\1", "x*"])
def test_a_pattern_that_re2_refuses_or_that_matches_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"is no RE2 expression|matches the empty text"):
        compile_pattern(pattern)


def test_a_pattern_that_would_backtrack_for_ever_is_harmless() -> None:
    assert _matches("a" * 30_000 + "!", r"(a+)+b") == []


def _matches(text: str, *tried: str) -> list[Match]:
    return list(TextScanner(Lists(patterns={"list": tried})).matches(text, ())["list"])
