"""Posts as they were judged, a JSON object each, to be judged again.

An object is a recorded case (``post`` and ``scores``, what else was known, and what was said), or
an escalation as on its topic (``post`` and ``verdict``).
"""

from __future__ import annotations

import json
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, ValidationError

from rules.decision import BankMatch, Case
from schemas import (
    Action,
    AuthorSignals,
    Category,
    FoundText,
    Message,
    Modality,
    NotScanned,
    Post,
    Verdict,
)

Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class Judged(Message):
    """What the machine said about the post when it was recorded."""

    action: Action
    policy: str
    """The version of the policy that decided."""
    sampled: bool = False
    """Whether people were shown it by lot, whatever the machine said."""


class RecordedCase(Message):
    """A post, what was known about it when it was judged, and what machine and people said."""

    post: Post
    scores: dict[Category, Probability]
    """Of the model, before any rule."""
    now: AwareDatetime | None = None
    """The moment of the decision; that of the post when left out."""
    author: AuthorSignals | None = None
    not_scanned: tuple[NotScanned, ...] = ()
    mismatch: dict[str, Probability] = Field(default_factory=dict)
    found_texts: tuple[FoundText, ...] = ()
    found_matches: dict[Modality, dict[str, Annotated[int, Field(ge=0)]]] = Field(
        default_factory=dict
    )
    bank_matches: dict[str, tuple[BankMatch, ...]] = Field(default_factory=dict)
    near_duplicates: Annotated[int, Field(ge=0)] | None = None
    judged: Judged | None = None
    person: Action | None = None
    """What a reviewer decided about this revision."""

    @classmethod
    def of(cls, post: Post, verdict: Verdict, person: Action | None = None) -> Self:
        """What a machine's verdict tells about its post.

        Of the words in pictures and sounds it tells only how often lists were found in them.

        Raises:
            ValueError: the verdict has no trace.
        """
        trace = verdict.trace
        if trace is None:
            raise ValueError(
                "the verdict has no trace, so what the model said before the rules is not known"
            )
        return cls(
            post=post,
            scores=trace.model_scores,
            now=verdict.decided_at,
            author=trace.author,
            not_scanned=verdict.not_scanned,
            mismatch=trace.mismatch,
            bank_matches={
                bank: tuple(BankMatch.of(bank, find) for find in finds)
                for bank, finds in trace.bank_matches.items()
            },
            near_duplicates=trace.near_duplicates,
            found_matches=trace.found_matches,
            judged=Judged(
                action=verdict.action,
                policy=verdict.versions.policy,
                sampled=verdict.sampling.sampled,
            ),
            person=person,
        )

    @property
    def case(self) -> Case:
        """What a policy is asked, without the reviewer's word, which would outrank every policy."""
        return Case(
            post=self.post,
            scores=self.scores,
            # Not today's: a record must say the same every day.
            now=self.now or self.post.created_at,
            author=self.author,
            not_scanned=self.not_scanned,
            mismatch=self.mismatch,
            found_texts=self.found_texts,
            bank_matches=self.bank_matches,
            near_duplicates=self.near_duplicates,
            found_matches=self.found_matches,
        )


class _JudgedPost(Message):
    post: Post
    verdict: Verdict


def recorded_case(line: bytes | str) -> RecordedCase:
    """The recorded case on one line.

    Raises:
        ValueError: it holds none; the message says what was expected and quotes no content.
    """
    try:
        keys = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON that can be read: {error}") from error
    if not isinstance(keys, dict):
        raise ValueError("is no object; expected one with `post`")  # noqa: TRY004 - callers catch one kind for whatever is wrong with a line
    if "post" not in keys and "verdict_id" in keys:
        raise ValueError(
            "is a verdict without its post, on which rules cannot be run; expected `post` beside "
            "`verdict`, as escalations have it, or what `moderation rules record` writes"
        )
    try:
        if "verdict" in keys:
            record = _JudgedPost.model_validate_json(line)
            return RecordedCase.of(record.post, record.verdict)
        return RecordedCase.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        told = f"{where + ': ' if where else ''}{first['msg']}"
        raise ValueError(f"is no recorded case: {told}") from error
