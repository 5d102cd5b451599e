"""A transformers pipeline over the text encoder of the shipped model, in batches of 32.

It sees text only, and one linear layer stands for fusion and calibration: less work than the
worker's.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
import transformers

from bench.performance.peers.consuming import Answered, answer_polls, in_thread
from bench.performance.peers.model import DEVICE_VARIABLE
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import Classifier
from schemas import Post
from workers.moderator.machine_settings import available_cores

BATCH_POSTS = 32


def text_classification() -> Any:
    """The pipeline."""
    library: Any = transformers  # of which few functions are typed
    shipped = Classifier.from_pretrained(SHIPPED_MODEL_DIR)
    bert: Any = shipped.text_encoder.bert
    bert.config.num_labels = len(shipped.categories)
    model = library.BertForSequenceClassification(bert.config)
    model.bert.load_state_dict(bert.state_dict(), strict=False)
    tokenizer = library.PreTrainedTokenizerFast(
        tokenizer_file=str(SHIPPED_MODEL_DIR / "tokenizer.json"),
        pad_token="[PAD]",  # noqa: S106 - a token of texts, no password
        unk_token="[UNK]",  # noqa: S106 - a token of texts, no password
        model_max_length=shipped.config.text.max_tokens,
    )
    model.train(mode=False)
    return library.TextClassificationPipeline(
        model=model,
        tokenizer=tokenizer,
        device=os.environ.get(DEVICE_VARIABLE, "cpu"),
        top_k=None,
        function_to_apply="sigmoid",
    )


def answers(classify: Any, values: Sequence[bytes]) -> list[Answered]:
    """Key and value of what is said about each post."""
    posts = [Post.from_bytes(value) for value in values]
    texts = [post.text or "" for post in posts]
    said = classify(texts, batch_size=BATCH_POSTS, truncation=True)
    return [
        (post.post_id.encode(), json.dumps({"post_id": post.post_id, "scores": scores}).encode())
        for post, scores in zip(posts, said, strict=True)
    ]


if __name__ == "__main__":
    torch.set_num_threads(available_cores())
    asyncio.run(
        answer_polls("pipeline", partial(in_thread, partial(answers, text_classification())))
    )
