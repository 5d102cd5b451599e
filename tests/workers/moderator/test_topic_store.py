"""The latest record of a key is found again, until it expires or its partition moves away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import AuthorSignals
from tests.workers.moderator.making import NOON
from workers.moderator.topic_store import Change, TopicStore

KEEP = timedelta(days=30)


def make_store(path: Path) -> TopicStore[AuthorSignals]:
    return TopicStore(path, AuthorSignals, lambda signals: signals.updated_at, KEEP)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TopicStore[AuthorSignals]]:
    opened = make_store(tmp_path / "deeper" / "signals.db")
    yield opened
    opened.close()


def change(
    author_id: str, *, partition: int = 0, strikes: int = 0, days_ago: int = 0
) -> Change[AuthorSignals]:
    updated_at = NOON - timedelta(days=days_ago)
    signals = AuthorSignals(author_id=author_id, strikes=strikes, updated_at=updated_at)
    return Change(partition, author_id, signals)


def test_latest_signals_of_an_author_count(store: TopicStore[AuthorSignals]) -> None:
    store.apply([change("ann", strikes=1), change("bob"), change("ann", strikes=2)])
    found = store.find(["ann", "cid"], NOON)
    assert {author: signals.strikes for author, signals in found.items()} == {"ann": 2}


def test_nobody_is_found_where_nobody_is_asked_for(store: TopicStore[AuthorSignals]) -> None:
    store.apply([change("ann")])
    assert store.find([], NOON) == {}


@given(
    st.sets(st.from_regex(r"[A-Za-z0-9._:@/+=-]{1,128}", fullmatch=True)),
    st.sets(st.from_regex(r"[A-Za-z0-9._:@/+=-]{1,128}", fullmatch=True)),
)
def test_a_group_finds_what_is_kept_of_each_of_its_authors(
    tmp_path_factory: pytest.TempPathFactory, kept: set[str], asked: set[str]
) -> None:
    store = make_store(tmp_path_factory.mktemp("store") / "signals.db")
    with closing(store):
        store.apply([change(author) for author in sorted(kept)])
        assert store.find(asked | set(sorted(kept)[::2]), NOON).keys() == (
            kept & asked | set(sorted(kept)[::2])
        )


def test_forgotten_author_is_gone(store: TopicStore[AuthorSignals]) -> None:
    store.apply([change("ann"), Change(0, "ann", None)])
    assert "ann" not in store.find(["ann"], NOON)


def test_expired_signals_count_no_more_and_are_removed(store: TopicStore[AuthorSignals]) -> None:
    store.apply([change("old", days_ago=31), change("new", days_ago=29)])
    assert "old" not in store.find(["old"], NOON)
    assert "new" in store.find(["new"], NOON)
    store.keep_only([0], NOON)
    assert len(store) == 1


def test_authors_of_partitions_that_moved_away_are_removed(
    store: TopicStore[AuthorSignals],
) -> None:
    store.apply([change("ann", partition=1), change("bob", partition=2)])
    store.keep_only([2], NOON)
    assert "ann" not in store.find(["ann"], NOON)
    assert "bob" in store.find(["bob"], NOON)
    store.keep_only([], NOON)
    assert len(store) == 0


def test_store_begins_empty_whatever_a_crash_left(tmp_path: Path) -> None:
    path = tmp_path / "signals.db"
    first = make_store(path)
    first.apply([change("ann")])
    first.close()
    path.write_bytes(path.read_bytes()[:100])
    again = make_store(path)
    assert len(again) == 0
    again.close()
