"""The shipped model as peers call it: from posts' bytes to answers, without rules."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

import torch

from bench.performance.decoded import decoded
from moderation.inference import Scorer
from schemas import Post
from workers.moderator.settings import available_cores

DEVICE_VARIABLE = "BENCH_DEVICE"


class PeerModel:
    """The same scorer that the worker uses, with the same threads, and no cache."""

    def __init__(self) -> None:
        torch.set_num_threads(available_cores())
        self._scorer = Scorer(device=os.environ.get(DEVICE_VARIABLE, "cpu"), cache_bytes=0)
        self._scorer.warm_up()

    def answers(self, values: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        """Key and value of what is said about each post; one batch."""
        posts = [Post.from_bytes(value) for value in values]
        scored = self._scorer.score(decoded(posts))
        return [
            (
                one.post_id.encode(),
                json.dumps({"post_id": one.post_id, "scores": dict(one.scores)}).encode(),
            )
            for one in scored
        ]

    def answer(self, value: bytes) -> tuple[bytes, bytes]:
        """The same for one post alone."""
        return self.answers([value])[0]
