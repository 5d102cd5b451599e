"""Text to token ids, by word pieces of our own or by the tokenizer of a pretrained encoder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

import torch
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from torch import Tensor

from moderation.model.errors import ModelFolderError


class SpecialTokens(NamedTuple):
    """Tokens that stand for no text."""

    pad: str
    unknown: str
    start: str
    end: str


BERT: Final = SpecialTokens("[PAD]", "[UNK]", "[CLS]", "[SEP]")
FAMILIES: Final = (
    BERT,
    SpecialTokens("<pad>", "<unk>", "<s>", "</s>"),  # RoBERTa, XLM-R
    SpecialTokens("<|endoftext|>", "<|endoftext|>", "<|startoftext|>", "<|endoftext|>"),  # CLIP
)
CONTINUATION: Final = "##"

# Arrows, dingbats and the emoji planes: BERT's own splitter leaves them glued to words.
_SYMBOLS: Final = Regex(r"[\x{2190}-\x{2BFF}\x{1F000}-\x{1FAFF}]")


@dataclass(frozen=True, slots=True)
class EncodedText:
    """One text as tokens.

    Attributes:
        ids: start and end token included.
        spans: for each token the characters of the text that it stands for, from and up to; (0, 0)
            for the start and the end token.
    """

    ids: list[int]
    spans: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class TextWindow:
    """A piece of an encoded text that fits the model, and the characters that it covers."""

    ids: list[int]
    start: int
    end: int


class TextTokenizer:
    """A ``tokenizers`` pipeline that needs no network.

    Args:
        tokenizer: the pipeline; its vocabulary holds the special tokens of one of
            :data:`FAMILIES`, and it puts start and end around a text.
        max_tokens: length of a window, start and end token included.

    Raises:
        ModelFolderError: it knows the special tokens of no family, or puts others around a text.
    """

    def __init__(self, tokenizer: Tokenizer, *, max_tokens: int) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self.max_tokens = max_tokens
        special = _special_tokens(tokenizer)
        ids = tokenizer.get_vocab()
        self._pad, self._unknown, self._start, self._end = (ids[token] for token in special)
        around = tokenizer.encode("").tokens
        if around != [special.start, special.end]:
            raise ModelFolderError(
                f"the tokenizer makes {around} of an empty text, not "
                f"{[special.start, special.end]}; its post-processor must put them around a text"
            )

    @classmethod
    def from_vocabulary(cls, pieces: Iterable[str], *, max_tokens: int) -> Self:
        """Build a pipeline over word pieces: one token a Chinese character, one an emoji.

        Text is lower-cased and its accents are stripped; the special tokens come first, whatever
        is given.
        """
        ordered = dict.fromkeys((*BERT, *pieces))
        vocabulary = {piece: place for place, piece in enumerate(ordered)}
        tokenizer = Tokenizer(WordPiece(vocabulary, unk_token=BERT.unknown))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(_SYMBOLS, behavior="isolated"),
                pre_tokenizers.BertPreTokenizer(),
            ]
        )
        tokenizer.post_processor = processors.BertProcessing(
            (BERT.end, vocabulary[BERT.end]), (BERT.start, vocabulary[BERT.start])
        )
        return cls(tokenizer, max_tokens=max_tokens)

    @classmethod
    def of_characters(cls, *, max_tokens: int) -> Self:
        """The little vocabulary of the ``tiny`` preset: ASCII and a few Chinese characters."""
        characters = [chr(code) for code in range(33, 127)] + list("你我他她是的不好天气真今笨蛋")
        pieces = [*characters, *(CONTINUATION + character for character in characters)]
        return cls.from_vocabulary(pieces, max_tokens=max_tokens)

    @classmethod
    def from_file(cls, path: Path, *, max_tokens: int) -> Self:
        """Read ``tokenizer.json``."""
        return cls(Tokenizer.from_file(str(path)), max_tokens=max_tokens)

    def to_json(self) -> str:
        """The pipeline, as ``tokenizer.json`` holds it."""
        return self._tokenizer.to_str(pretty=False)

    @property
    def vocab_size(self) -> int:
        """Number of tokens, special ones included."""
        return self._tokenizer.get_vocab_size()

    @property
    def padding(self) -> int:
        """The id that :meth:`pad` fills up with."""
        return self._pad

    def pieces(self) -> list[str]:
        """The vocabulary, in the order of the ids."""
        vocabulary = self._tokenizer.get_vocab()
        return sorted(vocabulary, key=vocabulary.__getitem__)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, start and end token included, of any length."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def encode_with_spans(self, texts: Sequence[str]) -> list[EncodedText]:
        """Each text as tokens that know the characters they stand for, of any length."""
        return [
            EncodedText(encoding.ids, encoding.offsets)
            for encoding in self._tokenizer.encode_batch(list(texts))
        ]

    def tokens(self, text: str) -> list[str]:
        """The pieces of one text, for people to read."""
        return list(self._tokenizer.encode(text).tokens)

    def unknown_share(self, ids: Sequence[int]) -> float:
        """How much of an encoded text the vocabulary does not know, 0..1; 0 for an empty one."""
        body = ids[1:-1]
        return sum(token == self._unknown for token in body) / len(body) if body else 0.0

    def windows(self, ids: Sequence[int], *, overlap: int = 16) -> list[list[int]]:
        """Cut one encoded text into pieces that fit the model.

        Args:
            ids: as :meth:`encode` gives them.
            overlap: tokens that two neighbours share, so that no phrase is cut in every window.

        Returns:
            Windows of at most :attr:`max_tokens`; just one for most posts.
        """
        body = list(ids[1:-1])
        return [[self._start, *body[part], self._end] for part in self._parts(len(body), overlap)]

    def windows_with_spans(self, text: EncodedText, *, overlap: int = 16) -> list[TextWindow]:
        """Like :meth:`windows`, and each says which characters it covers."""
        body, spans = text.ids[1:-1], text.spans[1:-1]
        return [
            TextWindow(
                [self._start, *body[part], self._end],
                start=min((start for start, _ in spans[part]), default=0),
                end=max((end for _, end in spans[part]), default=0),
            )
            for part in self._parts(len(body), overlap)
        ]

    def _parts(self, count: int, overlap: int) -> list[slice]:
        """Which of ``count`` tokens go into each window, start and end token not counted."""
        room = self.max_tokens - 2
        if count <= room:
            return [slice(0, count)]
        step = max(1, room - overlap)
        return [slice(at, at + room) for at in range(0, max(1, count - overlap), step)]

    def pad(self, windows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Stack windows of token ids; what is longer than :attr:`max_tokens` is cut.

        Returns:
            ids and mask, int64, shape = (windows, longest window); the mask is 1 on real tokens.
        """
        cut = [
            list(ids) if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], self._end]
            for ids in windows
        ]
        longest = max(len(ids) for ids in cut)
        padded = torch.tensor([ids + [self._pad] * (longest - len(ids)) for ids in cut])
        lengths = torch.tensor([len(ids) for ids in cut])
        return padded, (torch.arange(longest)[None, :] < lengths[:, None]).long()


def _special_tokens(tokenizer: Tokenizer) -> SpecialTokens:
    for family in FAMILIES:
        if all(tokenizer.token_to_id(token) is not None for token in family):
            return family
    known = "; ".join(", ".join(family) for family in FAMILIES)
    raise ModelFolderError(
        f"the tokenizer's vocabulary holds none of these sets of special tokens: {known}; "
        "build it with TextTokenizer.from_vocabulary or take a pretrained encoder's own"
    )
