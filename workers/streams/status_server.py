"""The small HTTP server of every process: ``/metrics``, ``/healthz``, ``/readyz``.

- ``/metrics``: the process's own registry, in the format that the scraper asks for.
- ``/healthz``: 200 while the process should live; 503 with reasons when it should be restarted.
- ``/readyz``: 200 when the process does its work; 503 with reasons while it does not. Its remarks
  are what an operator should know either way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from workers.streams.errors import StatusServerError

if TYPE_CHECKING:
    from aiohttp import web

    Handler = Callable[[web.Request], Awaitable[web.Response]]

Reasons = Callable[[], Sequence[str]]
"""Why a process is not ready, or not healthy, in plain words; empty when it is. Called on the
event loop for every request, so it only looks at what is already known."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a process shows besides."""

    html: Callable[[], str]
    """Called on the event loop for every request, so it only hands out what is there."""
    headers: Mapping[str, str]


def healthy() -> Sequence[str]:
    """No reason against: a process whose event loop answers is alive."""
    return ()


def no_remarks() -> Sequence[str]:
    """Nothing that an operator should know besides."""
    return ()


@dataclass(frozen=True, slots=True)
class StatusServer:
    """A running server."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Where it answers, without a trailing slash."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"


@asynccontextmanager
async def status_server(
    registry: CollectorRegistry,
    *,
    not_ready: Reasons,
    not_healthy: Reasons = healthy,
    remarks: Reasons = no_remarks,
    pages: Mapping[str, Page] = MappingProxyType({}),
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[StatusServer]:
    """Serve the process's status while the block runs.

    Args:
        registry: what ``/metrics`` shows.
        not_ready: what ``/readyz`` answers.
        not_healthy: what ``/healthz`` answers.
        remarks: what ``/readyz`` says besides; it changes nothing about being ready.
        pages: shown besides, by path.
        host: address to listen on.
        port: 0 takes a free one; see :attr:`StatusServer.port`.

    Raises:
        StatusServerError: the address is taken or not ours.
    """
    # Imported here: aiohttp takes as long to load as the rest of the command line together.
    from aiohttp import web

    app = web.Application()
    app.add_routes(
        [
            web.get("/metrics", _metrics(registry)),
            web.get("/healthz", _reasons("healthy", not_healthy)),
            web.get("/readyz", _reasons("ready", not_ready, remarks)),
            *(web.get(path, _page(page)) for path, page in pages.items()),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise StatusServerError(
                f"cannot listen on {host}:{port} for /metrics and /readyz: {error.strerror}; "
                "set another port, or stop what uses this one"
            ) from error
        address = runner.addresses[0]
        yield StatusServer(host=host, port=int(address[1]))
    finally:
        await runner.cleanup()


def _metrics(registry: CollectorRegistry) -> Handler:
    from aiohttp import web

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    return metrics


def _page(page: Page) -> Handler:
    from aiohttp import web

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=page.html(), content_type="text/html", headers=page.headers)

    return answer


def _reasons(name: str, reasons: Reasons, remarks: Reasons = no_remarks) -> Handler:
    from aiohttp import web

    async def answer(_: web.Request) -> web.Response:
        found = list(reasons())
        return web.json_response(
            {name: not found, "reasons": found, "remarks": list(remarks())},
            status=web.HTTPServiceUnavailable.status_code if found else web.HTTPOk.status_code,
        )

    return answer
