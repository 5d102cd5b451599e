"""What conditions can know of a text is what a reader counts in it, in any script."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rules.engine.fact import FactView
from rules.engine.text_facts import TEXT_FACTS
from rules.matchers import Lists, TextScanner
from tests.rules.making import case

SCANNER = TextScanner(Lists())

texts = st.one_of(
    st.text(st.characters(min_codepoint=1, max_codepoint=127), min_size=1),
    st.text(st.sampled_from("aZ #@_9éÉßǅ好я"), min_size=1),
)


def fact(name: str, text: str) -> object:
    return TEXT_FACTS[name].read(FactView(case(text=text), SCANNER))


@given(texts)
def test_share_of_capitals_is_counted_over_cased_letters(text: str) -> None:
    capitals = [char for char in text if char.isupper()]
    cased = [char for char in text if char.isupper() or char.islower()]
    assert fact("text.uppercase", text) == (len(capitals) / len(cased) if cased else 0.0)


@given(texts)
def test_mentions_and_hashtags_begin_where_no_word_goes_on(text: str) -> None:
    assert fact("text.mentions", text) == len(re.findall(r"(?:^|\W)(?=@\w)", text))
    assert fact("text.hashtags", text) == len(re.findall(r"(?:^|\W)(?=#\w)", text))
