"""A media store on this machine that is well, slow, failing or gone, as it is told."""

from __future__ import annotations

import asyncio
import io
import ssl
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from aiohttp import web
from PIL import Image

HOST: Final = "localhost"

SLOW_SECONDS: Final = 3.0
"""Long beside a batch, and within what a fetch may take."""

CERTIFICATE_DAYS: Final = "2"


class Health(StrEnum):
    """How the store is."""

    WELL = "well"
    SLOW = "slow"
    FAILING = "failing"  # answers with 503
    CUT_OFF = "cut off"  # ends the connection in the middle of the picture


class Store:
    """Serves one picture under every path."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port = port
        self.certificate = certificate
        self.health = Health.WELL
        self.served: Counter[Health] = Counter()
        """Requests by how the store was when they came."""

    @property
    def url(self) -> str:
        """What its addresses begin with."""
        return f"https://{HOST}:{self.port}"


@asynccontextmanager
async def media_store(folder: Path) -> AsyncIterator[Store]:
    """A store that listens as long as the block runs.

    Args:
        folder: for its certificate, made by ``openssl``.
    """
    certificate, key = await asyncio.to_thread(make_certificate, folder)
    store = Store(0, certificate)
    picture = _picture()

    async def answer(request: web.Request) -> web.StreamResponse:
        health = store.health
        store.served[health] += 1
        match health:
            case Health.SLOW:
                await asyncio.sleep(SLOW_SECONDS)
            case Health.FAILING:
                return web.Response(status=503)
            case Health.CUT_OFF:
                return await _cut_off(request, picture)
            case Health.WELL:
                pass
        return web.Response(body=picture, content_type="image/png")

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SLOW_SECONDS)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    store.port = runner.addresses[0][1]
    try:
        yield store
    finally:
        await runner.cleanup()


async def _cut_off(request: web.Request, picture: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(picture))})
    await response.prepare(request)
    await response.write(picture[: len(picture) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for this machine, and its key, both in PEM.

    Raises:
        OSError: there is no ``openssl``.
    """
    certificate, key = folder / "store.pem", folder / "store-key.pem"
    subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", CERTIFICATE_DAYS, "-subj", f"/CN={HOST}"),
            *("-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    return buffer.getvalue()
