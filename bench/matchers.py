"""How fast lists are searched: ``python -m bench.matchers``.

100,000 phrases and 2,000 patterns over made posts of 300 characters: nine in ten English-like, one
in ten with Chinese, accents, digits beside letters or drawn-out words; one in twenty holds a phrase
of the list and another one what a pattern finds (the others share no word with them). CPU time of
one thread, so that a busy machine says nearly the same; the best of several rounds. The peer in the
same run is what a Python service writes first: FlashText for the phrases and one alternation of
Python's ``re`` for the patterns; it normalises nothing. The last line is one JSON object.
"""

from __future__ import annotations

import itertools
import random
import re
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from flashtext import KeywordProcessor

from bench.telling import tell
from rules.matchers import Lists, TextScanner

PHRASES: Final = 100_000
PATTERNS: Final = 2_000
POSTS: Final = 2_000
PEER_POSTS: Final = 5
"""The alternation takes milliseconds a post."""
LENGTH: Final = 300
ROUNDS: Final = 20
LETTERS: Final = "etaoinshrdlucmfwypvbgk"
ODD_WORDS: Final = 0.2  # share, in a post that has some
FIND_EVERY: Final = 20
"""Posts, of which one holds a phrase of the list and another one what a pattern finds."""
CAPITALS: Final = 0.1  # share of words that start with one
ODD: Final = ("今天天气很好", "café", "2nd", "soooo", "covid19", "ПРИВЕТ", "naïve", "@you", "保證")


def made_words(count: int, rng: random.Random) -> list[str]:
    """Words of three to nine letters, each once, none with a letter three times in a row."""
    made: set[str] = set()
    while len(made) < count:
        word = "".join(rng.choices(LETTERS, k=rng.randint(3, 9)))
        if not any(letter * 3 in word for letter in LETTERS):
            made.add(word)
    return sorted(made)


def made_phrases(words: Sequence[str], rng: random.Random) -> list[str]:
    """Phrases of one to four of the rarer words, as lists of bad words and scams have them."""
    made: set[str] = set()
    while len(made) < PHRASES:
        made.add(" ".join(rng.choices(words, k=rng.choice((1, 2, 2, 3, 3, 4)))))
    return sorted(made)


def made_patterns(words: Sequence[str], rng: random.Random) -> dict[str, str]:
    """Patterns of four shapes, and what each finds.

    Two words; glued words with a number; words apart; a long number.
    """
    shapes = (
        (r"\b{a}\s+{b}\b", "{a} {b}"),
        (r"(?i){a}[-_. ]?{b}\d+", "{a}-{b}7"),
        (r"\b{a}\w*\s(?:\w+\s){{0,2}}{b}", "{a}s and {b}"),
        (r"{a}\d{{3,}}", "{a}2024"),
    )
    made: dict[str, str] = {}
    while len(made) < PATTERNS:
        pair = {"a": rng.choice(words), "b": rng.choice(words)}
        pattern, found = shapes[len(made) % len(shapes)]
        made[pattern.format(**pair)] = found.format(**pair)
    return made


def made_posts(
    words: Sequence[str], phrases: Sequence[str], finds: Sequence[str], rng: random.Random
) -> list[str]:
    """Posts whose words come as often as words do (Zipf)."""
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(words))))
    posts = []
    for number in range(POSTS):
        text = ""
        while len(text) < LENGTH:
            word = rng.choices(words, cum_weights=weights)[0]
            if number % 10 == 0 and rng.random() < ODD_WORDS:
                word = rng.choice(ODD)
            word = word.capitalize() if rng.random() < CAPITALS else word
            text += word + rng.choice((" ", " ", " ", ", ", ". "))
        for place, held in enumerate((phrases, finds)):
            if number % FIND_EVERY == 1 + 2 * place:
                text = f"{rng.choice(held)} {text}"
        posts.append(text[:LENGTH])
    return posts


def microseconds(search: Callable[[str], object], posts: Sequence[str], rounds: int) -> float:
    """CPU time a post, the best of the rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.thread_time()
        for post in posts:
            search(post)
        best = min(best, time.thread_time() - start)
    return best / len(posts) * 1e6


def peer(phrases: Sequence[str], patterns: Iterable[str]) -> Callable[[str], object]:
    """FlashText and one alternation."""
    keywords = KeywordProcessor()
    keywords.add_keywords_from_list(list(phrases))
    inline = "(?i)"
    alternation = re.compile(
        "|".join(
            f"(?i:{pattern.removeprefix(inline)})" if pattern.startswith(inline) else pattern
            for pattern in patterns
        )
    )
    return lambda text: (keywords.extract_keywords(text, span_info=True), alternation.search(text))


def figures() -> dict[str, Any]:
    """Measure."""
    rng = random.Random(0)  # noqa: S311 - draws made texts, nothing secret
    words = made_words(20_000, rng)
    rare = sorted({*made_words(30_000, rng)}.difference(words))
    phrases, patterns = made_phrases(rare, rng), made_patterns(rare, rng)
    posts = made_posts(words, phrases, list(patterns.values()), rng)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.thread_time()
    scanner = TextScanner(
        Lists(phrases={"phrases": phrases}, patterns={"patterns": list(patterns)})
    )
    build = time.thread_time() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    ours = microseconds(lambda text: scanner.matches(text, ()), posts, ROUNDS)
    links = microseconds(scanner.links, posts, ROUNDS)
    theirs = microseconds(peer(phrases, patterns), posts[:PEER_POSTS], 1)
    found = [scanner.matches(post, ()) for post in posts]
    return {
        "matchers_phrases": len(phrases),
        "matchers_patterns": len(patterns),
        "matchers_posts": len(posts),
        "matchers_posts_with_a_phrase": sum(bool(one["phrases"]) for one in found),
        "matchers_posts_with_a_pattern": sum(bool(one["patterns"]) for one in found),
        "matchers_cpu_us_per_post": round(ours, 1),
        "matchers_posts_per_second_a_core": round(1e6 / ours),
        "matchers_links_cpu_us_per_post": round(links, 1),
        "matchers_build_cpu_s": round(build, 2),
        "matchers_build_peak_mib": round(memory),
        "matchers_peer_flashtext_re_cpu_us_per_post": round(theirs, 1),
        "matchers_peer_posts_per_second_a_core": round(1e6 / theirs, 1),
    }


def main() -> None:
    """Measure and print."""
    tell(figures())


if __name__ == "__main__":
    main()
