"""Texts, pictures and sounds to tensors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.processors import ByteLevel

from moderation.model import (
    SAMPLE_RATE,
    ModelFolderError,
    ModelInputError,
    Sample,
    TextTokenizer,
    audio_windows,
    collate,
    prepare_image,
    tiny_classifier,
)
from tests.moderation.model.making import roberta_pipeline

TOKENIZER = TextTokenizer.of_characters(max_tokens=32)
CONFIG = tiny_classifier().config


def test_each_chinese_character_is_a_token() -> None:
    assert TOKENIZER.tokens("今天 good") == [
        "[CLS]", "今", "天", "g", "##o", "##o", "##d", "[SEP]",
    ]  # fmt: skip


def test_an_emoji_is_a_token_of_its_own_even_when_glued_to_a_word() -> None:
    tokenizer = TextTokenizer.from_vocabulary(["so", "lol", "😂"], max_tokens=32)
    assert tokenizer.tokens("lol😂😂so") == ["[CLS]", "lol", "😂", "😂", "so", "[SEP]"]


def test_capitals_and_accents_are_folded() -> None:
    assert TOKENIZER.encode(["CAFÉ"]) == TOKENIZER.encode(["cafe"])


def test_a_short_text_is_one_window() -> None:
    ids = TOKENIZER.encode(["hello"])[0]
    assert TOKENIZER.windows(ids) == [ids]


@given(length=st.integers(0, 400), overlap=st.integers(0, 20))
def test_windows_cover_every_token_and_fit_the_model(length: int, overlap: int) -> None:
    start, end = TOKENIZER.encode([""])[0]
    body = list(range(1000, 1000 + length))
    windows = TOKENIZER.windows([start, *body, end], overlap=overlap)
    assert all(len(window) <= TOKENIZER.max_tokens for window in windows)
    assert all(window[0] == start and window[-1] == end for window in windows)
    assert sorted({token for window in windows for token in window[1:-1]}) == body


def test_a_text_longer_than_the_window_is_cut_and_still_ends() -> None:
    ids, mask = TOKENIZER.pad([TOKENIZER.encode(["a " * 100])[0], TOKENIZER.encode(["a"])[0]])
    assert ids.shape == mask.shape == (2, 32)
    assert ids[0, -1] == ids[1, 2] == TOKENIZER.encode([""])[0][1]
    assert mask.sum(dim=1).tolist() == [32, 3]


def test_a_picture_of_any_shape_becomes_a_square() -> None:
    pixels = np.zeros((30, 90, 3), dtype=np.uint8)
    pixels[:, 45:] = 255
    square = prepare_image(pixels, 32)
    assert square.shape == (3, 32, 32)
    assert square[0, 16, 2] == 0
    assert square[0, 16, 29] == 255


@pytest.mark.parametrize(
    "pixels", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)], ids=["grey", "float"]
)
def test_what_is_no_rgb_picture_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ModelInputError, match="decode it to RGB"):
        prepare_image(pixels, 32)


@given(samples=st.integers(1, 5 * SAMPLE_RATE))
def test_sound_windows_fit_the_model_and_keep_their_order(samples: int) -> None:
    sound = np.arange(samples, dtype=np.float32)
    windows = audio_windows(sound, CONFIG.audio)
    together = np.concatenate(windows)
    assert all(len(window) <= CONFIG.audio.max_samples for window in windows)
    assert np.array_equal(together, sound[: len(together)])
    assert len(sound) - len(together) < 0.1 * SAMPLE_RATE


def test_rows_say_where_each_modality_belongs() -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    inputs = collate(
        [Sample(text="a"), Sample(image=picture), Sample(text="b", image=picture)],
        tokenizer=TOKENIZER,
        config=CONFIG,
    )
    assert inputs.size == 3
    assert inputs.text_rows.tolist() == [0, 2]
    assert inputs.image_rows.tolist() == [1, 2]
    assert inputs.audio_rows.tolist() == []


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ModelInputError, match="at least one"):
        collate([], tokenizer=TOKENIZER, config=CONFIG)


def test_stereo_is_refused() -> None:
    stereo = Sample(audio=np.zeros((100, 2), np.float32))
    with pytest.raises(ModelInputError, match="mono"):
        collate([stereo], tokenizer=TOKENIZER, config=CONFIG)


def test_the_tokenizer_of_a_roberta_cuts_and_pads_with_its_own_tokens() -> None:
    tokenizer = TextTokenizer(roberta_pipeline(), max_tokens=6)
    ids = tokenizer.encode(["abcdefgh"])[0]
    windows = tokenizer.windows(ids, overlap=1)
    padded, mask = tokenizer.pad([*windows, tokenizer.encode(["a"])[0]])
    assert all(window[0] == 0 and window[-1] == 2 for window in windows)
    assert padded[-1].tolist() == [0, 4, 2, 1, 1, 1]
    assert mask[-1].tolist() == [1, 1, 1, 0, 0, 0]


def test_a_roberta_tokenizer_says_what_it_does_not_know() -> None:
    tokenizer = TextTokenizer(roberta_pipeline(), max_tokens=16)
    assert tokenizer.unknown_share(tokenizer.encode(["ab12"])[0]) == 0.5


def test_a_tokenizer_without_known_special_tokens_is_refused() -> None:
    with pytest.raises(ModelFolderError, match="special tokens"):
        TextTokenizer(Tokenizer(WordLevel({"a": 0})), max_tokens=8)


def test_a_tokenizer_that_marks_no_start_is_refused() -> None:
    pipeline = roberta_pipeline()
    pipeline.post_processor = ByteLevel(trim_offsets=False)
    with pytest.raises(ModelFolderError, match="post-processor"):
        TextTokenizer(pipeline, max_tokens=8)
