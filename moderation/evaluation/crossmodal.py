"""Posts in which no single modality decides, composed of texts and pictures harmless alone.

"Yours for 300, cash only" sells a pet or a gun: the picture tells. "This is what you look like"
under a gun says nothing; under a toad it insults. The posts come in squares of two texts and two
pictures, of which two posts are harmful and two are not, as the benign confounders of Kiela et al.,
"The Hateful Memes Challenge" (2020), so every text and every picture stands in as many harmful as
harmless posts: whoever looks at one of the two alone is right half of the time.

=============  ===========  =================
text           gun          animal
=============  ===========  =================
``offer``      1 (weapons)  0
``likeness``   0            1 (insult)
=============  ===========  =================
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from zlib import crc32

from moderation.evaluation.errors import EvaluationError
from moderation.evaluation.folds import FOLDS
from moderation.evaluation.grammar import read_grammar
from moderation.evaluation.manifest import DEV, TRAIN, Row

COMPOSED: Final = "composed"
"""The one label of a composed post."""

SENTENCES: Final = Path(__file__).with_name("crossmodal.yaml")
TEXTS_PER_FOLD: Final = 100  # of each kind; a fold's own are tested, all others are trained on

DRAWS: Final = 4  # for each text wanted: repeated ones are dropped

# ImageNet's synsets are sorted by meaning; the animals, tench to giant panda, come first.
IMAGENET_ID: Final = "imagenet-"
LAST_ANIMAL: Final = "n02510455"

TextKind = Literal["offer", "likeness"]
PictureKind = Literal["gun", "animal"]
HARMFUL: Final[frozenset[tuple[TextKind, PictureKind]]] = frozenset(
    {("offer", "gun"), ("likeness", "animal")}
)


@dataclass(frozen=True, slots=True)
class ComposedFold:
    """Posts to learn from, and posts of other sentences and other pictures to be tested on."""

    train: list[Row]
    test: list[Row]


def compose(pictures: Sequence[Row], *, seed: int = 0) -> list[ComposedFold]:
    """Compose the posts of all folds.

    A fold tests sentences that belong to it, with pictures that belong to it and are of the dev
    split, so that neither the fusion nor the encoders have learned them. It trains on the sentences
    and the train-split pictures of the other folds.

    Args:
        pictures: rows of which those labelled ``weapons`` are guns, and those whose id starts with
            ``imagenet-n`` and the synset of an animal are animals; others are not used.
        seed: of the draw.

    Raises:
        EvaluationError: a fold finds no gun or no animal.
    """
    texts = {kind: _texts(kind, seed) for kind in ("offer", "likeness")}

    def posts(number: int, split: str, own: Sequence[int]) -> list[Row]:
        return _squares(
            {kind: [text for at in own for text in by_fold[at]] for kind, by_fold in texts.items()},
            {kind: _pictures(pictures, kind, split, own) for kind in ("gun", "animal")},
            f"composed-{number}-{split}",
            random.Random(f"{seed} {number} {split}"),
        )

    return [
        ComposedFold(
            train=posts(number, TRAIN, [other for other in range(FOLDS) if other != number]),
            test=posts(number, DEV, [number]),
        )
        for number in range(FOLDS)
    ]


def _texts(kind: str, seed: int) -> list[list[str]]:
    """Different texts of one kind, by fold."""
    grammar = read_grammar([SENTENCES])
    patterns = grammar.groups[kind].patterns
    by_fold = []
    for number in range(FOLDS):
        draw, own = random.Random(f"{seed} {kind} {number}"), patterns[number::FOLDS]
        drawn = (grammar.expand(draw.choice(own), draw) for _ in range(DRAWS * TEXTS_PER_FOLD))
        by_fold.append(list(dict.fromkeys(drawn))[:TEXTS_PER_FOLD])
    return by_fold


def _pictures(rows: Sequence[Row], kind: str, split: str, folds: Sequence[int]) -> list[Row]:
    own = [row for row in rows if row.split == split and _kind(row) == kind and _fold(row) in folds]
    if not own:
        raise EvaluationError(
            f"no picture of a {kind} in split {split!r} for fold {folds}; give a manifest with "
            f"pictures labelled weapons and with ImageNet animals, some of split {DEV!r}"
        )
    return own


def _kind(row: Row) -> PictureKind | None:
    if row.labels.get("weapons"):
        return "gun"
    if row.id.startswith(IMAGENET_ID) and row.id.split("-")[1] <= LAST_ANIMAL:
        return "animal"
    return None


def _fold(row: Row) -> int:
    """Pictures cut from one original, whose ids share two parts, stay together."""
    return crc32("-".join(row.id.split("-")[:2]).encode()) % FOLDS


def _squares(
    texts: dict[str, list[str]], pictures: dict[str, list[Row]], name: str, draw: random.Random
) -> list[Row]:
    for text_pool in texts.values():
        draw.shuffle(text_pool)
    for picture_pool in pictures.values():
        draw.shuffle(picture_pool)
    rows = []
    for number in range(min(len(pool) for pool in texts.values())):
        for text_kind, text_pool in texts.items():
            for picture_kind, picture_pool in pictures.items():
                rows.append(
                    Row(
                        id=f"{name}-{number}-{text_kind}-{picture_kind}",
                        text=text_pool[number],
                        image=picture_pool[number % len(picture_pool)].image,
                        labels={COMPOSED: int((text_kind, picture_kind) in HARMFUL)},
                        lang="en",
                        source=f"composed_{text_kind}_{picture_kind}",
                    )
                )
    return rows
