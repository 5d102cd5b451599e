"""Near-identical items beside the one that is shown, and what the reviewer says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.datastructures import FormData

from schemas import Modality, NotScanned, Post
from workers.review.errors import BadRequestError
from workers.review.store import Alike, Mate
from workers.review.store.clusters import MOST_MEMBERS
from workers.review.web.console import Console
from workers.review.web.security import text_field
from workers.review.web.words import amount, percent

ID_CHARS: Final = 36


@dataclass(frozen=True, slots=True)
class ShownMate:
    """A near-identical item in the list."""

    verdict_id: str
    post_id: str
    percent: int | None
    reach: str
    same: bool
    is_shown: bool
    """Whether a decision can go for it: it is the same, or all in which it differs is here."""
    quote: str | None
    pictures: tuple[str, ...]
    """Where the browser gets them, if they are others."""


def shown_mates(mates: Sequence[Mate], shown: Callable[[str], str]) -> list[ShownMate]:
    """The list; ``shown`` masks what the viewer may not see."""
    return [
        ShownMate(
            verdict_id=str(mate.item.verdict_id),
            post_id=mate.item.post_id,
            percent=None if mate.item.score is None else percent(mate.item.score),
            reach=amount(mate.item.reach),
            same=mate.same,
            is_shown=mate.is_shown,
            quote=None if mate.text is None else shown(mate.text),
            pictures=other_pictures(mate),
        )
        for mate in mates
    ]


def other_pictures(mate: Mate, prefix: str = "") -> tuple[str, ...]:
    """The addresses of the item's pictures; none where they are those of the one beside it."""
    if not mate.other_pictures:
        return ()
    base = f"{prefix}/items/{mate.item.verdict_id}/media/{Modality.IMAGE}"
    return tuple(f"{base}/{index}" for index in range(mate.item.images))


@dataclass(frozen=True, slots=True)
class Named:
    """Which of them the decision goes for, and which are another case."""

    decided: frozenset[UUID]
    apart: frozenset[UUID]


def named_in(form: FormData) -> Named:
    """What the form says of them: which were shown, and which of these are another case.

    Raises:
        BadRequestError: these are no names of items.
    """
    listed = text_field(form, "alike", longest=MOST_MEMBERS * (ID_CHARS + 1))
    shown = frozenset(map(_name, listed.split()))
    apart = frozenset(_name(each) for each in form.getlist("apart") if isinstance(each, str))
    return Named(decided=shown - apart, apart=shown & apart)


async def alike_of(
    console: Console, item: UUID, post: Post, unseen: tuple[NotScanned, ...], named: Named
) -> Alike:
    """What a decision on an item says of those that were named.

    A person vouches for what they could see. Pictures of its own were shown beside the item's; all
    else of which they are made is the item's, so of that the item's ``unseen`` tells.
    """
    if not named.decided:
        return Alike(apart=named.apart)
    unlike = await console.parts.queue.unlike(item, named.decided)
    own = {
        name: await _unseen_of(console, content.post, post, unseen)
        for name, content in unlike.items()
    }
    return Alike(decided={name: own.get(name, unseen) for name in named.decided}, apart=named.apart)


async def _unseen_of(
    console: Console, mate: Post, post: Post, unseen: tuple[NotScanned, ...]
) -> tuple[NotScanned, ...]:
    if mate.images == post.images:
        return unseen
    pictures = await console.shelf.unseen(mate.model_copy(update={"audio": ()}))
    return (*pictures, *(piece for piece in unseen if piece.modality is Modality.AUDIO))


def _name(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise BadRequestError(
            "The form names no item that is alike. Reload the page and try again."
        ) from None
