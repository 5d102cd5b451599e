"""A vocabulary learnt from the training texts, for a text encoder that starts at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokenizers import Tokenizer
from tokenizers.trainers import WordPieceTrainer

from moderation.model import TextTokenizer
from moderation.model.tokenizer import BERT, CONTINUATION

MAX_PIECES: Final = 20_000  # about as many as the shipped model has
MIN_USES: Final = 2  # of a piece


def learn_tokenizer(texts: Sequence[str], *, max_tokens: int) -> TextTokenizer:
    """The pieces that are used most.

    Args:
        texts: of the training split.
        max_tokens: of the tokenizer.
    """
    empty = TextTokenizer.from_vocabulary([], max_tokens=max_tokens)
    learner = Tokenizer.from_str(empty.to_json())
    learner.train_from_iterator(
        texts,
        WordPieceTrainer(
            vocab_size=MAX_PIECES,
            min_frequency=MIN_USES,
            special_tokens=list(BERT),
            continuing_subword_prefix=CONTINUATION,
            show_progress=False,
        ),
    )
    by_number = sorted(learner.get_vocab().items(), key=lambda item: item[1])
    pieces = [piece for piece, _ in by_number]
    bare = (piece.removeprefix(CONTINUATION) for piece in pieces)
    letters = [piece for piece in bare if len(piece) == 1]
    # Every letter in both forms: a word in a new spelling is read letter by letter.
    both = [form for letter in letters for form in (letter, CONTINUATION + letter)]
    return TextTokenizer.from_vocabulary([*pieces, *both], max_tokens=max_tokens)
