"""Words that the classifier itself hears in sounds, as text for its text encoder.

Its audio encoder spells by ear, in English letters and without a dictionary. That is no
transcript to publish, but the text encoder reads it better than the sound alone is understood; a
sound that a transcriber has written down needs no second guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moderation.inference.cache import Encoding
from moderation.inference.cutting import cut_texts
from moderation.inference.isolation import Failure
from moderation.inference.pieces import CutPost, Piece
from moderation.media import DecodedPost
from moderation.model import TextTokenizer, enough_said
from schemas import FoundText, Modality, Place

FoundTexts = tuple[FoundText, ...]


def cut_heard(
    posts: Sequence[DecodedPost],
    cut: Sequence[CutPost],
    encodings: Mapping[Piece, Encoding | Failure],
    tokenizer: TextTokenizer,
) -> list[FoundTexts]:
    """Add what is said in each window of a sound to the words of its post.

    Args:
        posts: from the media stage.
        cut: their pieces; takes the new ones.
        encodings: of the pieces.
        tokenizer: of the model.

    Returns:
        What was heard in each post, a sound an entry; sounds of which the media stage brought
        words, and those in which nothing is said, have none.
    """
    heard = [_heard(post, into, encodings) for post, into in zip(posts, cut, strict=True)]
    texts = [
        (said, where, into) for into, parts in zip(cut, heard, strict=True) for where, said in parts
    ]
    cut_texts(texts, tokenizer)
    return [_joined(parts) for parts in heard]


def _heard(
    post: DecodedPost, cut: CutPost, encodings: Mapping[Piece, Encoding | Failure]
) -> list[tuple[Place, str]]:
    written = {found.index for found in post.found_texts if found.modality is Modality.AUDIO}
    heard = []
    for piece in cut.pieces.get(Modality.AUDIO, ()):
        encoding = encodings[piece]
        if isinstance(encoding, Failure) or piece.where.index in written:
            continue
        if enough_said(encoding.said):
            heard.append((piece.where.model_copy(update={"words": True}), encoding.said))
    return heard


def _joined(parts: Sequence[tuple[Place, str]]) -> FoundTexts:
    by_sound: dict[int, list[str]] = {}
    for where, said in parts:
        by_sound.setdefault(where.index, []).append(said)
    return tuple(
        FoundText(modality=Modality.AUDIO, index=index, text=" ".join(said))
        for index, said in by_sound.items()
    )
