from __future__ import annotations

import os
from pathlib import Path

import pytest

from moderation.media import (
    FolderFetcher,
    ForbiddenMediaError,
    MediaLimits,
    MediaTooLargeError,
    MissingMediaError,
    UnreachableMediaError,
)
from schemas import Media


@pytest.fixture
def store(tmp_path: Path) -> Path:
    root = tmp_path / "store"
    (root / "a").mkdir(parents=True)
    (root / "a" / "photo.png").write_bytes(b"bytes")
    (tmp_path / "secret").write_bytes(b"secret")
    return root


async def test_a_key_is_a_path_below_the_root(store: Path) -> None:
    assert await FolderFetcher(store).fetch(Media(key="a/photo.png")) == b"bytes"


async def test_an_unknown_key_is_missing(store: Path) -> None:
    with pytest.raises(MissingMediaError, match="a/other"):
        await FolderFetcher(store).fetch(Media(key="a/other"))


async def test_a_store_that_is_not_there_may_be_there_later(tmp_path: Path) -> None:
    with pytest.raises(UnreachableMediaError, match="not there"):
        await FolderFetcher(tmp_path / "nowhere").fetch(Media(key="a"))


@pytest.mark.parametrize(
    "key", ["../secret", "a/../../secret", "/etc/hostname", "a\0b", "a\nb", "..", "a/.."]
)
async def test_a_key_that_leads_out_is_forbidden(store: Path, key: str) -> None:
    with pytest.raises(ForbiddenMediaError):
        await FolderFetcher(store).fetch(Media(key=key))


async def test_a_link_out_of_the_store_is_forbidden(store: Path) -> None:
    (store / "link").symlink_to(store.parent / "secret")
    (store / "dir").symlink_to(store.parent)

    for key in ("link", "dir/secret"):
        with pytest.raises(ForbiddenMediaError, match="leads out"):
            await FolderFetcher(store).fetch(Media(key=key))


async def test_a_link_inside_the_store_is_followed(store: Path) -> None:
    (store / "link").symlink_to("a/photo.png")

    assert await FolderFetcher(store).fetch(Media(key="link")) == b"bytes"


async def test_a_loop_of_links_is_unreachable(store: Path) -> None:
    (store / "one").symlink_to("two")
    (store / "two").symlink_to("one")

    with pytest.raises(UnreachableMediaError):
        await FolderFetcher(store).fetch(Media(key="one"))


async def test_a_root_that_is_itself_a_link_works(store: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(store)

    assert await FolderFetcher(tmp_path / "alias").fetch(Media(key="a/photo.png")) == b"bytes"


async def test_folders_and_pipes_are_no_objects(store: Path) -> None:
    os.mkfifo(store / "pipe")

    for key in ("a", "pipe"):
        with pytest.raises(ForbiddenMediaError, match="no regular file"):
            await FolderFetcher(store).fetch(Media(key=key))


async def test_a_name_that_no_file_can_have_is_unreachable(store: Path) -> None:
    with pytest.raises(UnreachableMediaError):
        await FolderFetcher(store).fetch(Media(key="x" * 1000))


async def test_a_file_over_the_limit_is_refused(store: Path) -> None:
    assert await FolderFetcher(store, MediaLimits(max_bytes=5)).fetch(Media(key="a/photo.png"))
    with pytest.raises(MediaTooLargeError, match="5 bytes"):
        await FolderFetcher(store, MediaLimits(max_bytes=4)).fetch(Media(key="a/photo.png"))


async def test_media_of_another_kind_are_forbidden(store: Path) -> None:
    with pytest.raises(ForbiddenMediaError):
        await FolderFetcher(store).fetch(Media(data=b"x"))
