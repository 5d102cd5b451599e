"""Revisions and withdrawals: what comes later in the log overtakes what is not answered yet.

A newer revision supersedes the older ones that are still in flight, and a withdrawal cancels them:
each is answered at once, as overtaken, and what the device says of it later is dropped. An older
revision that arrives late, after the newer one, is answered the same way without being judged.

Revisions are compared by number, as the contract counts them. A withdrawal that gives no number
covers whatever came before it. Where numbers are equal, the place in the log decides, so that a
post that waited on ``posts.retry`` does not outlive its withdrawal.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from schemas import Op, Post
from workers.moderator.records import Arrival, Record


class Newest(NamedTuple):
    """The newest that is known of a post."""

    revision: int
    withdrawn: bool
    partition: int
    offset: int
    """Where it first stood."""


Key = tuple[str, int, int, int]
"""Of a record: topic, partition, offset, and the epoch under which it was read."""


class Arrived(NamedTuple):
    """What the arrival of a record means for its post."""

    newest: Newest
    is_late: bool
    """Whether something newer has been here before: then this one is not judged."""
    overtaken: Sequence[Arrival]
    """Older ones that were in flight, to be answered now."""


class Revisions:
    """Knows the newest revision of the posts seen lately, and which are in flight.

    Belongs to the event loop; not thread-safe.

    Args:
        remembered: posts whose newest revision is kept, the latest seen. What is forgotten is
            judged like any other when an older revision of it arrives.
    """

    def __init__(self, remembered: int) -> None:
        self._remembered = remembered
        self._newest: OrderedDict[str, Newest] = OrderedDict()
        self._in_flight: dict[str, dict[Key, Arrival]] = {}

    def arrive(self, arrival: Arrival) -> Arrived:
        """Take a post or a withdrawal in."""
        post, record = arrival.post, arrival.record
        known = self._newest.get(post.post_id)
        if known is not None and _is_late(arrival, known):
            return Arrived(known, is_late=True, overtaken=())
        newest = _newest(arrival, known)
        self._remember(post.post_id, newest)
        overtaken = self._overtaken(post.post_id, newest)
        if not newest.withdrawn:
            self._in_flight.setdefault(post.post_id, {})[_key(record)] = arrival
        return Arrived(newest, is_late=False, overtaken=overtaken)

    def recollect(self, arrival: Arrival) -> None:
        """Note a post that somebody has answered before; they may come in any order."""
        post, origin = arrival.post, arrival.record.origin
        known = self._newest.get(post.post_id)
        if known is not None:
            later = origin.offset > known.offset
            if post.op is Op.DELETE and not _is_numbered(post):
                is_newer = later
            else:
                is_newer = (post.revision, later) > (known.revision, False)
            if not is_newer:
                return
        self._remember(post.post_id, _newest(arrival, known))

    def is_awaited(self, arrival: Arrival) -> bool:
        """Whether the post is in flight and has no answer."""
        return _key(arrival.record) in self._in_flight.get(arrival.post.post_id, ())

    def answer(self, arrival: Arrival) -> bool:
        """Note that the post is answered; False when it was before, so that nobody repeats it."""
        post_id = arrival.post.post_id
        waiting = self._in_flight.get(post_id, {})
        if waiting.pop(_key(arrival.record), None) is None:
            return False
        if not waiting:
            self._in_flight.pop(post_id, None)
        return True

    def _overtaken(self, post_id: str, newest: Newest) -> list[Arrival]:
        waiting = self._in_flight.get(post_id)
        if waiting is None:
            return []  # as with most posts
        return [
            arrival
            for arrival in waiting.values()
            if arrival.post.revision < newest.revision or newest.withdrawn
        ]

    def _remember(self, post_id: str, newest: Newest) -> None:
        self._newest[post_id] = newest
        self._newest.move_to_end(post_id)
        if len(self._newest) > self._remembered:
            self._newest.popitem(last=False)


def _newest(arrival: Arrival, known: Newest | None) -> Newest:
    post, origin = arrival.post, arrival.record.origin
    withdrawn = post.op is Op.DELETE
    revision = post.revision
    if known is not None and withdrawn and not _is_numbered(post):
        revision = max(revision, known.revision)
    return Newest(revision, withdrawn, origin.partition, origin.offset)


def _is_late(arrival: Arrival, known: Newest) -> bool:
    post, origin = arrival.post, arrival.record.origin
    if post.op is Op.DELETE and not _is_numbered(post):
        return False
    if post.revision != known.revision:
        return post.revision < known.revision
    before = origin.partition == known.partition and origin.offset < known.offset
    return known.withdrawn and post.op is Op.UPSERT and before


def _is_numbered(post: Post) -> bool:
    return "revision" in post.model_fields_set


def _key(record: Record) -> Key:
    return (record.place.topic, record.place.partition, record.offset, record.epoch)
