"""What a hostile case meets: the parser, the media stage, the policy; and what it is answered."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from moderation.media import (
    CompositeFetcher,
    DecodedPost,
    DecodingPool,
    FolderFetcher,
    HttpsFetcher,
    MediaError,
    MediaLimits,
    is_public,
)
from moderation.media.addresses import Address
from rules import DEFAULT_POLICY_PATH, Case, PolicyEngine, load_policy
from rules.matchers import Lists, TextScanner
from schemas import CATEGORIES, Media, Modality, Op, Post
from tests.hostile.files import sounds
from tests.hostile.urls import SERVER, Attempt
from tests.support.media_server import MediaServer, make_certificate, running_media_server
from workers.moderator.errors import UnreadableRecordError
from workers.moderator.guard import Guard
from workers.moderator.media import MediaStage
from workers.moderator.records import read_post
from workers.personal_data import masked

CHILDREN = 2
CHILD_BYTES = 512 * 1024 * 1024
DECODE_SECONDS = 1.5
FETCH_SECONDS = 0.25
START_SECONDS = 600.0
MAX_BODY = 100_000

SERVER_ADDRESS = ip_address(SERVER)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class UnansweredError(AssertionError):
    """A case came out without a reason, or did what it must not."""


class Answering:
    """Answers hostile cases as the worker does; use :meth:`running`."""

    def __init__(self, runner: asyncio.Runner, pool: DecodingPool, folder: Path) -> None:
        self._runner = runner
        self._folder = folder
        self._plain = ThreadPoolExecutor(2, thread_name_prefix="decode")
        self._waiting = ThreadPoolExecutor(CHILDREN, thread_name_prefix="guard")
        self._stage = MediaStage(
            CompositeFetcher(store=FolderFetcher(folder)),
            MediaLimits(),
            self._plain,
            concurrency=8,
            guard=Guard(pool, self._waiting, children=CHILDREN, seconds=DECODE_SECONDS),
        )
        self._engine = PolicyEngine(load_policy(DEFAULT_POLICY_PATH))
        self._server: MediaServer | None = None
        self._served = AsyncExitStack()
        self._connections = _Connections()

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Answering]:
        """With children and an event loop of its own; the folder is the object store."""
        pool = DecodingPool(CHILDREN, memory_bytes=CHILD_BYTES)
        try:
            with asyncio.Runner() as runner:
                answering = cls(runner, pool, folder)
                # Loads what is loaded late: torch to resample, the children's decoders.
                pool.audio(sounds()["mp3"], MediaLimits(), START_SECONDS)
                try:
                    yield answering
                finally:
                    answering.close()
        finally:
            pool.close()

    def close(self) -> None:
        self._runner.run(self._served.aclose())
        self._plain.shutdown()
        self._waiting.shutdown()

    def record(self, value: bytes) -> str:
        """A value of the topic ``posts``: why it is set aside, or the policy's decision."""
        try:
            post = read_post(value)
        except UnreadableRecordError as error:
            return _reason(f"{error.error_class}: {error}")
        if post.op is Op.DELETE:
            return "withdrawn"
        (prepared,) = self._runner.run(self._stage.prepare([post]))
        _check_complete(post, prepared.decoded)
        masked(post.text or "")
        decision = self._engine.decide(
            Case(
                post=post,
                scores=dict.fromkeys(CATEGORIES, 0.01),
                not_scanned=prepared.decoded.not_scanned,
                now=NOON,
            )
        )
        return _reason(decision.action)

    def pattern(self, pattern: str, text: str) -> str:
        """An expression of a policy over a text: why it is refused, or how often it occurs."""
        try:
            scanner = TextScanner(Lists(patterns={"list": [pattern]}))
        except ValueError as error:
            return _reason(str(error))
        return f"{len(scanner.matches(text, ())['list'])} matches"

    def attempt(self, attempt: Attempt) -> str:
        """An address of media: why it is refused, or that its body was read."""
        return self._runner.run(self._fetched(attempt))

    async def _fetched(self, attempt: Attempt) -> str:
        server = await self._serving()
        fetcher = HttpsFetcher(
            [_listed(host, server.port) for host in attempt.allowed],
            limits=MediaLimits(max_bytes=MAX_BODY),
            timeout_seconds=FETCH_SECONDS,
            resolver=_Changing(attempt.answers),
            ssl_context=server.context(),
            is_address_allowed=_is_public_here,
        )
        # Not validated: redirects lead to what no schema would let through, too.
        media = Media.model_construct(url=attempt.url.replace("{port}", str(server.port)))
        with self._connections.only_to((str(SERVER_ADDRESS), server.port)):
            try:
                async with fetcher:
                    body = await fetcher.fetch(media)
            except MediaError as error:
                return _reason(f"{error.reason}: {error}")
        if len(body) > MAX_BODY:
            raise UnansweredError("more was read than allowed")
        return "read"

    async def _serving(self) -> MediaServer:
        if self._server is None:
            running = running_media_server(make_certificate(self._folder), str(SERVER_ADDRESS))
            self._server = await self._served.enter_async_context(running)
        return self._server


class _Changing(AbstractResolver):
    """Answers one address after the other, the last one from then on; hosts spelt as numbers as the
    C library reads them."""

    def __init__(self, answers: tuple[str, ...]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        del family
        if host.endswith(".test"):
            found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        elif host.rstrip(".").lower() == "localhost":
            found = "127.0.0.1"
        else:  # decimal, octal and hexadecimal, without asking anybody
            found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)[0][4][0]
        kind = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [ResolveResult(hostname=host, host=found, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


class _Connections:
    """Every connection of this process passes here before it is made."""

    def __init__(self) -> None:
        self._allowed: tuple[str, int] | None = None
        self._wrong: list[Any] = []
        sys.addaudithook(self._heard)

    @contextmanager
    def only_to(self, allowed: tuple[str, int]) -> Iterator[None]:
        """Raises afterwards if somebody connected to anything else meanwhile."""
        self._allowed, self._wrong = allowed, []
        try:
            yield
        finally:
            self._allowed = None
        if self._wrong:
            raise UnansweredError(f"connected to {self._wrong}")

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and self._allowed is not None:
            address = arguments[1]
            if isinstance(address, tuple) and address[:2] != self._allowed:
                self._wrong.append(address)


def _is_public_here(address: Address) -> bool:
    return address == SERVER_ADDRESS or is_public(address)


def _listed(host: str, port: int) -> str:
    return f"{host}:{port}" if host.endswith(".test") else host


def _check_complete(post: Post, decoded: DecodedPost) -> None:
    """Each medium was looked at, or is named with a reason."""
    named = {(missed.modality, missed.index) for missed in decoded.not_scanned if missed.detail}
    seen = {(Modality.IMAGE, place) for place in decoded.image_places or ()}
    seen |= {(Modality.AUDIO, place) for place in decoded.audio_places or ()}
    posted = {(Modality.IMAGE, place) for place in range(len(post.images))}
    posted |= {(Modality.AUDIO, place) for place in range(len(post.audio))}
    if posted - named - seen:
        raise UnansweredError(f"nothing is said of {sorted(posted - named - seen)}")


def _reason(text: str) -> str:
    if not re.search(r"\w", text):
        raise UnansweredError("the reason says nothing")
    return text
