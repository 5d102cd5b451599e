"""Posts as they were judged, a JSON line each, to be judged again.

A line is a recorded case (``post`` and ``scores``, and what else was known), or an escalation as on
its topic (``post`` and ``verdict``). Of a verdict the scores before the rules are taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from rules.decision import Case
from rules.errors import Diagnostic, PolicyError
from schemas import (
    AuthorSignals,
    Category,
    FoundText,
    Message,
    NotScanned,
    Post,
    Verdict,
)

MAX_SHOWN_LENGTH: Final = 200
"""Characters of a line that are repeated in a message."""

Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class _RecordedCase(Message):
    post: Post
    scores: dict[Category, Probability]
    author: AuthorSignals | None = None
    not_scanned: tuple[NotScanned, ...] = ()
    mismatch: dict[str, Probability] = Field(default_factory=dict)
    found_texts: tuple[FoundText, ...] = ()


class _JudgedPost(Message):
    post: Post
    verdict: Verdict


def read_records(path: Path) -> Iterator[Case]:
    """The cases of a file, in order.

    Raises:
        PolicyError: the file or a line of it cannot be read; with its number and what was expected.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            yield from _cases(path, lines)
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise PolicyError([Diagnostic(str(path), 1, 1, message)]) from error


def _cases(path: Path, lines: Iterable[str]) -> Iterator[Case]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield case_from_json(line)
        except ValueError as error:
            shown = line.rstrip("\n")[:MAX_SHOWN_LENGTH]
            raise PolicyError([Diagnostic(str(path), number, 1, _plain(error), shown)]) from error


def case_from_json(line: str) -> Case:
    """The case on one line.

    Raises:
        ValueError: it holds none.
    """
    keys = json.loads(line)
    if not isinstance(keys, dict):
        raise ValueError("is no object; expected one with `post`")  # noqa: TRY004 (one for callers)
    if "verdict" in keys:
        return _judged(_JudgedPost.model_validate_json(line))
    if "post" not in keys and "verdict_id" in keys:
        raise ValueError(
            "is a verdict without its post, on which rules cannot be run; expected `post` beside "
            "`verdict`, as escalations have it"
        )
    record = _RecordedCase.model_validate_json(line)
    return Case(
        post=record.post,
        scores=record.scores,
        # The moment of a recorded case is that of its post, so that it says the same every day.
        now=record.post.created_at,
        author=record.author,
        not_scanned=record.not_scanned,
        mismatch=record.mismatch,
        found_texts=record.found_texts,
    )


def _judged(record: _JudgedPost) -> Case:
    trace = record.verdict.trace
    if trace is None:
        raise ValueError(
            "the verdict has no trace, so what the model said before the rules is not known"
        )
    return Case(
        post=record.post,
        scores=trace.model_scores,
        now=record.verdict.decided_at,
        not_scanned=record.verdict.not_scanned,
    )


def _plain(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"is no recorded case: {where + ': ' if where else ''}{first['msg']}"
