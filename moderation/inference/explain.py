"""Which words, patches and seconds carry a post's score, by hiding them one after the other.

Occlusion (Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014; for
words, Li et al., "Understanding Neural Networks through Representation Erasure", 2016) asks the
whole scorer, windows and fusion included, and needs nothing of the model but its answers. Gradient
times input would be one pass, but its weights are those of the tangent: they jump with the input
and do not say what the score would be without a word.

What stands twice is underrated: hiding one of two insults changes little.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from moderation.media import SAMPLE_RATE_HZ, DecodedPost
from moderation.scoring import PostScorer, PostScores
from schemas import Category, FoundText

GRID: Final = 8
"""Patches a side of a picture. The shipped encoder sees 14 cells a side; half of that is as fine as
its answers are."""

SECONDS_A_STEP: Final = 0.25
"""Of a sound: about a syllable."""

MAX_STEPS: Final = 60
"""Of one sound; longer ones get longer steps."""

MAX_WORDS: Final = 120
"""Of one text; in longer ones neighbours are hidden together."""

HIDING: Final = 2
"""Patches a side, and steps, hidden together, so that a thing on an edge is hidden whole."""

HIDDEN_WORD: Final = "…"

NOTHING_LEFT: Final = 0.01
"""Probability of a post of which nothing is left to score: what a harmless one gets."""

SCORED_AT_ONCE: Final = 32
"""Changed posts in memory."""

_WORDS: Final = re.compile(r"[㐀-鿿]{1,2}|[^\s㐀-鿿]+")
"""What white space separates; in Chinese, which has none, two characters, as most words have."""

Item = TypeVar("Item")

Weights = npt.NDArray[np.float64]


class NothingToExplainError(ValueError):
    """The post has no scores, or none of that category."""


@dataclass(frozen=True, slots=True)
class WordWeight:
    """Characters of a text, from and up to, and how much they carry."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a category of a post has its score.

    A weight is by how much the category's log-odds fall when the part is hidden; below 0 the part
    speaks against the category.

    Attributes:
        category: that is explained.
        scores: of the whole post: its shares by modality, its places.
        words: of the post's text.
        found_words: of each of the scores' ``found_texts``: what was read, and what was heard.
        images: of each picture, shape = (GRID, GRID), from the top left.
        sounds: of each sound, shape = (steps,).
        seconds_a_step: of each sound.
    """

    category: Category
    scores: PostScores
    words: tuple[WordWeight, ...]
    found_words: tuple[tuple[WordWeight, ...], ...]
    images: tuple[Weights, ...]
    sounds: tuple[Weights, ...]
    seconds_a_step: tuple[float, ...]

    @property
    def greatest(self) -> float:
        """The greatest weight of any part, either way; 0 where nothing was hidden."""
        words = [*self.words, *(word for text in self.found_words for word in text)]
        weights = [abs(word.weight) for word in words]
        weights += [float(np.abs(each).max()) for each in (*self.images, *self.sounds)]
        return max(weights, default=0.0)


def explain(scorer: PostScorer, post: DecodedPost, category: Category | None = None) -> Explanation:
    """Explain a category's score.

    Args:
        scorer: of posts; it is asked some hundred times.
        post: what it scored.
        category: its highest if left out.

    Raises:
        NothingToExplainError: the post could not be scored, or not for that category.
    """
    (scores,) = scorer.score([post])
    chosen = _chosen(scores, category)
    whole = _log_odds(scores.scores[chosen])

    def falls(variants: Iterator[DecodedPost]) -> list[float]:
        """By how much each changed post scores lower."""
        found: list[float] = []
        while batch := list(islice(variants, SCORED_AT_ONCE)):
            results = scorer.score(batch)
            found += [whole - _log_odds(one.scores.get(chosen, NOTHING_LEFT)) for one in results]
        return found

    read = dataclasses.replace(post, found_texts=scores.found_texts)
    sounds = [_sound_weights(post, place, falls) for place in range(len(post.audio))]
    return Explanation(
        category=chosen,
        scores=scores,
        words=_word_weights(post.text or "", lambda text: _with_text(post, text), falls),
        found_words=tuple(
            _word_weights(found.text, _found_text_changer(read, place), falls)
            for place, found in enumerate(read.found_texts)
        ),
        images=tuple(_image_weights(post, place, falls) for place in range(len(post.images))),
        sounds=tuple(weights for weights, _ in sounds),
        seconds_a_step=tuple(seconds for _, seconds in sounds),
    )


Falls = Callable[[Iterator[DecodedPost]], list[float]]


def _chosen(scores: PostScores, category: Category | None) -> Category:
    if not scores.scores:
        raise NothingToExplainError("nothing of the post could be scored; see not_scanned")
    chosen = category or max(scores.scores, key=scores.scores.__getitem__)
    if chosen not in scores.scores:
        raise NothingToExplainError(
            f"the model does not score {chosen!r}; it scores {', '.join(scores.scores)}"
        )
    return chosen


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def _word_weights(
    text: str, change: Callable[[str], DecodedPost], falls: Falls
) -> tuple[WordWeight, ...]:
    spans = word_spans(text)
    variants = (change(text[:start] + HIDDEN_WORD + text[end:]) for start, end in spans)
    return tuple(
        WordWeight(start, end, fall)
        for (start, end), fall in zip(spans, falls(variants), strict=True)
    )


def word_spans(text: str) -> list[tuple[int, int]]:
    """The parts of a text that are hidden one by one: at most :data:`MAX_WORDS`, from and up to."""
    words = [match.span() for match in _WORDS.finditer(text)]
    size = math.ceil(len(words) / MAX_WORDS) or 1
    groups = (words[at : at + size] for at in range(0, len(words), size))
    return [(group[0][0], group[-1][1]) for group in groups]


def _with_text(post: DecodedPost, text: str) -> DecodedPost:
    return dataclasses.replace(post, text=text)


def _found_text_changer(post: DecodedPost, place: int) -> Callable[[str], DecodedPost]:
    found = post.found_texts[place]

    def change(text: str) -> DecodedPost:
        changed = FoundText(modality=found.modality, index=found.index, text=text)
        return dataclasses.replace(post, found_texts=_replaced(post.found_texts, place, changed))

    return change


def _image_weights(post: DecodedPost, place: int, falls: Falls) -> Weights:
    """Squares of the picture are painted over in its mean colour, which says least."""
    pixels = post.images[place]
    rows = np.linspace(0, pixels.shape[0], GRID + 1).round().astype(int)
    columns = np.linspace(0, pixels.shape[1], GRID + 1).round().astype(int)
    colour = pixels.mean(axis=(0, 1)).astype(np.uint8)
    corners = [(y, x) for y in range(GRID - HIDING + 1) for x in range(GRID - HIDING + 1)]

    def hidden(y: int, x: int) -> DecodedPost:
        painted = pixels.copy()
        painted[rows[y] : rows[y + HIDING], columns[x] : columns[x + HIDING]] = colour
        return dataclasses.replace(post, images=_replaced(post.images, place, painted))

    total, count = np.zeros((GRID, GRID)), np.zeros((GRID, GRID))
    for (y, x), fall in zip(corners, falls(hidden(y, x) for y, x in corners), strict=True):
        total[y : y + HIDING, x : x + HIDING] += fall
        count[y : y + HIDING, x : x + HIDING] += 1
    return total / count


def _sound_weights(post: DecodedPost, place: int, falls: Falls) -> tuple[Weights, float]:
    """Parts of the sound are silenced. Also returns the seconds of a step."""
    samples = post.audio[place]
    seconds = len(samples) / SAMPLE_RATE_HZ
    steps = max(1, min(MAX_STEPS, math.ceil(seconds / SECONDS_A_STEP)))
    bounds = np.linspace(0, len(samples), steps + 1).round().astype(int)
    starts = range(max(1, steps - HIDING + 1))

    def hidden(start: int) -> DecodedPost:
        silenced = samples.copy()
        silenced[bounds[start] : bounds[min(start + HIDING, steps)]] = 0.0
        return dataclasses.replace(post, audio=_replaced(post.audio, place, silenced))

    total, count = np.zeros(steps), np.zeros(steps)
    for start, fall in zip(starts, falls(hidden(start) for start in starts), strict=True):
        total[start : start + HIDING] += fall
        count[start : start + HIDING] += 1
    return total / count, seconds / steps


def _replaced(items: Sequence[Item], place: int, item: Item) -> tuple[Item, ...]:
    return (*items[:place], item, *items[place + 1 :])
