"""Posts cut into what the encoders take: windows of text and sound, and single pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from moderation.inference.isolation import Failure, bisected
from moderation.media import SAMPLE_RATE_HZ, DecodedPost, Samples
from moderation.model import EncodedText, ModelConfig, Sample, TextTokenizer, audio_windows
from schemas import Modality, NotScanned, NotScannedReason, Place

MAX_TEXT_WINDOWS: Final = 4
"""Of one text. Four windows of 128 tokens hold about 350 English words or 460 Chinese characters,
more than almost any post; one extreme text must not cost as much as a hundred others."""

MAX_AUDIO_WINDOWS: Final = 12
"""Of one sound. Twelve windows of 5 s are the minute that the media stage keeps."""

MAX_UNKNOWN_SHARE: Final = 0.5
"""Of a text's tokens. Where the vocabulary knows less than half of a text, as in a script that the
model was never taught, its score would say nothing and look like any other."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What an encoder takes at once.

    Attributes:
        modality: which encoder.
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
    """A post's pieces, in order, and what is in none of them."""

    pieces: dict[Modality, list[Piece]] = field(default_factory=dict)
    not_scanned: list[NotScanned] = field(default_factory=list)

    def all_pieces(self) -> list[Piece]:
        """Every piece of every modality."""
        return [piece for pieces in self.pieces.values() for piece in pieces]

    def views(self) -> list[tuple[Piece, ...]]:
        """Combinations of at most one piece a modality, such that every piece is in one.

        There are as many views as the modality with most pieces has; a modality with fewer shows
        its last one in the rest. So three pictures under a text are each seen with the text.
        """
        count = max(map(len, self.pieces.values()), default=0)
        return [
            tuple(pieces[min(number, len(pieces) - 1)] for pieces in self.pieces.values())
            for number in range(count)
        ]


def cut_posts(
    posts: Sequence[DecodedPost], tokenizer: TextTokenizer, config: ModelConfig
) -> list[CutPost]:
    """Cut posts into pieces; the texts are tokenised in one call.

    Text beyond :data:`MAX_TEXT_WINDOWS` and sound beyond :data:`MAX_AUDIO_WINDOWS` is reported as
    ``truncated``, text of which more than :data:`MAX_UNKNOWN_SHARE` is unknown as ``unsupported``.

    Args:
        posts: from the media stage.
        tokenizer: of the model.
        config: of the model; its windows are the longest pieces.
    """
    cut = [CutPost() for _ in posts]
    texts = [(post.text, into) for post, into in zip(posts, cut, strict=True) if post.text]
    encoded = bisected([text for text, _ in texts], tokenizer.encode_with_spans)
    for (_, into), tokens in zip(texts, encoded, strict=True):
        _cut_text(tokens, tokenizer, into)
    for post, into in zip(posts, cut, strict=True):
        _add(into, Modality.IMAGE, _image_pieces(post))
        _cut_audio(post, config, into)
    return cut


def _cut_text(text: EncodedText | Failure, tokenizer: TextTokenizer, into: CutPost) -> None:
    if isinstance(text, Failure):
        into.not_scanned.append(model_failed(Modality.TEXT, 0, text))
        return
    unknown = tokenizer.unknown_share(text.ids)
    if unknown > MAX_UNKNOWN_SHARE:
        detail = f"the model's vocabulary does not know {unknown:.0%} of it"
        into.not_scanned.append(_not_scanned(NotScannedReason.UNSUPPORTED, detail))
        return
    windows = tokenizer.windows_with_spans(text)
    kept = windows[:MAX_TEXT_WINDOWS]
    if len(windows) > len(kept):
        detail = (
            f"the first {len(kept)} of {len(windows)} windows of {tokenizer.max_tokens} tokens "
            "were read"
        )
        into.not_scanned.append(_not_scanned(NotScannedReason.TRUNCATED, detail))
    whole = len(windows) == 1
    _add(
        into,
        Modality.TEXT,
        (
            Piece(
                Modality.TEXT,
                _part(Modality.TEXT, 0, None if whole else (window.start, window.end)),
                Sample(text=window.ids),
                len(window.ids),
            )
            for window in kept
        ),
    )


def _image_pieces(post: DecodedPost) -> Iterable[Piece]:
    for number, pixels in enumerate(post.images):
        place = post.place(Modality.IMAGE, number)
        where = _part(Modality.IMAGE, place, None)
        yield Piece(Modality.IMAGE, where, Sample(image=pixels), length=1)


def _cut_audio(post: DecodedPost, config: ModelConfig, into: CutPost) -> None:
    for number, samples in enumerate(post.audio):
        place = post.place(Modality.AUDIO, number)
        windows = audio_windows(samples, config.audio)
        kept = windows[:MAX_AUDIO_WINDOWS]
        if len(windows) > len(kept):
            detail = (
                f"the first {len(kept)} of {len(windows)} windows of "
                f"{config.audio.max_seconds:g} s were heard"
            )
            into.not_scanned.append(
                _not_scanned(NotScannedReason.TRUNCATED, detail, Modality.AUDIO, place)
            )
        _add(into, Modality.AUDIO, _sound_pieces(kept, place, whole=len(windows) == 1))


def _sound_pieces(windows: Sequence[Samples], place: int, *, whole: bool) -> Iterable[Piece]:
    start = 0
    for part in windows:
        end = start + len(part)
        seconds = None if whole else (start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ)
        where = _part(Modality.AUDIO, place, seconds)
        yield Piece(Modality.AUDIO, where, Sample(audio=part), len(part))
        start = end


def _part(modality: Modality, index: int, bounds: tuple[float, float] | None) -> Place:
    start, end = bounds or (None, None)
    return Place(modality=modality, index=index, start=start, end=end)


def _add(into: CutPost, modality: Modality, pieces: Iterable[Piece]) -> None:
    found = list(pieces)
    if found:
        into.pieces.setdefault(modality, []).extend(found)


def model_failed(modality: Modality, place: int, failure: Failure) -> NotScanned:
    """The entry for a piece on which the classifier raised."""
    detail = f"the classifier failed on it ({failure.kind})"
    return _not_scanned(NotScannedReason.MODEL_FAILED, detail, modality, place)


def _not_scanned(
    reason: NotScannedReason, detail: str, modality: Modality = Modality.TEXT, place: int = 0
) -> NotScanned:
    return NotScanned(modality=modality, index=place, reason=reason, detail=detail)
