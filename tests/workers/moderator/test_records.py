"""A record is read as a post, or set aside whole with a reason that quotes nothing of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import DeadLetter, ErrorClass, Media
from tests.workers.moderator.making import NOON, make_post, make_record
from workers.moderator.errors import UnreadableRecordError
from workers.moderator.records import dead_letter, read_post

SECRET = "do-not-repeat-me"


def test_post_is_read_back_as_it_was_written() -> None:
    post = make_post(images=(Media(data=b"\x89PNG"),), reach=7)
    assert read_post(post.to_bytes()) == post


@pytest.mark.parametrize(
    "value",
    [b"", b"{", b"\xff\xfe", b'{"post_id": "\xff"}', b"[" * 100_000, b'{"post_id": NaN'],
    ids=["empty", "cut off", "not UTF-8", "bad UTF-8 inside", "deeply nested", "not a number"],
)
def test_what_is_no_json_is_called_so(value: bytes) -> None:
    with pytest.raises(UnreadableRecordError) as caught:
        read_post(value)
    assert caught.value.error_class is ErrorClass.NOT_JSON


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"author_id": None}, "author_id"),
        ({"revision": "3"}, "revision"),
        ({"created_at": "2026-03-01T12:00:00"}, "created_at"),
        ({"images": [{"url": "http://plain.example/x"}]}, "images[0].url"),
        ({"images": [{}]}, "images[0]"),
        ({"text": "x" * 40_001}, "text"),
        ({"text": None}, "post: "),
        ({"op": "delete"}, "post: "),
    ],
)
def test_broken_contract_is_told_by_field(change: dict[str, Any], named: str) -> None:
    fields = json.loads(make_post().to_bytes()) | change
    with pytest.raises(UnreadableRecordError) as caught:
        read_post(json.dumps(fields).encode())
    assert caught.value.error_class is ErrorClass.CONTRACT
    assert named in str(caught.value)


@given(
    field=st.sampled_from(
        ["post_id", "revision", "op", "author_id", "created_at", "surface", "language", "region",
         "text", "images", "audio", "reach"]
    ),
    wrong=st.sampled_from(
        [SECRET + " \x00", [SECRET], {SECRET: SECRET}, [{"url": SECRET}], [{"data": SECRET + "!"}]]
    ),
)  # fmt: skip
def test_reason_never_repeats_what_the_record_holds(field: str, wrong: object) -> None:
    fields = json.loads(make_post().to_bytes()) | {field: wrong}
    with pytest.raises(UnreadableRecordError) as caught:
        read_post(json.dumps(fields).encode())
    assert SECRET not in str(caught.value)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_an_unreadable_record_with_a_reason(value: bytes) -> None:
    with pytest.raises(UnreadableRecordError, match=r"value is not|: "):
        read_post(value)


def test_dead_letter_keeps_the_record_whole() -> None:
    record = make_record(
        b"\x00broken", offset=41, key=b"\xffkey", headers=(("trace", b"\x01"), ("trace", b"\x02"))
    )
    letter = dead_letter(record, ErrorClass.NOT_JSON, "no JSON", NOON)
    read = DeadLetter.from_bytes(letter.to_bytes())
    assert (read.topic, read.partition, read.offset) == ("posts", 3, 41)
    assert (read.key, read.value) == (b"\xffkey", b"\x00broken")
    assert [(header.name, header.value) for header in read.headers] == [
        ("trace", b"\x01"),
        ("trace", b"\x02"),
    ]
    assert (NOON - read.timestamp).total_seconds() == 60


def test_age_of_a_record_from_a_clock_that_is_ahead_is_zero() -> None:
    ahead = make_record(b"", timestamp_ms=int(NOON.timestamp() * 1000) + 5_000)
    assert ahead.age_seconds(NOON.timestamp()) == 0
