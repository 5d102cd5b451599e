"""Media from the web, for platforms that cannot do without: few hosts, public addresses, caps."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from moderation.media.addresses import (
    Address,
    CheckedResolver,
    check_address,
    is_numeric,
    is_public,
)
from moderation.media.errors import (
    ForbiddenMediaError,
    MediaTooLargeError,
    MissingMediaError,
    UnreachableMediaError,
    UnsupportedMediaError,
)
from moderation.media.limits import MediaLimits
from schemas import Media

HTTPS_PORT: Final = 443
TIMEOUT_SECONDS: Final = 10.0
"""For one medium with all its redirects. A verdict should not wait longer for a slow host."""

MAX_REDIRECTS: Final = 3
MAX_CONNECTIONS: Final = 32
"""At once, over all hosts; bounds what a burst of posts can hold in memory and sockets."""

CHUNK_BYTES: Final = 64 * 1024

_OK: Final = 200
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({404, 410})


class HttpsFetcher:
    """Reads ``media.url`` from hosts on an allow-list. Use it as an async context manager.

    Every hop must be https, to an allowed host and port, without credentials; the host's name is
    resolved once, all its addresses must be public, and the connection goes to one of them with
    the name kept for TLS. Nothing is decompressed, no cookie is kept, no proxy is used.

    Args:
        allowed_hosts: ``cdn.example.com``, ``*.example.com`` (any name below it), each with an
            optional ``:port`` (443 if left out). Empty forbids everything.
        limits: bodies over ``max_bytes`` are cut off and refused.
        timeout_seconds: for one medium, all redirects together.
        resolver: of names; the system's by default.
        ssl_context: for a private certificate authority; the system's by default.
        is_address_allowed: judges addresses; :func:`~moderation.media.is_public` by default.

    Raises:
        ValueError: an entry of ``allowed_hosts`` is no name with or without a port.
    """

    def __init__(
        self,
        allowed_hosts: Collection[str],
        *,
        limits: MediaLimits | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        resolver: AbstractResolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        is_address_allowed: Callable[[Address], bool] = is_public,
    ) -> None:
        self._allowed = frozenset(_with_port(entry.lower()) for entry in allowed_hosts)
        self._limits = limits or MediaLimits()
        self._timeout_seconds = timeout_seconds
        self._resolver = resolver
        self._ssl = ssl_context
        self._is_address_allowed = is_address_allowed
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        resolver = self._resolver or aiohttp.ThreadedResolver()
        connector = aiohttp.TCPConnector(
            resolver=CheckedResolver(resolver, self._is_address_allowed),
            use_dns_cache=False,
            limit=MAX_CONNECTIONS,
            ssl=self._ssl or True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),  # ours spans all hops
            headers={"Accept-Encoding": "identity", "User-Agent": "moderation"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, media: Media) -> bytes:
        """The body behind ``media.url``.

        Raises:
            ForbiddenMediaError: a hop is not https, not allowed, or not public.
            MissingMediaError: the host says 404 or 410.
            UnreachableMediaError: no answer in time, or another status.
            MediaTooLargeError: the body is over the limit.
            UnsupportedMediaError: the body is compressed, though asked not to be.
            RuntimeError: the fetcher was not entered (``async with``).
        """
        if self._session is None:
            raise RuntimeError("enter the HttpsFetcher first: async with HttpsFetcher(...) as web")
        if media.url is None:
            raise ForbiddenMediaError("the medium has no url; only the web is read here")
        url = _parsed(media.url)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._follow(self._session, url)
        except TimeoutError:
            raise UnreachableMediaError(
                f"{_shown(url)} was not read within {self._timeout_seconds:g} s"
            ) from None
        except aiohttp.ClientError as error:
            raise UnreachableMediaError(
                f"{_shown(url)} could not be read ({type(error).__name__})"
            ) from error

    async def _follow(self, session: aiohttp.ClientSession, url: URL) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            self._check(url)
            async with session.get(url, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return await self._body(response, url)
                url = url.join(_parsed(response.headers.get("Location", "")))
        raise UnreachableMediaError(f"{_shown(url)} is behind more than {MAX_REDIRECTS} redirects")

    def _check(self, url: URL) -> None:
        host = url.raw_host
        if url.scheme != "https" or not host:
            raise ForbiddenMediaError(f"{_shown(url)} is not https")
        if url.raw_user is not None or url.raw_password is not None:
            raise ForbiddenMediaError(f"an address at {host} holds credentials; leave them out")
        if not self._is_allowed(host, url.port or HTTPS_PORT):
            raise ForbiddenMediaError(
                f"{host}:{url.port} is not on the allow-list of hosts; send the medium inline or "
                "ask the operator to add it"
            )
        if is_numeric(host):  # the resolver is not asked about these
            check_address(host, host, self._is_address_allowed)

    def _is_allowed(self, host: str, port: int) -> bool:
        labels = host.lower().split(".")
        parents = (".".join(labels[place:]) for place in range(1, len(labels)))
        names = (host.lower(), *(f"*.{parent}" for parent in parents))
        return any((name, port) in self._allowed for name in names)

    async def _body(self, response: aiohttp.ClientResponse, url: URL) -> bytes:
        if response.status in _GONE:
            raise MissingMediaError(f"{_shown(url)} answered {response.status}")
        if response.status != _OK:
            raise UnreachableMediaError(f"{_shown(url)} answered {response.status}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UnsupportedMediaError(f"{_shown(url)} sent a compressed body")
        limit = self._limits.max_bytes
        body = bytearray()
        if (response.content_length or 0) <= limit:
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                body += chunk
                if len(body) > limit:
                    break
            else:
                return bytes(body)
        response.close()  # rather than read the rest
        raise MediaTooLargeError(f"{_shown(url)} is over the limit of {limit:,} bytes")


def _with_port(entry: str) -> tuple[str, int]:
    host, colon, port = entry.rpartition(":")
    if not colon:
        return entry, HTTPS_PORT
    if not host or ":" in host or not (port.isascii() and port.isdigit()):
        raise ValueError(
            f"{entry!r} is no host of media: name it as `cdn.example.com`, `*.example.com` or "
            "`cdn.example.com:8443`"
        )
    return host, int(port)


def _parsed(address: str) -> URL:
    try:
        return URL(address)
    except ValueError:
        raise ForbiddenMediaError("the address is no URL") from None


def _shown(url: URL) -> str:
    """Without query and credentials, which may be secrets of the platform."""
    return str(url.with_user(None).with_query(None).with_fragment(None)) if url.host else "the URL"
