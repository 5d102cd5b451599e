"""What the contract accepts and what it refuses, with what words."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import (
    MAX_AUDIO,
    MAX_IMAGES,
    MAX_INLINE_BYTES,
    MAX_TEXT_LENGTH,
    TOPICS,
    Action,
    Media,
    Post,
    Topic,
    harshest,
    verdict_id,
)
from schemas.verdict import VERDICT_NAMESPACE
from tests.schemas.examples import POST, example_of

MINIMAL = {
    "post_id": "p",
    "author_id": "a",
    "created_at": "2026-01-01T00:00:00Z",
    "text": "hello",
}


def read(**fields: Any) -> Post:
    row = {**MINIMAL, **fields}
    return Post.from_bytes(json.dumps({k: v for k, v in row.items() if v is not ...}).encode())


def refusal(**fields: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        read(**fields)
    return "; ".join(
        f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in refused.value.errors()
    )


@pytest.mark.parametrize("topic", list(TOPICS), ids=lambda topic: topic.name)
def test_every_message_survives_the_wire(topic: Topic) -> None:
    message = example_of(topic)
    assert topic.value.from_bytes(message.to_bytes()) == message


def test_smallest_post_gets_the_documented_defaults() -> None:
    post = read()
    assert (post.revision, post.op, post.surface, post.reach) == (1, "upsert", "feed", 0)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"post_id": ...}, "post_id: Field required"),
        ({"post_id": 7}, "post_id: Input should be a valid string"),
        ({"post_id": ""}, "post_id: String should have at least 1 character"),
        ({"post_id": "a b"}, "post_id: String should match pattern"),
        ({"post_id": "x" * 129}, "at most 128 characters"),
        ({"revision": 0}, "revision: Input should be greater than or equal to 1"),
        ({"revision": "1"}, "revision: Input should be a valid integer"),
        ({"created_at": "2026-01-01T00:00:00"}, "created_at: Input should have timezone info"),
        ({"text": "x" * (MAX_TEXT_LENGTH + 1)}, f"at most {MAX_TEXT_LENGTH} characters"),
        ({"text": "a\x00b"}, "NUL character"),
        ({"text": ...}, "a post needs text, images or audio"),
        ({"op": "delete"}, "op is delete: leave text, images and audio out"),
        ({"op": "hide"}, "op: Input should be 'upsert' or 'delete'"),
        ({"images": [{}]}, "set exactly one of data, key and url; got none"),
        ({"images": [{"key": "a", "data": "aGk="}]}, "got data, key"),
        ({"images": [{"data": "not base64!"}]}, "is not base64"),
        ({"images": [{"url": "http://example.org/a.png"}]}, "images.0.url: String should match"),
        ({"images": [{"key": "a", "sha256": "beef"}]}, "images.0.sha256: String should match"),
        ({"images": [{"key": "a"}] * (MAX_IMAGES + 1)}, f"at most {MAX_IMAGES} items"),
        ({"audio": [{"key": "a"}] * (MAX_AUDIO + 1)}, f"at most {MAX_AUDIO} items"),
        ({"region": "gb"}, "region: String should match pattern"),
        ({"reach": -1}, "reach: Input should be greater than or equal to 0"),
    ],
)
def test_broken_post_is_refused_with_the_field_and_the_expectation(
    fields: dict[str, Any], said: str
) -> None:
    assert said in refusal(**fields)


def test_inline_media_is_bounded_after_decoding() -> None:
    assert Media(data=b"x" * MAX_INLINE_BYTES).data
    with pytest.raises(ValidationError, match=f"at most {MAX_INLINE_BYTES}"):
        Media(data=b"x" * (MAX_INLINE_BYTES + 1))


def test_error_does_not_quote_what_the_user_wrote() -> None:
    with pytest.raises(ValidationError) as refused:
        read(text=["a secret"])
    assert "secret" not in str(refused.value)


def test_field_of_a_newer_writer_is_ignored() -> None:
    assert read(mood="sunny") == read()


def test_withdrawal_needs_no_content() -> None:
    assert read(op="delete", text=...).op == "delete"


@given(st.text(max_size=200))
def test_any_text_is_kept_exactly_or_refused(text: str) -> None:
    try:
        post = Post(post_id="p", author_id="a", created_at=POST.created_at, text=text)
    except ValidationError:
        assert not text or "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)
    else:
        assert Post.from_bytes(post.to_bytes()).text == text


@given(st.binary(max_size=300))
def test_random_bytes_are_a_post_or_a_validation_error(raw: bytes) -> None:
    with pytest.raises(ValidationError):
        Post.from_bytes(raw)


def test_actions_are_ordered_by_severity_not_by_spelling() -> None:
    assert [a.severity for a in (Action.ALLOW, Action.LIMIT, Action.REVIEW, Action.REMOVE)] == [
        0,
        1,
        2,
        3,
    ]
    assert harshest(Action.LIMIT, Action.REMOVE, Action.ALLOW) is Action.REMOVE
    assert harshest() is Action.ALLOW


@given(st.text(max_size=20), st.integers(1, 2**53))
def test_verdict_id_is_the_uuid_of_version_5_that_the_standard_library_gives(
    name: str, revision: int
) -> None:
    parts = (name, str(revision), f"m{name}", "p")
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    assert verdict_id(name, revision, f"m{name}", "p") == uuid5(VERDICT_NAMESPACE, whole)


def test_verdict_id_is_stable_across_releases() -> None:
    assert verdict_id("post-1", 1, "m", "p") == UUID("4f8d05ec-c8ee-59b9-9ebf-d8906734ce9e")


@given(
    st.tuples(st.text(), st.integers(1, 9), st.text(), st.text()),
    st.tuples(st.text(), st.integers(1, 9), st.text(), st.text()),
)
def test_verdict_ids_agree_exactly_when_the_inputs_do(
    one: tuple[str, int, str, str], other: tuple[str, int, str, str]
) -> None:
    assert (verdict_id(*one) == verdict_id(*other)) == (one == other)


def test_signals_are_co_partitioned_with_posts() -> None:
    assert TOPICS.posts.partitions == TOPICS.author_signals.partitions
    assert TOPICS.posts.key == TOPICS.author_signals.key


@pytest.mark.parametrize("part", ["text", "path"])
def test_policy_bundle_that_was_changed_on_the_way_is_refused(part: str) -> None:
    row = json.loads(example_of(TOPICS.policies).to_bytes())
    row["lists"][0][part] += "x"
    with pytest.raises(ValidationError, match="content_hash says sha256:"):
        TOPICS.policies.value.from_bytes(json.dumps(row).encode())
