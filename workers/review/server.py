"""Serve the console until a signal asks it to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final

import uvicorn

from workers.review.app import ReviewProcess, review_process
from workers.review.errors import AddressError
from workers.review.settings import ReviewSettings
from workers.settings import KafkaSettings
from workers.streams import open_tracing, stop_on_signals

STOP_SECONDS: Final = 10
"""How long open requests may take after a signal; none here needs more than one."""


async def serve(
    settings: ReviewSettings,
    kafka: KafkaSettings,
    announce: Callable[[ReviewProcess, str], None],
) -> None:
    """Serve until SIGTERM or SIGINT, then finish the open requests and leave.

    Args:
        settings: the console's own.
        kafka: where escalations come from and decisions go.
        announce: called with the process and its address once browsers can connect.

    Raises:
        AddressError: the address is taken, or not ours.
    """
    with (
        open_tracing("moderation-review") as tracing,
        closing(_listen(settings.host, settings.port)) as listening,
        stop_on_signals() as stop,
    ):
        async with review_process(settings, kafka, tracing=tracing) as process:
            config = uvicorn.Config(
                process.app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                timeout_graceful_shutdown=STOP_SECONDS,
            )
            server = _Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            announce(process, f"http://{settings.host}:{listening.getsockname()[1]}")
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again and so skip what closes after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise AddressError(
            f"Cannot listen on {host}:{port}: {error.strerror}. Stop what uses it, or set "
            f"MODERATION_REVIEW_PORT to another port."
        ) from error
