"""Posts from small grammars, for harms and everyday talk that the public sets lack.

``grammars/<language>/<topic>.yaml`` hold sentences with slots, harmful ones beside harmless ones
that share their words; ``words.yaml`` holds the slots that all topics use. One sentence in five of
each group, and one filler in five of each slot, are kept for the dev split, so that its figures
speak of unseen sentences; they still come from the same hand and are reported apart from real
posts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from moderation.evaluation import DEV, TRAIN, Row
from moderation.evaluation.grammar import Grammar, Group, read_grammar
from schemas import CATEGORIES

GRAMMARS: Final = Path(__file__).with_name("grammars")
SHARED_WORDS: Final = "words.yaml"
SOURCE_PREFIX: Final = "template_"

HELD_OUT_EVERY: Final = 5  # one sentence and one filler in five belong to the dev split
DEV_SHARE: Final = 0.1  # dev posts for each training post
SEEN_WHOLE: Final = frozenset({"group"})
"""Slots of which nothing is held out: a group of people that is named in no friendly training
sentence would be judged by what the public sets say of it."""

ATTEMPTS: Final = 4  # draws for each post wanted: repeated sentences are dropped

_LATIN_PAIR: Final = re.compile(r"(?<=[a-z])[a-z]{2}(?=[a-z])")


def template_rows(*, per_group: int, seed: int) -> list[Row]:
    """Draw posts from every grammar.

    Args:
        per_group: training posts of each group and language, before repeats are dropped; a group
            gives as many times more as its ``weight`` says, since most real posts are harmless.
        seed: of the draw.
    """
    rows: list[Row] = []
    for folder in sorted(path for path in GRAMMARS.iterdir() if path.is_dir()):
        grammar = language_grammar(folder.name)
        split_grammars = {split: _of_split(grammar, split) for split in (TRAIN, DEV)}
        for name, group in grammar.groups.items():
            wanted = int(per_group * group.values.get("weight", 1))
            for split, count in ((TRAIN, wanted), (DEV, int(wanted * DEV_SHARE))):
                draw = random.Random(f"{seed} {folder.name} {name} {split}")
                texts = _texts(split_grammars[split], name, count, draw)
                rows += [
                    Row(
                        id=f"template-{folder.name}-{name}-{split}-{place}",
                        text=text,
                        labels=_labels(group.values),
                        lang=folder.name,
                        source=SOURCE_PREFIX + name,
                        split=split,
                    )
                    for place, text in enumerate(texts)
                ]
    return rows


def language_grammar(lang: str) -> Grammar:
    """All topics of one language, the shared words first."""
    paths = sorted((GRAMMARS / lang).glob("*.yaml"), key=lambda p: (p.name != SHARED_WORDS, p.name))
    return read_grammar(paths)


def _labels(values: Mapping[str, Any]) -> dict[str, int]:
    unknown = values.get("unknown", ())
    known = {category: 0 for category in CATEGORIES if category not in unknown}
    known.update(values.get("labels", {}))
    return known


def _of_split(grammar: Grammar, split: str) -> Grammar:
    return Grammar(
        {
            name: fillers if name in SEEN_WHOLE else _part(fillers, split)
            for name, fillers in grammar.slots.items()
        },
        {
            name: Group(_part(group.patterns, split), group.values)
            for name, group in grammar.groups.items()
        },
    )


def _part(options: Sequence[str], split: str) -> Sequence[str]:
    held_out = options[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]
    if split == DEV:
        return held_out or options
    return [o for place, o in enumerate(options, start=1) if place % HELD_OUT_EVERY]


def _texts(grammar: Grammar, group: str, count: int, draw: random.Random) -> list[str]:
    patterns = grammar.groups[group].patterns
    found: dict[str, None] = {}
    for _ in range(count * ATTEMPTS):
        if len(found) == count:
            break
        text = grammar.expand(_dressed(draw.choice(patterns), draw), draw)
        found[_spelled(text, draw)] = None
    return list(found)


def _dressed(pattern: str, draw: random.Random) -> str:
    """Now and then an opening word or a closing emoji, alike in harmful and harmless posts."""
    if draw.random() < 0.12:
        pattern = "{opener}" + pattern[:1].lower() + pattern[1:]
    if draw.random() < 0.12:
        pattern += "{closer}"
    return pattern


def _spelled(text: str, draw: random.Random) -> str:
    """Spell as people do: no capitals, all capitals, no apostrophes, a slip of the finger."""
    if draw.random() < 0.15:
        text = text.replace("'", "")
    if draw.random() < 0.06:
        text = _with_slip(text, draw)
    kind = draw.random()
    if kind < 0.35:
        return text.lower()
    if kind < 0.39:
        return text.upper()
    return text[:1].upper() + text[1:] if kind < 0.95 else text + "!"


def _with_slip(text: str, draw: random.Random) -> str:
    pairs = list(_LATIN_PAIR.finditer(text))
    if not pairs:
        return text
    start, end = draw.choice(pairs).span()
    return text[:start] + text[start:end][::-1] + text[end:]
