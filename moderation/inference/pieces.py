"""Pieces of a post that an encoder takes at once, and the views in which they are seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from moderation.model import Sample
from schemas import Modality, NotScanned, Place


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What an encoder takes at once.

    Attributes:
        modality: which encoder. Words found in a picture go through the text encoder.
        where: it stands in the post.
        sample: with just this piece in it.
        length: its cost in a batch: tokens, samples, or 1 for a picture.
    """

    modality: Modality
    where: Place
    sample: Sample
    length: int


@dataclass(slots=True)
class CutPost:
    """A post's pieces, in order, and what is in none of them.

    Attributes:
        pieces: by modality: windows of the text and of sounds, and pictures.
        words: windows of the words found in pictures and sounds.
        not_scanned: the rest.
    """

    pieces: dict[Modality, list[Piece]] = field(default_factory=dict)
    words: list[Piece] = field(default_factory=list)
    not_scanned: list[NotScanned] = field(default_factory=list)

    def add(self, modality: Modality, pieces: Iterable[Piece]) -> None:
        """Append pieces of a modality, if there are any."""
        found = list(pieces)
        if found:
            self.pieces.setdefault(modality, []).extend(found)

    def all_pieces(self) -> list[Piece]:
        """Every piece of every modality, and all found words."""
        return [*(piece for pieces in self.pieces.values() for piece in pieces), *self.words]

    def views(self) -> list[tuple[Piece, ...]]:
        """Combinations of at most one piece an encoder, such that every piece is in one.

        There are as many as the modality with most pieces has; a modality with fewer shows its
        last one in the rest. So three pictures under a text are each seen with the text. Then come
        the found words, each window with the picture, the part of the sound, or else the beginning
        of the sound, that holds them.
        """
        count = max(map(len, self.pieces.values()), default=0)
        posted = [
            tuple(pieces[min(number, len(pieces) - 1)] for pieces in self.pieces.values())
            for number in range(count)
        ]
        return posted + [(*self._holder(words), words) for words in self.words]

    def _holder(self, words: Piece) -> tuple[Piece, ...]:
        media = self.pieces.get(words.where.modality, [])
        own = [piece for piece in media if piece.where.index == words.where.index]
        exact = [piece for piece in own if piece.where.start == words.where.start]
        return tuple(exact or own)[:1]
