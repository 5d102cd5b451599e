"""Links are found by host however disguised, and a listed domain covers what is below it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.matchers import Lists, Match, TextScanner


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


@given(st.text("aw.:/[](){}@ 。．wtphdo\n中comDOT", max_size=40))
def test_what_else_the_text_holds_adds_no_link_and_hides_none(text: str) -> None:
    scanner = TextScanner(Lists())
    assert scanner.links(text) == scanner.links(f"{text} [")


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
    assert len(_matches(text, "bit.ly")) == count


@pytest.mark.parametrize(
    ("text", "domain", "shortener"),
    [
        ("https://a.b.example.co.uk/x", "example.co.uk", False),
        ("https://someone.github.io/", "someone.github.io", False),
        ("https://xn--fsqu00a.xn--0zwm56d/", "例子.测试", False),
        ("https://192.0.2.7/", "", False),
        ("https://bit.ly/a", "bit.ly", True),
        ("https://www.tinyurl.com/a", "tinyurl.com", True),
    ],
)
def test_a_link_knows_what_was_registered(text: str, domain: str, shortener: bool) -> None:
    (link,) = TextScanner(Lists()).links(text)
    assert (link.domain, link.shortener) == (domain, shortener)


@pytest.mark.parametrize("entry", ["bücher.example", "xn--bcher-kva.example", "www.BÜCHER.example"])
def test_a_list_names_a_domain_in_letters_or_in_punycode(entry: str) -> None:
    assert len(_matches("https://BÜCHER.example/ https://a.xn--bcher-kva.example/", entry)) == 2


def _matches(text: str, *domains: str) -> list[Match]:
    scanner = TextScanner(Lists(domains={"list": domains}))
    return list(scanner.matches(text, scanner.links(text))["list"])
