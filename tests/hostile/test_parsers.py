"""Parsers of our own refuse with a reason, or accept; nothing else comes out of them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.parsers import Parser, parsers

PARSERS = parsers()
each_parser = pytest.mark.parametrize("parser", PARSERS.values(), ids=PARSERS)


@st.composite
def damaged(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A whole input, cut, or with bytes replaced and put in."""
    raw = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 8)))
        raw[start:end] = draw(st.binary(max_size=8))
    return bytes(raw[: draw(st.integers(0, len(raw)))] if draw(st.booleans()) else raw)


@each_parser
def test_whole_inputs_are_accepted(parser: Parser) -> None:
    accepted = [parser.try_on(seed) for seed in parser.seeds]
    assert any(accepted)


@each_parser
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_ones_are_accepted_or_refused_with_a_reason(
    parser: Parser, data: st.DataObject
) -> None:
    parser.try_on(data.draw(st.one_of(damaged(list(parser.seeds)), st.binary(max_size=200))))


WITHOUT_ATHERIS = """
import sys
sys.modules["atheris"] = None
from tests.hostile.coverage import main
main(["--seconds", "1"])
"""


def test_the_fuzzer_says_how_to_get_what_it_lacks() -> None:
    command = [sys.executable, "-c", WITHOUT_ATHERIS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "make fuzz-parsers" in done.stderr
