"""A vocabulary learnt from texts."""

from __future__ import annotations

from moderation.training.word_pieces import learn_tokenizer

TEXTS = ["Free prizes for everyone", "free prizes today", "你好 今天", "你好"] * 5


def test_frequent_words_become_one_token() -> None:
    tokenizer = learn_tokenizer(TEXTS, max_tokens=32)
    assert tokenizer.tokens("FREE prizes") == ["[CLS]", "free", "prizes", "[SEP]"]


def test_unseen_words_are_spelt_from_pieces() -> None:
    tokenizer = learn_tokenizer(TEXTS, max_tokens=32)
    assert "[UNK]" not in tokenizer.tokens("prefer 你好")
    assert tokenizer.tokens("你好") == ["[CLS]", "你", "好", "[SEP]"]


def test_without_texts_there_is_still_a_tokenizer() -> None:
    assert learn_tokenizer([], max_tokens=32).tokens("hello") == ["[CLS]", "[UNK]", "[SEP]"]
