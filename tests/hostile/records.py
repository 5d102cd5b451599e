"""Hypothesis strategies for values of the topic ``posts``: broken, absurd, and nearly right."""

from __future__ import annotations

import base64
import json
from functools import cache
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


def damaged(seeds: dict[str, bytes], bombs: dict[str, bytes]) -> st.SearchStrategy[bytes]:
    """A medium: a bomb, a polyglot, or a whole file that was cut, flipped, repeated or spliced.

    Drawn as one number, because a draw of hypothesis for each byte would take longer than decoding.
    """
    return st.integers(0, 2**63).map(lambda number: _damaged(Random(number), seeds, bombs))


def _damaged(random: Random, seeds: dict[str, bytes], bombs: dict[str, bytes]) -> bytes:
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


def media_of(blobs: st.SearchStrategy[bytes]) -> st.SearchStrategy[dict[str, Any]]:
    good = st.fixed_dictionaries(
        {"data": blobs.map(base64_of)},
        optional={
            "media_type": st.sampled_from(["image/png", "audio/wav", "text/html", "a/b"]),
            "sha256": st.just("0" * 64),
        },
    )
    keys = st.sampled_from(
        ["../../etc/passwd", "/etc/passwd", "a\0b", "a" * 5_000, "gone.png", "."]
    )
    return st.one_of(good, good, good, good, good, st.fixed_dictionaries({"key": keys}))


@cache
def _some_pictures() -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(media_of(damaged(pictures(), picture_bombs())), min_size=1, max_size=2)


@cache
def _some_sounds() -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(media_of(damaged(sounds(), sound_bombs())), min_size=1, max_size=2)


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
        post["images"] = draw(_some_pictures())
    if audio:
        post["audio"] = draw(_some_sounds())
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


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A value that is hardly JSON, or much too much of it."""
    depth = draw(st.sampled_from([10, 200, 1_000, 100_000, 400_000]))
    whole = _dumped(draw(twisted()))
    place = draw(st.integers(0, len(whole)))
    return draw(
        st.sampled_from(
            [
                b"[" * depth,
                b"[" * depth + b"]" * depth,
                b'{"images":' * min(depth, 50_000),
                b'{"text":' + b'{"a":' * min(depth, 50_000) + b"1" + b"}" * min(depth, 50_001),
                b'{"post_id":"p-1",' * 20_000,
                b'{"text":"' + b"\\u0041" * depth + b'"}',
                b'{"reach":' + b"9" * depth + b"}",
                b'{"reach":1e' + b"9" * 20 + b"}",
                b"\xef\xbb\xbf" + whole,
                whole.decode().encode("utf-16"),
                whole[:place],
                whole[:place] + b"\xff\xfe\x80" + whole[place:],
                whole + whole,
                whole.replace(b'"', b"'"),
                b"\x1f\x8b\x08" + whole,
                b'{"text":NaN}',
                b"\0" * min(depth, 10_000),
                b"",
                b"null",
            ]
        )
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
