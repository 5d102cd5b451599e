"""The shipped model as peers call it: from posts' bytes to answers, without rules."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

import torch

from bench.performance.decoded import decoded
from moderation.inference import SHIPPED_MODEL_DIR, choose_device
from moderation.inference.precision import in_precision
from moderation.inference.recorded import steps_of
from moderation.model import Classifier, Sample, collate
from schemas import Post
from workers.moderator.machine_settings import available_cores

DEVICE_VARIABLE = "BENCH_DEVICE"


def processes_for_device() -> int:
    """Where a peer can have several: one a core, which suits a CPU better than threads do."""
    on_cpu = choose_device(os.environ.get(DEVICE_VARIABLE, "cpu")).type == "cpu"
    return available_cores() if on_cpu else 1


class PeerModel:
    """The classifier that the worker uses, in the same numbers, recorded as the worker records it.

    It makes one forward pass over the batch that the peer formed, as it is: how the worker cuts,
    sorts and batches what it scores is its own, and a part of what is compared. What a post holds
    beyond the first window of its text, its first picture and sound is not looked at.

    Args:
        processes: that share the cores, each with such a model.
    """

    def __init__(self, processes: int = 1) -> None:
        torch.set_num_threads(max(1, available_cores() // processes))
        device = choose_device(os.environ.get(DEVICE_VARIABLE, "cpu"))
        shipped = Classifier.from_pretrained(SHIPPED_MODEL_DIR)
        self._model, self._bf16 = in_precision(shipped, "auto", device)
        self._steps = steps_of(self._model, bf16=self._bf16)
        self._scores([Sample(text="warm")])

    def answers(self, values: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        """Key and value of what is said about each post; one batch."""
        posts = decoded(Post.from_bytes(value) for value in values)
        scores = self._scores(
            [
                Sample(post.text, next(iter(post.images), None), next(iter(post.audio), None))
                for post in posts
            ]
        )
        return [
            (
                post.post_id.encode(),
                json.dumps(
                    {
                        "post_id": post.post_id,
                        "scores": dict(zip(self._model.categories, row, strict=True)),
                    }
                ).encode(),
            )
            for post, row in zip(posts, scores, strict=True)
        ]

    def answer(self, value: bytes) -> tuple[bytes, bytes]:
        """The same for one post alone."""
        return self.answers([value])[0]

    def _scores(self, samples: Sequence[Sample]) -> list[list[float]]:
        model = self._model
        batch = collate(samples, tokenizer=model.tokenizer, config=model.config)
        with (
            torch.inference_mode(),
            torch.autocast(model.device.type, torch.bfloat16, enabled=self._bf16),
        ):
            embeddings = self._steps.embed(batch.to(model.device))
            rows: list[list[float]] = self._steps.fuse(embeddings).probabilities.tolist()
        return rows
