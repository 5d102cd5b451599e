"""The posts that are produced: by number, so that a run can be told again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from bench.faults.facts import Revision
from bench.faults.suffering import POISON
from schemas import Media, Op, Post

CREATED_AT: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)

AUTHORS: Final = 48
"""Enough for every partition."""

CYCLE: Final = 12
"""Posts after which the kinds begin anew."""

PICTURED: Final = 3
"""Place in the cycle of a post with a picture by reference, edited at the next place."""

EDITED: Final = (7, 8, 9)
"""Places of a post, its edit, and its withdrawal."""

LATE: Final = (10, 11)
"""Places of an edit that arrives before its post, and of that post."""


POISONOUS: Final = "poison-"
"""What the ids of poisonous posts begin with."""


class Outgoing(NamedTuple):
    """A record to produce. ``revision`` is None where it holds no post."""

    key: bytes
    value: bytes
    revision: Revision | None


def usual(number: int, store_url: str) -> Outgoing:
    """Plain posts, a picture, edits, a withdrawal, and an edit that overtakes its post.

    Args:
        number: of the record, from 0.
        store_url: where the picture is, without the number.
    """
    place = number % CYCLE
    base = number - place
    media: tuple[Media, ...] = ()
    first, revision, op = number, 1, Op.UPSERT
    if place == PICTURED:
        media = (Media(url=f"{store_url}/{number}.png"),)
    elif place == PICTURED + 1:
        first, revision = base + PICTURED, 2
    elif place in EDITED:
        first, revision = base + EDITED[0], place - EDITED[0] + 1
        op = Op.DELETE if place == EDITED[-1] else Op.UPSERT
    elif place in LATE:
        first, revision = base + LATE[0], 2 if place == LATE[0] else 1
    return _outgoing(
        f"post-{first}",
        author=_author(first),
        revision=revision,
        op=op,
        text=f"good morning, number {number}",
        images=media,
    )


def plain(number: int) -> Outgoing:
    """A post like any other."""
    return _outgoing(f"plain-{number}", author=_author(number), text=f"good night, number {number}")


def poison(number: int) -> Outgoing:
    """A post that no scorer can digest."""
    return _outgoing(
        f"{POISONOUS}{number}", author=_author(number), text=f"{POISON}, number {number}"
    )


def unreadable(number: int) -> Outgoing:
    """Bytes that are no post."""
    return Outgoing(_author(number).encode(), b'{"post_id": %d, no JSON' % number, None)


def revision_in(value: bytes | None) -> Revision | None:
    """The revision that a record of ``posts`` holds, None for one that is no post."""
    try:
        post = Post.from_bytes(value or b"")
    except ValueError:
        return None
    return post.post_id, post.revision


def _outgoing(
    post_id: str,
    *,
    author: str,
    text: str,
    revision: int = 1,
    op: Op = Op.UPSERT,
    images: tuple[Media, ...] = (),
) -> Outgoing:
    post = Post(
        post_id=post_id,
        revision=revision,
        op=op,
        author_id=author,
        created_at=CREATED_AT,
        text=None if op is Op.DELETE else text,
        images=images,
    )
    return Outgoing(author.encode(), post.to_bytes(), (post.post_id, post.revision))


def _author(number: int) -> str:
    return f"author-{number % AUTHORS}"
