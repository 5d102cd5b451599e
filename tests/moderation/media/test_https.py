"""The web adapter against a real TLS server on this machine, under names of its own."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from moderation.media import (
    ForbiddenMediaError,
    HttpsFetcher,
    MediaLimits,
    MediaTooLargeError,
    MissingMediaError,
    UnreachableMediaError,
    UnsupportedMediaError,
)
from moderation.media.addresses import Address
from schemas import Media

LOOPBACK = ip_address("127.0.0.1")


class Names(AbstractResolver):
    """A phone book of this test: names of hosts to addresses."""

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


class Server:
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
            return web.Response(status=302, headers={"Location": request.query["to"]})
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


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate for the local server")
    folder = tmp_path_factory.mktemp("tls")
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


@pytest.fixture
async def server(credentials: Path) -> AsyncIterator[Server]:
    server = Server(credentials)
    application = web.Application()
    application.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.key)
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    server.port = runner.addresses[0][1]
    yield server
    server.closing.set()
    await runner.cleanup()


async def fetch(fetcher: HttpsFetcher, url: str) -> bytes:
    async with fetcher:
        return await fetcher.fetch(Media(url=url))


async def test_reads_the_body_from_an_allowed_host(server: Server) -> None:
    assert await fetch(server.fetcher(), server.url("/a.png")) == b"picture"


async def test_connects_to_the_checked_address_and_checks_the_name_by_tls(server: Server) -> None:
    # other.test leads to the same server, whose certificate does not name it.
    with pytest.raises(UnreachableMediaError, match="Certificate"):
        await fetch(server.fetcher(), server.url("/a.png", "other.test"))
    assert server.paths == []


async def test_a_name_is_resolved_once_for_a_medium(server: Server) -> None:
    names = Names(media_test=["127.0.0.1"])

    await fetch(server.fetcher(names=names), server.url("/a.png"))

    assert names.asked == ["media.test"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
async def test_by_default_no_host_is_allowed_and_no_private_address(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ForbiddenMediaError, match="allow-list"):
        await fetch(HttpsFetcher([]), f"https://{host}/a.png")
    with pytest.raises(ForbiddenMediaError, match="public addresses"):
        await fetch(
            HttpsFetcher(["media.test"], resolver=Names(media_test=[address])),
            "https://media.test/a.png",
        )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433"])
async def test_a_literal_private_address_is_refused_even_on_the_allow_list(host: str) -> None:
    with pytest.raises(ForbiddenMediaError, match="public addresses"):
        await fetch(HttpsFetcher([host]), f"https://{host}/a.png")


async def test_one_private_address_among_public_ones_forbids_the_name(server: Server) -> None:
    names = Names(media_test=["127.0.0.1", "10.0.0.1"])

    with pytest.raises(ForbiddenMediaError):
        await fetch(server.fetcher(names=names), server.url("/a.png"))
    assert server.paths == []


async def test_another_port_of_an_allowed_host_is_forbidden(server: Server) -> None:
    with pytest.raises(ForbiddenMediaError, match="allow-list"):
        await fetch(server.fetcher(), "https://media.test:1/a.png")


async def test_a_wildcard_allows_names_below_it_and_not_the_name_itself(server: Server) -> None:
    names = Names(eu_cdn_test=["127.0.0.1"], cdn_test=["127.0.0.1"])
    fetcher = server.fetcher("*.cdn.test", names=names)

    assert await fetch(fetcher, server.url("/a", "eu.cdn.test")) == b"picture"
    for host in ("cdn.test", "evilcdn.test"):
        with pytest.raises(ForbiddenMediaError, match="allow-list"):
            await fetch(fetcher, server.url("/a", host))


async def test_credentials_in_the_address_are_refused(server: Server) -> None:
    url = server.url("/a").replace("https://", "https://user:secret@")

    with pytest.raises(ForbiddenMediaError, match="credentials") as caught:
        await fetch(server.fetcher(), url)
    assert "secret" not in str(caught.value)


async def test_follows_a_redirect_to_an_allowed_host(server: Server) -> None:
    url = server.url("/redirect?to=/b.png")

    assert await fetch(server.fetcher(), url) == b"picture"
    assert server.paths == ["/redirect", "/b.png"]


@pytest.mark.parametrize(
    "target",
    [
        "https://169.254.169.254/latest",
        "https://127.0.0.1/secret",
        "https://elsewhere.test/a",
        "http://media.test/a",
        "file:///etc/hostname",
        "//[::1]/a",
        "https://[broken/",
    ],
)
async def test_a_redirect_to_anywhere_else_is_forbidden(server: Server, target: str) -> None:
    with pytest.raises(ForbiddenMediaError):
        await fetch(server.fetcher(), server.url(f"/redirect?to={target}"))
    assert server.paths == ["/redirect"]


async def test_a_redirect_into_a_private_address_of_an_allowed_name_is_forbidden(
    server: Server,
) -> None:
    names = Names(media_test=["127.0.0.1"], other_test=["10.0.0.1"])
    url = server.url("/redirect?to=" + server.url("/secret", "other.test"))

    with pytest.raises(ForbiddenMediaError, match="public addresses"):
        await fetch(server.fetcher(names=names), url)


async def test_redirects_without_end_are_given_up(server: Server) -> None:
    with pytest.raises(UnreachableMediaError, match="more than 3 redirects"):
        await fetch(server.fetcher(), server.url("/loop"))
    assert server.paths == ["/loop"] * 4


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, MissingMediaError),
        (410, MissingMediaError),
        (403, UnreachableMediaError),
        (500, UnreachableMediaError),
        (204, UnreachableMediaError),
    ],
)
async def test_statuses_become_reasons(server: Server, status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"answered {status}"):
        await fetch(server.fetcher(), server.url(f"/status/{status}"))


async def test_a_secret_in_the_query_is_not_repeated(server: Server) -> None:
    with pytest.raises(MissingMediaError) as caught:
        await fetch(server.fetcher(), server.url("/status/404?signature=secret"))
    assert "secret" not in str(caught.value)


async def test_a_body_over_the_limit_is_refused_with_and_without_a_length(server: Server) -> None:
    assert await fetch(server.fetcher(max_bytes=7), server.url("/a"))
    for path in ("/a", "/endless"):
        with pytest.raises(MediaTooLargeError, match="limit of 6"):
            await fetch(server.fetcher(max_bytes=6), server.url(path))


async def test_a_compressed_body_is_refused_unopened(server: Server) -> None:
    with pytest.raises(UnsupportedMediaError, match="compressed"):
        await fetch(server.fetcher(), server.url("/compressed"))


async def test_a_host_that_dawdles_is_unreachable(server: Server) -> None:
    with pytest.raises(UnreachableMediaError, match="not read within"):
        await fetch(server.fetcher(timeout_seconds=0.3), server.url("/slow"))


async def test_a_name_that_does_not_resolve_is_unreachable(server: Server) -> None:
    fetcher = server.fetcher("nobody.test")

    with pytest.raises(UnreachableMediaError, match=r"nobody\.test"):
        await fetch(fetcher, server.url("/a", "nobody.test"))


async def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fetcher = HttpsFetcher(
        [f"media.test:{port}"],
        resolver=Names(media_test=["127.0.0.1"]),
        is_address_allowed=lambda _: True,
    )

    with pytest.raises(UnreachableMediaError):
        await fetch(fetcher, f"https://media.test:{port}/a")


async def test_a_fetcher_that_was_not_entered_says_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await HttpsFetcher(["media.test"]).fetch(Media(url="https://media.test/a"))
