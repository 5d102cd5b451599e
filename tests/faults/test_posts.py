"""The posts that a run produces."""

from __future__ import annotations

from collections import defaultdict

from bench.faults.posts import CYCLE, poison, revision_in, unreadable, usual
from schemas import Op, Post

STORE = "https://localhost:1234"


def posts(count: int) -> list[Post]:
    return [Post.from_bytes(usual(number, STORE).value) for number in range(count)]


def test_no_revision_comes_twice() -> None:
    revisions = [usual(number, STORE).revision for number in range(10 * CYCLE)]
    assert len(set(revisions)) == len(revisions)


def test_a_record_tells_which_revision_it_holds() -> None:
    for outgoing in (*(usual(number, STORE) for number in range(CYCLE)), poison(3)):
        assert revision_in(outgoing.value) == outgoing.revision
    assert revision_in(unreadable(3).value) is None


def test_revisions_of_a_post_come_in_order_or_late_but_always_from_one_author() -> None:
    by_post = defaultdict(list)
    for post in posts(CYCLE):
        by_post[post.post_id].append(post)
    orders = {tuple(post.revision for post in revisions) for revisions in by_post.values()}
    assert orders == {(1,), (1, 2), (1, 2, 3), (2, 1)}
    assert {len({post.author_id for post in revisions}) for revisions in by_post.values()} == {1}


def test_there_are_withdrawals_and_pictures_from_the_store() -> None:
    cycle = posts(CYCLE)
    assert sum(post.op is Op.DELETE for post in cycle) == 1
    assert [image.url for post in cycle for image in post.images] == [f"{STORE}/3.png"]
