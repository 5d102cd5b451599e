"""LitServe behind a consumer: batches of 32, or what has come within 10 ms.

Run by the Python of ``make bench-setup``.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

import litserve
from fastapi import Request, Response

from bench.performance.peers.consuming import Answered
from bench.performance.peers.model import PeerModel, processes_for_device
from bench.performance.peers.served import BATCH_POSTS, WAIT_SECONDS, serve_and_consume


class Api(litserve.LitAPI):  # type: ignore[misc]  # its base is unknown here: LitServe lives in the peers' environment alone
    """A model, posts in batches."""

    def setup(self, device: str) -> None:
        """Load; the device is chosen as for every peer."""
        del device
        self.model = PeerModel(processes_for_device())

    # The annotation asks LitServe, which reads it at run time, for the request's JSON.
    def decode_request(self, request: Request) -> bytes:
        """The post's bytes."""
        return json.dumps(request).encode()

    def batch(self, inputs: Sequence[bytes]) -> Sequence[bytes]:
        """As they come."""
        return inputs

    def predict(self, x: Any) -> Sequence[Answered]:
        """One batch."""
        return self.model.answers([x] if isinstance(x, bytes) else x)

    def unbatch(self, output: Sequence[Answered]) -> Sequence[Answered]:
        """One answer a post."""
        return output

    def encode_response(self, output: Answered) -> Response:
        """Key and value, by a newline."""
        return Response(b"\n".join(output))


def serve(port: int) -> None:
    """Serve the model; does not return."""
    api = Api(max_batch_size=BATCH_POSTS, batch_timeout=WAIT_SECONDS)
    server = litserve.LitServer(
        api, accelerator="cpu", devices=1, workers_per_device=processes_for_device(), timeout=False
    )
    server.run(
        host="127.0.0.1",
        port=port,
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        serve_and_consume("bench.performance.peers.litserve_peer", "/predict")
