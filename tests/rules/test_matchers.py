"""Phrases are found however they are dressed up, and shown where they stand."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.matchers import Folder, Lists, TextScanner, compile_pattern, fold_phrase

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


@many
@given(st.text(max_size=80))
def test_folding_and_tracing_agree(text: str) -> None:
    folder = Folder()
    traced = folder.trace(text)
    assert traced.text == folder.fold(text)
    assert len(traced.text) == len(traced.starts) == len(traced.ends) == len(traced.runs)


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
        ("💊 sale", "💊💊💊 sale", "💊💊💊 sale"),
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


def test_patterns_find_every_place() -> None:
    text = "a tg: one and wx：two345"
    found = _matches(text, patterns=(r"tg:\s\w+", r"wx：\w+"))
    assert [text[match.start : match.end] for match in found] == ["tg: one", "wx：two345"]


@pytest.mark.parametrize("pattern", ["(open", "(?=ahead)", r"(a)\1", "x*"])
def test_a_pattern_that_re2_refuses_or_that_matches_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"is no RE2 expression|matches the empty text"):
        compile_pattern(pattern)


def test_a_pattern_that_would_backtrack_for_ever_is_harmless() -> None:
    assert _matches("a" * 30_000 + "!", patterns=(r"(a+)+b",)) == []


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://Example.com/path?x=1.", ["example.com"]),
        ("http://user:pass@shop.example.org:8080/", ["shop.example.org"]),
        ("www.example.zip today", ["example.zip"]),
        ("go to example.com now", ["example.com"]),
        ("hxxps://bad[.]example[dot]com", ["bad.example.com"]),
        ("看example.com吧，https://例子.测试/页", ["example.com", "例子.测试"]),
        ("t.me/channel", ["t.me"]),
        ("It was fine.It is over. See you at 3.in time", []),
        ("write to me@example.com", []),
        ("version 1.2.3 of file.txt", []),
    ],
)
def test_links_are_found_by_host(text: str, hosts: list[str]) -> None:
    assert [link.host for link in TextScanner(Lists()).links(text)] == hosts


def test_a_link_shows_where_it_stands() -> None:
    text = "now: https://example.com/a"
    (link,) = TextScanner(Lists()).links(text)
    assert text[link.start : link.end] == "https://example.com"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("https://bit.ly/a", 1),
        ("https://x.bit.ly/a", 1),
        ("https://notbit.ly/a", 0),
        ("https://bit.ly.example.com/a", 0),
    ],
)
def test_a_domain_covers_what_is_below_it(text: str, count: int) -> None:
    assert len(_matches(text, domains=("bit.ly",))) == count


def test_a_long_text_is_searched_whole() -> None:
    text = "好 a1! " * 5_000 + "free money"
    assert len(_matches(text, phrases=("free money",))) == 1


def _matches(text: str, **lists: tuple[str, ...]) -> list:  # type: ignore[type-arg]
    scanner = TextScanner(Lists(**{kind: {"list": entries} for kind, entries in lists.items()}))
    return scanner.matches(text, scanner.links(text))["list"]
