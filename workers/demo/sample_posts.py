"""The sample posts, and what a person would say about them.

``samples/posts.jsonl`` holds a post a line, ready to be produced; ``samples/malformed.jsonl`` holds
records that something is wrong with, byte for byte. Their media lie beside them, named by ``key``.
Line *n* of ``*.expected.jsonl`` speaks about line *n* of the other file: expectations stand apart,
so that no label ever travels with a post.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from schemas import Category, ErrorClass, NotScannedReason

SAMPLES_DIR: Final = Path(__file__).parent / "samples"

SAMPLE_FILES: Final = (SAMPLES_DIR / "posts.jsonl", SAMPLES_DIR / "malformed.jsonl")

UNREACHABLE_HOST: Final = "media.demo.invalid"
"""Named by one sample; no such host can ever exist (RFC 6761, section 6.4). A worker finds it
unreachable, rather than forbidden, when the host is on its allow-list."""


class Group(StrEnum):
    """What a sample is, in the eyes of a person."""

    HARMLESS = "harmless"
    BORDERLINE = "borderline"
    HARMFUL = "harmful"
    MALFORMED = "malformed"


class Answer(StrEnum):
    """How a malformed record has to be answered."""

    DEAD_LETTER = "dead_letter"  # it cannot be read
    DEGRADED = "degraded"  # it can, and something in it was not scanned
    SAME_VERDICT = "same_verdict"  # it was sent before: no second, contradicting verdict


class PostExpectation(BaseModel):
    """What a person would say about one post."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    post_id: str
    revision: int = 1
    group: Group
    category: Category | None = None
    """The harm, or the one that a borderline post comes near to."""
    about: str


class MalformedExpectation(BaseModel):
    """What is wrong with one record, and the answer that it has to get."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    answer: Answer
    reason: ErrorClass | NotScannedReason | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a sample file, and what is expected of it."""

    line: bytes
    expected: PostExpectation | MalformedExpectation

    @property
    def group(self) -> Group:
        """Its group in the summary."""
        if isinstance(self.expected, MalformedExpectation):
            return Group.MALFORMED
        return self.expected.group


def load_samples(folder: Path = SAMPLES_DIR) -> list[Sample]:
    """Every sample, in the order in which the demo sends them.

    The malformed ones are spread among the others, so that the posts behind a poisonous record
    show that it blocks nothing.

    Raises:
        ValueError: a file and its expectations have different numbers of lines.
        pydantic.ValidationError: an expectation breaks its schema.
    """
    posts = _paired(folder / "posts.jsonl", PostExpectation)
    malformed = _paired(folder / "malformed.jsonl", MalformedExpectation)
    stride = len(posts) // len(malformed)
    ordered: list[Sample] = []
    for place, record in enumerate(malformed):
        ordered += posts[place * stride : (place + 1) * stride]
        ordered.append(record)
    return ordered + posts[len(malformed) * stride :]


def _paired(path: Path, expectation: type[PostExpectation | MalformedExpectation]) -> list[Sample]:
    lines = path.read_bytes().splitlines()
    beside = path.with_suffix(".expected.jsonl")
    expected = beside.read_bytes().splitlines()
    if len(lines) != len(expected):
        raise ValueError(
            f"{path.name} has {len(lines)} lines and {beside.name} {len(expected)}; "
            "each line needs its expectation"
        )
    return [
        Sample(line, expectation.model_validate_json(row))
        for line, row in zip(lines, expected, strict=True)
    ]
