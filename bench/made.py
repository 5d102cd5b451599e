"""Policies and posts that are made for measuring."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rules import Case
from schemas import CATEGORIES, AuthorSignals, Post

TEXT_LENGTH: Final = 300
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
WORDS: Final = (
    "the a garden train music weather people again market river morning friend story coffee "
    "window paper 今天 天气 很好 summer 2024 team play @you don't price https://example.com/a"
)


def make_cases(rng: random.Random, count: int) -> list[Case]:
    """Posts with ordinary scores: four in five harmless, one in five around the thresholds."""
    return [_make_case(n, rng) for n in range(count)]


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


def conditions(count: int) -> list[str]:
    """Conditions of three comparisons each, of which few hold for a post."""
    return [
        f"scores.{CATEGORIES[n % len(CATEGORIES)]} > {0.80 + n % 100 / 1000:.3f} && "
        f"author.posts < {n} || post.reach > {990_000 + n}"
        for n in range(count)
    ]


def policy_of(count: int, folder: Path, name: str = "rule") -> Path:
    """A policy of live rules on the conditions; their ids begin with the name."""
    rules = [
        {"id": f"{name}_{n}", "when": when, "then": {"shift": {CATEGORIES[n % 8]: 0.1}}}
        for n, when in enumerate(conditions(count))
    ]
    policy = {
        "policy": f"of_{count}",
        "categories": {c: {"limit": 0.6, "review": 0.75, "remove": 0.95} for c in CATEGORIES},
        "queues": {"default": {"due": "24h"}},
        "rules": rules,
    }
    path = folder / f"of_{count}.yaml"
    path.write_text(json.dumps(policy), encoding="utf-8")
    return path
