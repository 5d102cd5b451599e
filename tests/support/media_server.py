"""A TLS server of media on this machine, under names of its own, good and bad."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from moderation.media import HttpsFetcher, MediaLimits
from moderation.media.addresses import Address

LOOPBACK = ip_address("127.0.0.1")

DRIP_SECONDS = 0.02
"""Between the bytes of a server that never ends and never stops."""


class Names(AbstractResolver):
    """A phone book of the test's own: names of hosts (``_`` for a dot) to addresses."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = {name.replace("_", "."): found for name, found in addresses.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        self.asked.append(host)
        if host not in self.addresses:
            raise OSError(f"{host} is unknown")
        return [
            ResolveResult(
                hostname=host, host=found, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for found in self.addresses[host]
        ]

    async def close(self) -> None:
        pass


class MediaServer:
    """Serves what the tests need and remembers which paths were asked for."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "certificate.pem"
        self.key = folder / "key.pem"
        self.paths: list[str] = []
        self.port = 0
        self.closing = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path)
        name, _, rest = request.path.strip("/").partition("/")
        if name == "redirect":
            target = "".join(filter(str.isprintable, request.query.get("to", "")))
            return web.Response(status=302, headers={"Location": target})
        if name == "loop":
            return web.Response(status=302, headers={"Location": "/loop"})
        if name == "status":
            return web.Response(status=int(rest))
        if name == "compressed":
            return web.Response(body=b"x" * 100, headers={"Content-Encoding": "gzip"})
        if name == "endless":
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(b"x" * 65_536)
        if name == "drip":
            response = web.StreamResponse()
            await response.prepare(request)
            while not self.closing.is_set():
                await response.write(b"x")
                await asyncio.sleep(DRIP_SECONDS)
        if name == "slow":
            response = web.StreamResponse(headers={"Content-Length": "2"})
            await response.prepare(request)
            await response.write(b"x")
            await self.closing.wait()
        return web.Response(body=b"picture", headers={"Set-Cookie": "a=b"})

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    def url(self, path: str, host: str = "media.test") -> str:
        return f"https://{host}:{self.port}{path}"

    def fetcher(
        self,
        *hosts: str,
        names: Names | None = None,
        allow: frozenset[Address] = frozenset({LOOPBACK}),
        max_bytes: int = 100_000,
        timeout_seconds: float = 30,
    ) -> HttpsFetcher:
        return HttpsFetcher(
            [f"{host}:{self.port}" for host in hosts or ("media.test", "other.test")],
            limits=MediaLimits(max_bytes=max_bytes),
            timeout_seconds=timeout_seconds,
            resolver=names or Names(media_test=["127.0.0.1"], other_test=["127.0.0.1"]),
            ssl_context=self.context(),
            is_address_allowed=allow.__contains__,
        )


def make_certificate(folder: Path) -> Path:
    """A certificate for ``media.test``, ``*.cdn.test`` and 127.0.0.1; returns its folder."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=media.test"),
            *("-addext", "subjectAltName=DNS:media.test,DNS:*.cdn.test,IP:127.0.0.1"),
            *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


@asynccontextmanager
async def running_media_server(
    credentials: Path, host: str = "127.0.0.1"
) -> AsyncIterator[MediaServer]:
    """The server on a free port of an address of this machine."""
    server = MediaServer(credentials)
    application = web.Application()
    application.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.key)
    site = web.TCPSite(runner, host, 0, ssl_context=context)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        server.closing.set()
        await runner.cleanup()
