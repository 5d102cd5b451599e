"""The tables of authors and of posts, and the order of writes that keeps them in step.

``authors`` holds an author's counts; ``posts`` holds the registers of a post, for as long as its
verdicts can come again. One event changes a row in each, and the two writes are not one
transaction. So the author's row carries the registers of the post that was counted last (the open
post) and is the only row whose write counts something:

1. when an event is about another post than the open one, write the open post's registers to
   ``posts``;
2. write the author's row: new counts, and the event's post with its new registers as the open one.

A crash before 1 or between 1 and 2 loses nothing: 1 repeats what the author's row already says,
and the event comes again, because its offset is committed after both writes. A crash after 2 makes
the event come again too, and it is then found in the open post. In neither case does it count
twice. (One gap is left: a disk that is lost in the moment in which the broker has taken the second
row's changelog record and not the first's. The first post's next repetition then counts again.)
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

from workers.ledger.state import AuthorState, PostState

Table = MutableMapping[bytes, bytes]
"""A Faust table with raw keys and values, or a dictionary."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Rows of authors and of posts."""

    authors: Table
    posts: Table

    def load(self, author_id: str, post_id: str) -> tuple[AuthorState, PostState, bool]:
        """The author's and the post's state, and whether the author was known.

        Raises:
            pydantic.ValidationError: a row is not what this version of the ledger writes.
        """
        author, known = self.author(author_id)
        if author.open_post_id == post_id and author.open_post is not None:
            return author, author.open_post, known
        kept = self.posts.get(_post_key(author_id, post_id))
        post = PostState() if kept is None else PostState.from_bytes(kept)
        return author, post, known

    def author(self, author_id: str) -> tuple[AuthorState, bool]:
        """The author's state, and whether the author was known.

        Raises:
            pydantic.ValidationError: the row is not what this version of the ledger writes.
        """
        row = self.authors.get(author_id.encode())
        return AuthorState() if row is None else AuthorState.from_bytes(row), row is not None

    def save_author(self, author_id: str, author: AuthorState) -> None:
        """Write the author's row, about no post."""
        self.authors[author_id.encode()] = author.to_bytes()

    def save(self, author_id: str, author: AuthorState, post_id: str, post: PostState) -> None:
        """Write the author's new counts and the post's new registers.

        ``author`` must still carry the open post that :meth:`load` gave.
        """
        if author.open_post_id not in {None, post_id} and author.open_post is not None:
            self.posts[_post_key(author_id, author.open_post_id)] = author.open_post.to_bytes()
        row = author.model_copy(update={"open_post_id": post_id, "open_post": post})
        self.authors[author_id.encode()] = row.to_bytes()


def _post_key(author_id: str, post_id: str | None) -> bytes:
    # The author is part of the key: a post id that two authors claim is two posts. Ids hold no
    # spaces, so the pair is unambiguous.
    return f"{author_id} {post_id}".encode()
