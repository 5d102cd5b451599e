"""Changes to training texts that leave their labels true: reworded, or disguised by the author.

Rewording follows EDA (Wei and Zou 2019); the disguises are those that posts use against filters,
as listed by Hosseini et al. 2017 and Gröndahl et al. 2018.
"""

from __future__ import annotations

import random
import re
from typing import Final

from moderation.training.disguises import DISGUISES
from moderation.training.groups import exchange_groups
from moderation.training.recipe import TextChanges
from moderation.training.synonyms import FILLERS, SYNONYMS

# A Chinese character is a word of its own here; all else is split at spaces.
_UNIT: Final = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+|\s+")
_WORD: Final = re.compile(r"[^\W_]{3,}|[\u3400-\u9fff]{2,}")

DISGUISED_WORDS: Final = 0.35  # share of the words of an attacked text; at least one
DROPPED: Final = 0.5  # of the words to be changed; the others are replaced
MIN_UNITS: Final = 4  # a shorter text would lose its meaning with a word


def augment_text(text: str, draw: random.Random, changes: TextChanges) -> str:
    """A text as another author might have written it, or one about other people."""
    if draw.random() < changes.exchanged:
        text = exchange_groups(text, draw)
    chance = draw.random()
    if chance < changes.attacked:
        return attack(text, draw)
    if chance < changes.attacked + changes.reworded:
        return reword(text, draw, changes.word_share)
    return text


def reword(text: str, draw: random.Random, share: float) -> str:
    """Drop some words, and replace others by a synonym or, where none is known, a filler."""
    units = _UNIT.findall(text)
    if sum(not unit.isspace() for unit in units) < MIN_UNITS:
        return text
    changed = [
        unit if unit.isspace() or draw.random() >= share else _replaced(unit, draw)
        for unit in units
    ]
    return re.sub(r"\s+", " ", "".join(changed)).strip() or text


def attack(text: str, draw: random.Random) -> str:
    """Disguise some words of a text in one way."""
    disguise = draw.choice(DISGUISES)
    words = list(_WORD.finditer(text))
    if not words:
        return text
    chosen = {match.start() for match in words if draw.random() < DISGUISED_WORDS}
    chosen = chosen or {draw.choice(words).start()}
    return _WORD.sub(
        lambda match: disguise(match[0], draw) if match.start() in chosen else match[0], text
    )


def _replaced(unit: str, draw: random.Random) -> str:
    if draw.random() < DROPPED:
        return ""
    choices = SYNONYMS.get(unit.lower())
    if choices is None:
        choices = FILLERS["zh" if "\u3400" <= unit <= "\u9fff" else "en"]
    return draw.choice(choices)
