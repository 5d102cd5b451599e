"""Hypothesis strategies for values of the topic ``posts``: broken, absurd, and nearly right."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.hostile.files import picture_bombs, pictures, polyglots, sound_bombs, sounds

NASTY_TEXTS = (
    "",
    " ",
    "\u0000",
    "\ud800",
    "\u202e\u2066\u2069",
    "e" + "\u0301" * 5_000,  # one letter under a tower of accents
    "\u200b" * 5_000,
    "ﷺ" * 3_000,  # grows eighteenfold under NFKC
    "a" * 40_000,
    "a" * 40_001,
    "a@" * 13_000,
    "1 " * 20_000,
    "(((((" * 4_000,
    "http://" * 5_000,
    "h.t.t.p.s.:" * 3_000,
    "[](" * 10_000,
    "<" * 40_000,
    "👩‍👩‍👧‍👦" * 3_000,
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" * 500,
    "%s%n{}{0.__class__}${jndi:ldap://x}",
    "'; DROP TABLE posts; --",
)
"""Texts that cost or confuse somebody: too long, invisible, growing, backtracking, injecting."""

BOMB_SHARE = 0.005

Media = list[dict[str, Any]]

texts = st.one_of(st.sampled_from(NASTY_TEXTS), st.text(max_size=200))
identifiers = st.one_of(st.just("p-1"), st.text(max_size=140))
anything: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        texts,
        st.sampled_from([2**53, 2**64, -(2**63), 10**400, 1e308]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def damaged(random: Random, seeds: dict[str, bytes], bombs: dict[str, bytes]) -> bytes:
    """A medium: a bomb, a polyglot, or a whole file that was cut, flipped, repeated or spliced.

    Drawn by one number, because a draw of hypothesis for each byte would take longer than decoding.
    """
    raw, other = random.choices(list(seeds.values()), k=2)
    kind = random.random()
    # Bombs cost the most time by far, so they are drawn seldom.
    if kind < BOMB_SHARE:
        return random.choice(list(bombs.values()))
    if kind < 0.1:
        return random.randbytes(random.randrange(300))
    if kind < 0.3:
        return random.choice(polyglots(raw, other))
    changed = bytearray(raw)
    for _ in range(random.randrange(6)):
        place = random.randrange(len(changed) + 1)
        _CHANGES[random.randrange(len(_CHANGES))](random, changed, place, other)
    kept = len(changed) if random.random() < 0.7 else random.randrange(len(changed) + 1)
    return bytes(changed[:kept])


def _set_byte(random: Random, raw: bytearray, place: int, _: bytes) -> None:
    raw[place : place + 1] = random.randbytes(1)


def _set_word(random: Random, raw: bytearray, place: int, _: bytes) -> None:
    raw[place : place + 4] = random.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff"])


def _cut(random: Random, raw: bytearray, place: int, _: bytes) -> None:
    del raw[place : place + random.randrange(1, 400)]


def _repeat(random: Random, raw: bytearray, place: int, _: bytes) -> None:
    raw[place:place] = raw[place : place + random.randrange(1, 60)] * random.randrange(1, 20)


def _splice(_: Random, raw: bytearray, place: int, other: bytes) -> None:
    raw[place:place] = other[place : place + 40]


_CHANGES = (_set_byte, _set_byte, _set_word, _cut, _repeat, _splice)


KEYS = ("../../etc/passwd", "/etc/passwd", "a\0b", "a" * 1_025, "gone.png", ".", "certificate.pem")


def media_of(seeds: dict[str, bytes], bombs: dict[str, bytes]) -> st.SearchStrategy[Media]:
    """One or two media: damaged ones inline, now and then a key of the store."""
    return st.integers(0, 2**63).map(lambda number: _media(Random(number), seeds, bombs))


def _media(random: Random, seeds: dict[str, bytes], bombs: dict[str, bytes]) -> Media:
    media: Media = []
    for _ in range(random.choice([1, 1, 2])):
        if random.random() < 0.05:
            media.append({"key": random.choice(KEYS)})
            continue
        media.append({"data": base64_of(damaged(random, seeds, bombs))})
        if random.random() < 0.05:
            media[-1]["sha256"] = "0" * 64
        if random.random() < 0.2:
            media[-1]["media_type"] = random.choice(["image/png", "audio/wav", "text/html"])
    return media


@st.composite
def posts(draw: st.DrawFn, *, images: bool = False, audio: bool = False) -> dict[str, Any]:
    """A post that keeps the contract but for what was made of its fields."""
    post: dict[str, Any] = {
        "post_id": "p-1",
        "author_id": "a-1",
        "created_at": "2026-01-01T12:00:00Z",
        "text": draw(st.just("hi") if images or audio else texts),
    }
    if images:
        post["images"] = draw(media_of(pictures(), picture_bombs()))
    if audio:
        post["audio"] = draw(media_of(sounds(), sound_bombs()))
    return post


@st.composite
def twisted(draw: st.DrawFn) -> dict[str, Any]:
    """A post of which some fields were replaced by anything, or that has others as well."""
    post = draw(posts())
    names = st.sampled_from(
        [
            *("post_id", "author_id", "created_at", "text", "images", "audio", "reach", "op"),
            *("revision", "surface", "language", "region", "__proto__", "post_id ", "x" * 1_000),
        ]
    )
    for _ in range(draw(st.integers(0, 4))):
        post[draw(names)] = draw(anything)
    for name in draw(st.lists(st.sampled_from(["post_id", "text", "created_at"]), max_size=1)):
        post.pop(name, None)
    return post


DEPTHS = (10, 200, 1_000, 100_000, 400_000)

BROKEN: tuple[Callable[[int], bytes], ...] = (
    lambda depth: b"[" * depth,
    lambda depth: b"[" * depth + b"]" * depth,
    lambda depth: b'{"images":' * min(depth, 50_000),
    lambda depth: b'{"text":' + b'{"a":' * min(depth, 50_000) + b"1" + b"}" * min(depth, 50_001),
    lambda depth: b'{"post_id":"p-1",' * min(depth, 20_000),
    lambda depth: b'{"text":"' + b"\\u0041" * min(depth, 100_000) + b'"}',
    lambda depth: b'{"reach":' + b"9" * depth + b"}",
    lambda depth: b'{"reach":1e' + b"9" * min(depth, 40) + b"}",
    lambda depth: b"\0" * min(depth, 10_000),
    lambda depth: b'{"text":NaN,"reach":Infinity}' * min(depth, 2),
    lambda _: b"",
    lambda _: b"null",
)
"""What is no JSON, or too much of it, by a depth."""

TWISTS: tuple[Callable[[bytes, int], bytes], ...] = (
    lambda whole, _: b"\xef\xbb\xbf" + whole,
    lambda whole, _: whole.decode().encode("utf-16"),
    lambda whole, place: whole[:place],
    lambda whole, place: whole[:place] + b"\xff\xfe\x80" + whole[place:],
    lambda whole, _: whole + whole,
    lambda whole, _: whole.replace(b'"', b"'"),
    lambda whole, _: b"\x1f\x8b\x08" + whole,
)
"""What makes JSON of a post no JSON."""


def broken() -> st.SearchStrategy[bytes]:
    """A value that is hardly JSON, or much too much of it."""
    return st.one_of(
        st.builds(
            lambda make, depth: make(depth), st.sampled_from(BROKEN), st.sampled_from(DEPTHS)
        ),
        st.builds(
            lambda twist, post, place: twist(_dumped(post), place % 1_000),
            st.sampled_from(TWISTS),
            posts(),
            st.integers(0, 2**16),
        ),
    )


def values() -> st.SearchStrategy[bytes]:
    """A value of any of these kinds, with or without media."""
    return st.one_of(
        broken(),
        st.binary(max_size=400),
        twisted().map(_dumped),
        twisted().map(_dumped),
        posts(images=True).map(_dumped),
        posts(images=True).map(_dumped),
        posts(audio=True).map(_dumped),
        posts(images=True, audio=True).map(_dumped),
    )


def _dumped(post: dict[str, Any]) -> bytes:
    return json.dumps(post).encode(errors="surrogatepass")
