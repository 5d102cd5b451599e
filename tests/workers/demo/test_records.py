"""Lines become records as a platform would send them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from schemas import MAX_INLINE_BYTES, Media, Post
from tests.workers.demo.answers import post
from workers.demo.records import read_records, to_record

PICTURE = b"small picture"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a.png").write_bytes(PICTURE)
    return tmp_path


def sent(one: Post, folder: Path, inline_up_to_bytes: int = 100) -> Post:
    record = to_record(one.to_bytes(), folder, inline_up_to_bytes=inline_up_to_bytes)
    assert record.key == b"ana"
    return Post.from_bytes(record.value)


def with_picture(**source: str) -> Post:
    return post(images=(Media.model_validate(source),))


def test_a_small_medium_travels_inside_the_post(folder: Path) -> None:
    (image,) = sent(with_picture(key="media/a.png"), folder).images
    assert image.data == PICTURE
    assert image.key is None


def test_a_large_medium_stays_and_gets_the_hash_of_its_bytes(folder: Path) -> None:
    (image,) = sent(with_picture(key="media/a.png"), folder, inline_up_to_bytes=3).images
    assert image.data is None
    assert image.key == "media/a.png"
    assert image.sha256 == hashlib.sha256(PICTURE).hexdigest()


def test_nothing_larger_than_the_contract_allows_travels_inside(folder: Path) -> None:
    (folder / "large.wav").write_bytes(bytes(MAX_INLINE_BYTES + 1))
    one = post(audio=(Media(key="large.wav"),))
    (sound,) = sent(one, folder, inline_up_to_bytes=10 * MAX_INLINE_BYTES).audio
    assert sound.data is None


def test_a_promised_hash_is_kept_even_when_it_is_wrong(folder: Path) -> None:
    promised = "0" * 64
    one = with_picture(key="media/a.png", sha256=promised)
    for limit in (0, 100):
        (image,) = sent(one, folder, inline_up_to_bytes=limit).images
        assert image.sha256 == promised


@pytest.mark.parametrize("key", ["media/gone.png", "../outside.png", "/etc/hostname"])
def test_a_key_that_names_no_file_of_the_folder_is_left_as_it_is(folder: Path, key: str) -> None:
    (folder.parent / "outside.png").write_bytes(b"secret")
    (image,) = sent(with_picture(key=key), folder).images
    assert image == Media(key=key)


def test_a_url_is_left_to_the_worker(folder: Path) -> None:
    (image,) = sent(with_picture(url="https://cdn.example/a.png"), folder).images
    assert image.url == "https://cdn.example/a.png"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b'{"post_id": "p-1", "author_id": "ana", "text"', None),
        (b'{"post_id": 7, "author_id": "ana"}', b"ana"),
        (b'{"author_id": 7}', None),
        (b'{"author_id": "\\ud800"}', b"?"),
        (b"[1, 2]", None),
        (b"\xff\xfe", None),
    ],
)
def test_a_line_that_is_no_post_is_sent_byte_for_byte(
    folder: Path, line: bytes, key: bytes | None
) -> None:
    record = to_record(line, folder)
    assert record.value == line
    assert record.key == key


def test_a_file_gives_a_record_a_line_and_none_for_empty_lines(folder: Path) -> None:
    path = folder / "posts.jsonl"
    lines = [post(f"p-{number}").to_bytes() for number in range(3)]
    path.write_bytes(lines[0] + b"\n\n" + lines[1] + b"\r\n" + lines[2])
    names = [json.loads(record.value)["post_id"] for record in read_records(path)]
    assert names == ["p-0", "p-1", "p-2"]
