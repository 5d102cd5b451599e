from __future__ import annotations

from moderation.inference import Scorer
from moderation.model import tiny_classifier
from schemas import Modality
from tests.moderation.inference.posts import post


def test_what_encoders_work_on_is_counted_with_what_was_padding() -> None:
    scorer = Scorer(tiny_classifier(), "cpu", cache_bytes=0)
    scorer.score([post("short", "a b"), post("long", "a b c d e f g h")])
    text = scorer.encoder_work[Modality.TEXT]
    assert text.pieces == 2
    assert 1 <= text.batches <= 2
    assert text.content > 8
    assert text.padding == (6 if text.batches == 1 else 0)
    assert text.bytes > 0
    before = text.content
    scorer.score([post("again", "a b c")])
    assert scorer.encoder_work[Modality.TEXT].content > before
    assert text.content == before, "a reading does not change afterwards"


def test_an_encoder_without_work_has_counts_of_zero() -> None:
    scorer = Scorer(tiny_classifier(), "cpu")
    scorer.score([post("words", "a b")])
    audio = scorer.encoder_work[Modality.AUDIO]
    assert (audio.batches, audio.pieces, audio.content, audio.padding, audio.bytes) == (0,) * 5
