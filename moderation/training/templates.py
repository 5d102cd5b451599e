"""Posts from a small grammar, for harms and everyday talk that the public sets lack.

``grammars/*.yaml`` hold sentences with slots. One sentence in five of each group, and one filler in
five of each slot, are kept for the dev split, so that its figures speak of unseen sentences; they
still come from the same hand and are reported apart from real posts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from moderation.evaluation import DEV, TRAIN, Row
from schemas import CATEGORIES

GRAMMARS: Final = Path(__file__).with_name("grammars")
SOURCE_PREFIX: Final = "template_"

HELD_OUT_EVERY: Final = 5  # one sentence and one filler in five belong to the dev split
DEV_SHARE: Final = 0.1  # dev posts for each training post
ATTEMPTS: Final = 4  # draws for each post wanted: repeated sentences are dropped

_SLOT: Final = re.compile(r"\{(\w+)\}")


def template_rows(*, per_group: int, seed: int) -> list[Row]:
    """Draw posts from every grammar.

    Args:
        per_group: training posts of each group and language, before repeats are dropped; harmless
            groups give four times as many, as most real posts are harmless.
        seed: of the draw.
    """
    rows: list[Row] = []
    for path in sorted(GRAMMARS.glob("*.yaml")):
        grammar = yaml.safe_load(path.read_text("utf-8"))
        for name, group in grammar["groups"].items():
            wanted = per_group if group.get("labels") else 4 * per_group
            for split, count in ((TRAIN, wanted), (DEV, int(wanted * DEV_SHARE))):
                draw = random.Random(f"{seed} {path.stem} {name} {split}")
                texts = _texts(grammar["slots"], group["patterns"], split, count, draw)
                rows += [
                    Row(
                        id=f"template-{grammar['lang']}-{name}-{split}-{place}",
                        text=text,
                        labels=_labels(group),
                        lang=grammar["lang"],
                        source=SOURCE_PREFIX + name,
                        split=split,
                    )
                    for place, text in enumerate(texts)
                ]
    return rows


def _labels(group: Mapping[str, Any]) -> dict[str, int]:
    unknown = group.get("unknown", ())
    known = {category: 0 for category in CATEGORIES if category not in unknown}
    known.update(group.get("labels", {}))
    return known


def _texts(
    slots: Mapping[str, Sequence[str]],
    patterns: Sequence[str],
    split: str,
    count: int,
    draw: random.Random,
) -> list[str]:
    own = _of_split(patterns, split)
    found: dict[str, None] = {}
    for _ in range(count * ATTEMPTS):
        if len(found) == count:
            break
        found[_vary(_expand(draw.choice(own), slots, split, draw), draw)] = None
    return list(found)


def _expand(
    pattern: str, slots: Mapping[str, Sequence[str]], split: str, draw: random.Random
) -> str:
    def fill(slot: re.Match[str]) -> str:
        return _expand(draw.choice(_of_split(slots[slot[1]], split)), slots, split, draw)

    return _SLOT.sub(fill, pattern)


def _of_split(options: Sequence[str], split: str) -> Sequence[str]:
    held_out = options[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]
    if split == DEV:
        return held_out or options
    return [o for place, o in enumerate(options, start=1) if place % HELD_OUT_EVERY]


def _vary(text: str, draw: random.Random) -> str:
    """Spell as people do: no capitals, all capitals, no full stop."""
    kind = draw.random()
    if kind < 0.3:
        return text.lower()
    if kind < 0.35:
        return text.upper()
    return text[:1].upper() + text[1:] if kind < 0.9 else text + "!"
