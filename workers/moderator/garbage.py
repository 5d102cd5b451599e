"""When the garbage collector may stop all threads, and over how much.

A full collection visits every container in memory while nothing else runs: with torch loaded
430,000 of them, 300 ms. A policy of 1,000 rules is enough to set one off while it is loaded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG_OBJECTS: Final = 100_000
"""Containers that are made beyond those that went, until a collection. Python's 700 are those of
ten posts: of posts in flight nothing is garbage, and looking through them again and again took a
tenth of the time. What a thousand posts leave behind in cycles takes a few MB until then."""


def keep_what_is_loaded() -> None:
    """Take everything alive out of later collections: what a worker starts with stays to its end.

    Collections become seldom, too: nearly all that a post leaves goes when nothing refers to it.
    Collections of what comes after then take some 25 ms with a policy of 1,000 rules in force.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])


@contextmanager
def no_collection() -> Iterator[None]:
    """Collect nothing meanwhile, and take what was made out of later collections.

    For work of seconds whose result stays. The cycles that it left behind are collected once,
    which takes some 20 ms with a policy of 1,000 rules, where a collection together with the policy
    before takes 60. What is alive by chance stays out of collections as well: it goes when nothing
    refers to it any more, as almost everything does.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        gc.freeze()
        if was_enabled:
            gc.enable()
