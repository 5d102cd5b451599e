"""The samples are what their expectations say they are."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from pathlib import Path

import pytest
import soundfile
from PIL import Image, UnidentifiedImageError
from pydantic import ValidationError

from schemas import Op, Post
from workers.demo.sample_posts import (
    SAMPLES_DIR,
    UNREACHABLE_HOST,
    Answer,
    Group,
    MalformedExpectation,
    PostExpectation,
    Sample,
    load_samples,
)

BROKEN_ON_PURPOSE = {"truncated_image", "decompression_bomb", "missing_media", "unreachable_url"}


def samples_of(kind: type) -> list[Sample]:
    return [sample for sample in load_samples() if isinstance(sample.expected, kind)]


def malformed(kind: str) -> Sample:
    (found,) = (
        sample
        for sample in samples_of(MalformedExpectation)
        if isinstance(sample.expected, MalformedExpectation) and sample.expected.kind == kind
    )
    return found


def readable_posts() -> list[Post]:
    return [Post.from_bytes(sample.line) for sample in samples_of(PostExpectation)]


def test_there_are_enough_samples_of_every_group() -> None:
    groups = Counter(sample.group for sample in load_samples())
    assert sum(groups.values()) >= 80
    assert groups[Group.HARMLESS] >= 50
    assert groups[Group.BORDERLINE] >= 10
    assert groups[Group.HARMFUL] >= 25
    assert groups[Group.MALFORMED] == 8


def test_every_post_is_valid_and_is_the_one_its_expectation_names() -> None:
    for sample in samples_of(PostExpectation):
        post = Post.from_bytes(sample.line)
        assert isinstance(sample.expected, PostExpectation)
        assert (post.post_id, post.revision) == (sample.expected.post_id, sample.expected.revision)


def test_no_post_revision_occurs_twice_but_the_duplicate() -> None:
    revisions = Counter((post.post_id, post.revision) for post in readable_posts())
    assert set(revisions.values()) == {1}


def test_harmful_and_borderline_posts_name_their_category() -> None:
    for sample in samples_of(PostExpectation):
        assert isinstance(sample.expected, PostExpectation)
        assert (sample.expected.category is None) == (sample.group is Group.HARMLESS)


def test_the_samples_are_diverse() -> None:
    posts = [post for post in readable_posts() if post.op is Op.UPSERT]
    kinds = {(bool(post.text), bool(post.images), bool(post.audio)) for post in posts}
    assert len(kinds) >= 6
    languages = Counter((post.language or "")[:2] for post in posts)
    assert languages["en"] >= 40
    assert languages["zh"] >= 15
    assert len({post.region for post in posts}) >= 8
    assert len({post.surface for post in posts}) >= 4
    assert max(Counter(post.author_id for post in posts).values()) >= 3


def test_an_edit_and_a_withdrawal_come_after_the_post_that_they_change() -> None:
    seen: dict[str, int] = {}
    later = []
    for post in readable_posts():
        assert post.revision == seen.get(post.post_id, 0) + 1
        seen[post.post_id] = post.revision
        if post.revision > 1:
            later.append(post.op)
    assert sorted(later) == [Op.DELETE, Op.UPSERT]


def test_every_medium_of_a_good_post_decodes() -> None:
    for post in readable_posts():
        for image in post.images:
            Image.open(SAMPLES_DIR / str(image.key)).load()
        for sound in post.audio:
            waveform, _ = soundfile.read(SAMPLES_DIR / str(sound.key))
            assert waveform.size


def test_no_medium_lies_around_unused() -> None:
    lines = b"\n".join(sample.line for sample in load_samples()).decode()
    unused = [path.name for path in (SAMPLES_DIR / "media").iterdir() if path.name not in lines]
    assert unused == []


def test_the_samples_stay_small() -> None:
    size = sum(path.stat().st_size for path in SAMPLES_DIR.rglob("*") if path.is_file())
    assert size < 2 * 1024 * 1024


def test_malformed_samples_are_of_eight_kinds() -> None:
    kinds = [
        sample.expected.kind
        for sample in samples_of(MalformedExpectation)
        if isinstance(sample.expected, MalformedExpectation)
    ]
    assert kinds == [
        "broken_json",
        "wrong_types",
        "truncated_image",
        "decompression_bomb",
        "missing_media",
        "over_long_text",
        "unreachable_url",
        "duplicate",
    ]


@pytest.mark.parametrize(
    ("kind", "first_error"),
    [
        ("broken_json", "json_invalid"),
        ("wrong_types", "string_type"),
        ("over_long_text", "string_too_long"),
    ],
)
def test_dead_letters_to_be_break_the_contract_in_their_own_way(
    kind: str, first_error: str
) -> None:
    sample = malformed(kind)
    assert isinstance(sample.expected, MalformedExpectation)
    assert sample.expected.answer is Answer.DEAD_LETTER
    with pytest.raises(ValidationError) as caught:
        Post.from_bytes(sample.line)
    assert caught.value.errors(include_input=False, include_url=False)[0]["type"] == first_error


def test_degraded_verdicts_to_be_are_valid_posts_with_media_that_nobody_can_look_at() -> None:
    assert {
        sample.expected.kind
        for sample in samples_of(MalformedExpectation)
        if isinstance(sample.expected, MalformedExpectation)
        and sample.expected.answer is Answer.DEGRADED
    } == BROKEN_ON_PURPOSE
    for kind in BROKEN_ON_PURPOSE:
        assert Post.from_bytes(malformed(kind).line).text


def test_the_truncated_image_begins_well_and_breaks_off() -> None:
    (image,) = Post.from_bytes(malformed("truncated_image").line).images
    with Image.open(SAMPLES_DIR / str(image.key)) as opened:
        assert opened.size == (320, 240)
        with pytest.raises(OSError, match="truncated"):
            opened.load()


def test_the_bomb_is_a_tiny_file_of_enormous_pixels() -> None:
    (image,) = Post.from_bytes(malformed("decompression_bomb").line).images
    raw = (SAMPLES_DIR / str(image.key)).read_bytes()
    assert len(raw) < 1024
    width, height = (int.from_bytes(raw[start : start + 4]) for start in (16, 20))
    assert width * height > 3_000_000_000
    with pytest.raises((Image.DecompressionBombError, UnidentifiedImageError)):
        Image.open(io.BytesIO(raw))


def test_the_missing_medium_is_missing_and_the_host_cannot_exist() -> None:
    (image,) = Post.from_bytes(malformed("missing_media").line).images
    assert not (SAMPLES_DIR / str(image.key)).exists()
    (sound,) = Post.from_bytes(malformed("unreachable_url").line).audio
    assert str(sound.url).startswith(f"https://{UNREACHABLE_HOST}/")
    assert UNREACHABLE_HOST.endswith(".invalid")


def test_the_duplicate_comes_after_the_record_that_it_repeats() -> None:
    lines = [sample.line for sample in load_samples()]
    duplicate = malformed("duplicate").line
    assert [line for line in lines if line == duplicate] == [duplicate, duplicate]
    assert lines.index(duplicate) < len(lines) - 1


def test_malformed_records_are_spread_among_the_good_ones() -> None:
    samples = load_samples()
    places = [place for place, sample in enumerate(samples) if sample.group is Group.MALFORMED]
    assert all(later - earlier > 5 for earlier, later in itertools.pairwise(places))


def test_a_line_without_its_expectation_is_refused(tmp_path: Path) -> None:
    for name in ("posts", "malformed"):
        (tmp_path / f"{name}.jsonl").write_text("{}\n")
        (tmp_path / f"{name}.expected.jsonl").write_text("")
    with pytest.raises(ValueError, match=r"posts\.jsonl has 1 lines"):
        load_samples(tmp_path)
