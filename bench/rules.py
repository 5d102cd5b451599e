"""How long a decision takes: ``python -m bench.rules``.

Two policies over the same 500 made posts of about 300 characters: the one that ships, and one of
100 live rules. CPU time of one thread, so that a busy machine says the same; the median of several
rounds. The last line is one JSON object of all figures.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rules import DEFAULT_POLICY_PATH, Case, PolicyEngine, load_policy
from schemas import CATEGORIES, AuthorSignals, Post

POSTS: Final = 500
ROUNDS: Final = 9
TEXT_LENGTH: Final = 300
RULES: Final = 100
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
WORDS: Final = (
    "the a garden train music weather people again market river morning friend story coffee "
    "window paper 今天 天气 很好 summer 2024 team play @you don't price https://example.com/a"
)


def make_cases(rng: random.Random) -> list[Case]:
    """Posts with ordinary scores: four in five harmless, one in five around the thresholds."""
    return [_make_case(n, rng) for n in range(POSTS)]


def _make_case(number: int, rng: random.Random) -> Case:
    words, text = WORDS.split(), ""
    while len(text) < TEXT_LENGTH:
        text += rng.choice(words) + " "
    top = 0.9 if number % 5 == 0 else 0.2
    return Case(
        post=Post(
            post_id=f"p-{number}",
            author_id="a",
            created_at=NOW,
            text=text,
            reach=int(10 ** rng.uniform(0, 6)),
        ),
        scores={category: rng.uniform(0.0, top) for category in CATEGORIES},
        shares={category: {"text": 1.0} for category in CATEGORIES},
        author=AuthorSignals(author_id="a", posts=rng.randrange(100), updated_at=NOW),
        now=NOW,
    )


def hundred_rules(folder: Path) -> Path:
    """A policy of 100 live rules of three comparisons each, of which few fire on a post."""
    rules = [
        {
            "id": f"rule_{n}",
            "when": (
                f"scores.{CATEGORIES[n % len(CATEGORIES)]} > {0.80 + n / 1000:.3f} && "
                f"author.posts < {n} || post.reach > {990_000 + n}"
            ),
            "then": {"shift": {CATEGORIES[n % len(CATEGORIES)]: 0.1}},
        }
        for n in range(RULES)
    ]
    policy = {
        "policy": "hundred",
        "categories": {c: {"limit": 0.6, "review": 0.75, "remove": 0.95} for c in CATEGORIES},
        "queues": {"default": {"due": "24h"}},
        "rules": rules,
    }
    path = folder / "hundred.yaml"
    path.write_text(json.dumps(policy), encoding="utf-8")
    return path


def microseconds_a_post(engine: PolicyEngine, cases: Sequence[Case]) -> float:
    """The median over the rounds, after one to warm up."""
    rounds = []
    for _ in range(ROUNDS + 1):
        start = time.thread_time()
        for case in cases:
            engine.decide(case)
        rounds.append((time.thread_time() - start) / len(cases) * 1e6)
    return round(statistics.median(rounds[1:]), 1)


def main() -> None:
    """Measure and print."""
    cases = make_cases(random.Random(0))  # noqa: S311 (made posts, no secrets)
    with tempfile.TemporaryDirectory() as folder:
        start = time.thread_time()
        default = PolicyEngine(load_policy(DEFAULT_POLICY_PATH))
        load_ms = round((time.thread_time() - start) * 1e3, 1)
        figures = {
            "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, "
            f"Python {platform.python_version()}",
            "posts": POSTS,
            "default_policy_cpu_us_per_post": microseconds_a_post(default, cases),
            "hundred_rules_cpu_us_per_post": microseconds_a_post(
                PolicyEngine(load_policy(hundred_rules(Path(folder)))), cases
            ),
            "default_policy_load_cpu_ms": load_ms,
        }
    for name, value in figures.items():
        print(f"{name:32} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
