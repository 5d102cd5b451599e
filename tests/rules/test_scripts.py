"""The shares of scripts in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.scripts import SCRIPTS, script_of, script_shares


@given(st.text() | st.text(st.characters(max_codepoint=127)))
def test_shares_count_every_letter_by_its_script(text: str) -> None:
    letters = [char for char in text if char.isalpha()]

    shares = script_shares(text)

    assert tuple(shares) == SCRIPTS
    for script, share in shares.items():
        of_script = sum(script_of(char) == script for char in letters)
        assert share == pytest.approx(of_script / len(letters) if letters else 0.0)
