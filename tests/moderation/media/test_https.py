"""The web adapter against a real TLS server on this machine, under names of its own."""

from __future__ import annotations

import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from moderation.media import (
    ForbiddenMediaError,
    HttpsFetcher,
    MediaTooLargeError,
    MissingMediaError,
    UnreachableMediaError,
    UnsupportedMediaError,
)
from schemas import Media
from tests.support.media_server import MediaServer, Names, make_certificate, running_media_server


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate for the local server")
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def server(credentials: Path) -> AsyncIterator[MediaServer]:
    async with running_media_server(credentials) as server:
        yield server


async def fetch(fetcher: HttpsFetcher, url: str) -> bytes:
    async with fetcher:
        return await fetcher.fetch(Media(url=url))


async def test_reads_the_body_from_an_allowed_host(server: MediaServer) -> None:
    assert await fetch(server.fetcher(), server.url("/a.png")) == b"picture"


async def test_connects_to_the_checked_address_and_checks_the_name_by_tls(
    server: MediaServer,
) -> None:
    # other.test leads to the same server, whose certificate does not name it.
    with pytest.raises(UnreachableMediaError, match="Certificate"):
        await fetch(server.fetcher(), server.url("/a.png", "other.test"))
    assert server.paths == []


async def test_a_name_is_resolved_once_for_a_medium(server: MediaServer) -> None:
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


async def test_one_private_address_among_public_ones_forbids_the_name(server: MediaServer) -> None:
    names = Names(media_test=["127.0.0.1", "10.0.0.1"])

    with pytest.raises(ForbiddenMediaError):
        await fetch(server.fetcher(names=names), server.url("/a.png"))
    assert server.paths == []


async def test_another_port_of_an_allowed_host_is_forbidden(server: MediaServer) -> None:
    with pytest.raises(ForbiddenMediaError, match="allow-list"):
        await fetch(server.fetcher(), "https://media.test:1/a.png")


async def test_a_wildcard_allows_names_below_it_and_not_the_name_itself(
    server: MediaServer,
) -> None:
    names = Names(eu_cdn_test=["127.0.0.1"], cdn_test=["127.0.0.1"])
    fetcher = server.fetcher("*.cdn.test", names=names)

    assert await fetch(fetcher, server.url("/a", "eu.cdn.test")) == b"picture"
    for host in ("cdn.test", "evilcdn.test"):
        with pytest.raises(ForbiddenMediaError, match="allow-list"):
            await fetch(fetcher, server.url("/a", host))


async def test_credentials_in_the_address_are_refused(server: MediaServer) -> None:
    url = server.url("/a").replace("https://", "https://user:secret@")

    with pytest.raises(ForbiddenMediaError, match="credentials") as caught:
        await fetch(server.fetcher(), url)
    assert "secret" not in str(caught.value)


async def test_follows_a_redirect_to_an_allowed_host(server: MediaServer) -> None:
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
async def test_a_redirect_to_anywhere_else_is_forbidden(server: MediaServer, target: str) -> None:
    with pytest.raises(ForbiddenMediaError):
        await fetch(server.fetcher(), server.url(f"/redirect?to={target}"))
    assert server.paths == ["/redirect"]


async def test_a_redirect_into_a_private_address_of_an_allowed_name_is_forbidden(
    server: MediaServer,
) -> None:
    names = Names(media_test=["127.0.0.1"], other_test=["10.0.0.1"])
    url = server.url("/redirect?to=" + server.url("/secret", "other.test"))

    with pytest.raises(ForbiddenMediaError, match="public addresses"):
        await fetch(server.fetcher(names=names), url)


async def test_redirects_without_end_are_given_up(server: MediaServer) -> None:
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
async def test_statuses_become_reasons(
    server: MediaServer, status: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"answered {status}"):
        await fetch(server.fetcher(), server.url(f"/status/{status}"))


async def test_a_secret_in_the_query_is_not_repeated(server: MediaServer) -> None:
    with pytest.raises(MissingMediaError) as caught:
        await fetch(server.fetcher(), server.url("/status/404?signature=secret"))
    assert "secret" not in str(caught.value)


async def test_a_body_over_the_limit_is_refused_with_and_without_a_length(
    server: MediaServer,
) -> None:
    assert await fetch(server.fetcher(max_bytes=7), server.url("/a"))
    for path in ("/a", "/endless"):
        with pytest.raises(MediaTooLargeError, match="limit of 6"):
            await fetch(server.fetcher(max_bytes=6), server.url(path))


async def test_a_compressed_body_is_refused_unopened(server: MediaServer) -> None:
    with pytest.raises(UnsupportedMediaError, match="compressed"):
        await fetch(server.fetcher(), server.url("/compressed"))


async def test_a_host_that_dawdles_is_unreachable(server: MediaServer) -> None:
    with pytest.raises(UnreachableMediaError, match="not read within"):
        await fetch(server.fetcher(timeout_seconds=0.3), server.url("/slow"))


async def test_a_name_that_does_not_resolve_is_unreachable(server: MediaServer) -> None:
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
