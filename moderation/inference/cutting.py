"""Posts cut into what the encoders take: windows of text and sound, and single pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from moderation.inference.isolation import Failure, bisected
from moderation.inference.pieces import CutPost, Piece
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


def cut_posts(
    posts: Sequence[DecodedPost], tokenizer: TextTokenizer, config: ModelConfig
) -> list[CutPost]:
    """Cut posts into pieces; all texts are tokenised in one call.

    Text beyond :data:`MAX_TEXT_WINDOWS` and sound beyond :data:`MAX_AUDIO_WINDOWS` is reported as
    ``truncated``, text of which more than :data:`MAX_UNKNOWN_SHARE` is unknown as ``unsupported``.
    A picture or sound whose words are left out is ``truncated``: it is looked at all the same.

    Args:
        posts: from the media stage.
        tokenizer: of the model.
        config: of the model; its windows are the longest pieces.
    """
    cut = [CutPost() for _ in posts]
    texts = [
        (text, where, into)
        for post, into in zip(posts, cut, strict=True)
        for text, where in _texts(post)
    ]
    cut_texts(texts, tokenizer)
    for post, into in zip(posts, cut, strict=True):
        into.add(Modality.IMAGE, _image_pieces(post))
        _cut_audio(post, config, into)
    return cut


def cut_texts(texts: Sequence[tuple[str, Place, CutPost]], tokenizer: TextTokenizer) -> None:
    """Cut texts into windows.

    Args:
        texts: each with where it stands, and the post that takes its windows.
        tokenizer: of the model; called once.
    """
    encoded = bisected([text for text, _, _ in texts], tokenizer.encode_with_spans)
    for (_, where, into), tokens in zip(texts, encoded, strict=True):
        _cut_text(tokens, where, tokenizer, into)


def _texts(post: DecodedPost) -> Iterable[tuple[str, Place]]:
    """The post's own text, and the words found in its media."""
    if post.text:
        yield post.text, Place(modality=Modality.TEXT)
    for found in post.found_texts:
        if found.text:
            yield found.text, Place(modality=found.modality, index=found.index, words=True)


def _cut_text(
    text: EncodedText | Failure, where: Place, tokenizer: TextTokenizer, into: CutPost
) -> None:
    if isinstance(text, Failure):
        into.not_scanned.append(model_failed(where, text))
        return
    unknown = tokenizer.unknown_share(text.ids)
    if unknown > MAX_UNKNOWN_SHARE:
        detail = f"the model's vocabulary does not know {unknown:.0%} of it"
        into.not_scanned.append(_unread(where, NotScannedReason.UNSUPPORTED, detail))
        return
    windows = tokenizer.windows_with_spans(text)
    kept = windows[:MAX_TEXT_WINDOWS]
    if len(windows) > len(kept):
        detail = (
            f"the first {len(kept)} of {len(windows)} windows of {tokenizer.max_tokens} tokens "
            "were read"
        )
        into.not_scanned.append(_unread(where, NotScannedReason.TRUNCATED, detail))
    pieces = [
        Piece(Modality.TEXT, where, Sample(text=window.ids), len(window.ids)) for window in kept
    ]
    if where.words:
        into.words += pieces
        return
    if len(windows) > 1:
        pieces = [
            Piece(
                piece.modality, _part(where, window.start, window.end), piece.sample, piece.length
            )
            for piece, window in zip(pieces, kept, strict=True)
        ]
    into.add(Modality.TEXT, pieces)


def _image_pieces(post: DecodedPost) -> Iterable[Piece]:
    for number, pixels in enumerate(post.images):
        where = Place(modality=Modality.IMAGE, index=post.place(Modality.IMAGE, number))
        yield Piece(Modality.IMAGE, where, Sample(image=pixels), length=1)


def _cut_audio(post: DecodedPost, config: ModelConfig, into: CutPost) -> None:
    for number, samples in enumerate(post.audio):
        where = Place(modality=Modality.AUDIO, index=post.place(Modality.AUDIO, number))
        windows = audio_windows(samples, config.audio)
        kept = windows[:MAX_AUDIO_WINDOWS]
        if len(windows) > len(kept):
            detail = (
                f"the first {len(kept)} of {len(windows)} windows of "
                f"{config.audio.max_seconds:g} s were heard"
            )
            into.not_scanned.append(_unread(where, NotScannedReason.TRUNCATED, detail))
        into.add(Modality.AUDIO, _sound_pieces(kept, where, whole=len(windows) == 1))


def _sound_pieces(windows: Sequence[Samples], where: Place, *, whole: bool) -> Iterable[Piece]:
    start = 0
    for samples in windows:
        end = start + len(samples)
        part = where if whole else _part(where, start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ)
        yield Piece(Modality.AUDIO, part, Sample(audio=samples), len(samples))
        start = end


def _part(where: Place, start: float, end: float) -> Place:
    return where.model_copy(update={"start": float(start), "end": float(end)})


def model_failed(where: Place, failure: Failure) -> NotScanned:
    """The entry for a piece on which the classifier raised."""
    detail = f"the classifier failed on it ({failure.kind})"
    return _unread(where, NotScannedReason.MODEL_FAILED, detail)


def _unread(where: Place, reason: NotScannedReason, detail: str) -> NotScanned:
    if where.words:
        # The picture or sound itself was looked at; only its words were not.
        reason, detail = NotScannedReason.TRUNCATED, f"the words in it: {detail}"
    return NotScanned(modality=where.modality, index=where.index, reason=reason, detail=detail)
