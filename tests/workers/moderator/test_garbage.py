"""The garbage collector rests while it must, and only then."""

from __future__ import annotations

import gc

import pytest

from workers.moderator.garbage import YOUNG_OBJECTS, keep_what_is_loaded, no_collection


def test_nothing_is_collected_meanwhile_whatever_happens() -> None:
    def broken() -> None:
        with no_collection():
            assert not gc.isenabled()
            raise ValueError("broken")

    assert gc.isenabled()
    with pytest.raises(ValueError, match="broken"):
        broken()
    assert gc.isenabled()


def test_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_is_loaded_is_not_visited_again() -> None:
    before, thresholds = gc.get_freeze_count(), gc.get_threshold()
    held: list[list[int]] = [[] for _ in range(1000)]
    try:
        keep_what_is_loaded()
        assert gc.get_freeze_count() >= before + len(held)
        assert gc.get_threshold()[0] == YOUNG_OBJECTS
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
