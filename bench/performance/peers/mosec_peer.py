"""MOSEC behind a consumer: batches of 32, or what has come within 10 ms.

Run by the Python of ``make bench-setup``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import mosec

from bench.performance.peers.model import PeerModel, processes_for_device
from bench.performance.peers.served import BATCH_POSTS, WAIT_SECONDS, serve_and_consume

TIMEOUT_MS = 120_000  # of a request: a batch on a busy CPU takes its time


class Judge(mosec.Worker):  # type: ignore[misc]  # its base is unknown here: MOSEC lives in the peers' environment alone
    """A model, posts in batches."""

    def __init__(self) -> None:
        super().__init__()
        self.model = PeerModel(processes_for_device())

    def deserialize(self, data: bytes) -> bytes:
        """The post's bytes."""
        return data

    def forward(self, data: Sequence[bytes]) -> list[bytes]:
        """One batch."""
        return [b"\n".join(answer) for answer in self.model.answers(data)]

    def serialize(self, data: bytes) -> bytes:
        """Key and value, by a newline."""
        return data


def serve(port: int) -> None:
    """Serve the model; does not return."""
    sys.argv[1:] = ["--port", str(port), "--address", "127.0.0.1"]
    sys.argv += ["--timeout", str(TIMEOUT_MS), "--log-level", "warning"]
    server = mosec.Server()
    server.append_worker(
        Judge,
        num=processes_for_device(),
        max_batch_size=BATCH_POSTS,
        max_wait_time=int(WAIT_SECONDS * 1000),
    )
    server.run()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        serve_and_consume("bench.performance.peers.mosec_peer", "/inference")
