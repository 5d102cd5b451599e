"""What a post costs as posts, lists and policies grow, in CPU time of one thread."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.made import policy_of
from bench.performance.made_posts import CREATED_AT, WORDS
from bench.performance.peers.stages import Stages
from bench.performance.spread import Spread
from rules import load_policy
from schemas import Post

POST_CHARACTERS: Final = (300, 3_000, 30_000)
LIST_ENTRIES: Final = (100, 10_000, 100_000)
RULES: Final = (10, 100, 1_000)
POSTS: Final = 200  # a round
LONG_POSTS: Final = 20  # where posts are long


@dataclass(frozen=True, slots=True)
class Grown:
    """What was grown, to what, and the CPU microseconds that a post then took."""

    what: str
    size: int
    cpu_us: Spread


def grow(rounds: int, *, small: bool) -> list[Grown]:
    """Each dimension by itself; the others stay at a 300-character post and the default policy."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shipped = Stages()
        found = [
            Grown("characters of a post", size, _cost(shipped, _posts(size), rounds))
            for size in (POST_CHARACTERS[:2] if small else POST_CHARACTERS)
        ]
        for entries in LIST_ENTRIES[:2] if small else LIST_ENTRIES:
            stages = Stages(load_policy(_policy_with_list(entries, folder)))
            found.append(Grown("entries of a list", entries, _cost(stages, _posts(300), rounds)))
        for rules in RULES[:2] if small else RULES:
            stages = Stages(load_policy(policy_of(rules, folder)))
            found.append(Grown("rules of a policy", rules, _cost(stages, _posts(300), rounds)))
        return found


def by_what(grown: Sequence[Grown]) -> Mapping[str, list[Grown]]:
    """The points of each dimension, in order of size."""
    found: dict[str, list[Grown]] = {}
    for one in grown:
        found.setdefault(one.what, []).append(one)
    return found


def _cost(stages: Stages, posts: Sequence[bytes], rounds: int) -> Spread:
    stages.answer(posts[0])  # CEL plans its programs at the first post
    taken = []
    for _ in range(rounds):
        begin = time.thread_time()
        for post in posts:
            stages.answer(post)
        taken.append((time.thread_time() - begin) / len(posts) * 1e6)
    return Spread.of(taken)


def _posts(characters: int) -> list[bytes]:
    rng = random.Random(characters)  # noqa: S311 - draws made posts, nothing secret
    count = POSTS if characters < 3_000 else LONG_POSTS  # noqa: PLR2004 - from here on a post takes seconds
    return [
        Post(
            post_id=f"p-{number}",
            author_id="a",
            created_at=CREATED_AT,
            text=" ".join(rng.choice(WORDS) for _ in range(characters // 2))[:characters],
        ).to_bytes()
        for number in range(count)
    ]


def _policy_with_list(entries: int, folder: Path) -> Path:
    """A policy of one rule on one list of made phrases."""
    rng = random.Random(entries)  # noqa: S311 - draws made entries, nothing secret
    phrases = {f"{rng.choice(WORDS)} {rng.randrange(10**9)}" for _ in range(entries)}
    words = folder / f"phrases_{entries}.txt"
    words.write_text("\n".join(sorted(phrases)), encoding="utf-8")
    policy: dict[str, Any] = {
        "policy": f"list_of_{entries}",
        "categories": {"spam": {"limit": 0.6, "review": 0.75, "remove": 0.95}},
        "queues": {"default": {"due": "24h"}},
        "lists": {"made": {"phrases": words.name}},
        "rules": [
            {"id": "listed", "when": "text.matches.made > 0", "then": {"shift": {"spam": 0.5}}}
        ],
    }
    path = folder / f"list_of_{entries}.yaml"
    path.write_text(json.dumps(policy), encoding="utf-8")
    return path
