"""Turns are short while they must be, and as before afterwards."""

from __future__ import annotations

import sys

from workers.moderator.turns import SHORT_SECONDS, short_turns


def test_turns_are_short_meanwhile_and_as_before_afterwards() -> None:
    before = sys.getswitchinterval()
    with short_turns():
        assert sys.getswitchinterval() <= SHORT_SECONDS * 1.01
    assert sys.getswitchinterval() == before
