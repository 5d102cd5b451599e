"""When the garbage collector may stop all threads, and over how much.

A full collection visits every container in memory while nothing else runs: with torch loaded
430,000 of them, 300 ms. A policy of 1,000 rules is enough to set one off while it is loaded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def keep_what_is_loaded() -> None:
    """Take everything alive out of later collections: what a worker starts with stays to its end.

    Collections of what comes after then take some 25 ms with a policy of 1,000 rules in force.
    """
    gc.collect()
    gc.freeze()


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
