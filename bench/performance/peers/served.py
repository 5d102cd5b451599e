"""A consumer in front of a model server: each post is a request, many at a time."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

import aiohttp

from bench.performance.peers.consuming import Answered, answer_polls

START_SECONDS = 180.0
LOOK_SECONDS = 0.2
REQUESTS = 128
"""At a time: four batches of 32, so that the server always has the next one."""

BATCH_POSTS = 32
WAIT_SECONDS = 0.010


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serve_and_consume(module: str, path: str) -> None:
    """Start ``python -m module serve PORT`` and consume through it; does not return.

    Args:
        module: of the server.
        path: that takes a post's bytes and gives key and value of its answer, by a newline.
    """
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", module, "serve", str(port)]) as server:  # noqa: S603 - a module of ours, with a port for argument
        asyncio.run(_consume(port, path, server))


async def _consume(port: int, path: str, server: subprocess.Popen[bytes]) -> None:
    url = f"http://127.0.0.1:{port}{path}"
    connector = aiohttp.TCPConnector(limit=REQUESTS)
    async with aiohttp.ClientSession(connector=connector) as http:
        await _until_up(port, server)

        async def ask(post: bytes) -> Answered:
            async with http.post(url, data=post) as response:
                response.raise_for_status()
                key, _, value = (await response.read()).partition(b"\n")
                return key, value

        async def ask_all(posts: Sequence[bytes]) -> Sequence[Answered]:
            return await asyncio.gather(*(ask(post) for post in posts))

        await answer_polls("served", ask_all)


async def _until_up(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(LOOK_SECONDS)
        else:
            writer.close()
            return
    raise TimeoutError(f"the server did not open port {port} within {START_SECONDS:g} s")
