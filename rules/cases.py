"""A policy's own test cases: posts, and what the policy should say about them.

They lie beside the policy: the cases of ``default.yaml`` are in ``default.cases.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from rules.decision import BankMatch, Case, Decision, HumanDecision
from rules.engine import Policy, PolicyEngine
from rules.engine.located_yaml import LocatedData, read_yaml
from rules.engine.nearest import did_you_mean
from rules.engine.scalars import AnyAction, Bound, Duration, Region, Section, Word
from rules.engine.source import SourceFile
from rules.engine.validation import validate
from rules.errors import Diagnostic, PolicyError
from schemas import (
    MAX_AUDIO,
    MAX_IMAGES,
    Action,
    AuthorSignals,
    BankPart,
    Campaign,
    FoundText,
    Media,
    Modality,
    NotScanned,
    NotScannedReason,
    Post,
    VerdictStatus,
)

BASELINE: Final = 0.01
"""Score of a category that a case does not mention: what a harmless post gets."""

NOW: Final = datetime.fromisoformat("2026-01-01T12:00:00+00:00")
"""The moment at which every case is decided, so that a case says the same every day."""

Count = Annotated[int, Field(ge=0)]
Pair = Literal["text_image", "text_audio", "image_audio"]


class CasePost(Section):
    """The post of a case; pictures and sounds are counted, not carried."""

    text: str | None = None
    images: Annotated[int, Field(ge=0, le=MAX_IMAGES)] = 0
    audio: Annotated[int, Field(ge=0, le=MAX_AUDIO)] = 0
    surface: str = "feed"
    language: str | None = None
    region: str | None = None
    reach: Count = 0
    revision: Annotated[int, Field(ge=1)] = 1
    author_id: str = "author"
    age: Duration | None = None


class CaseAuthor(Section):
    """What the ledger knows about the author; leave it out for one it does not know."""

    posts: Count = 0
    removals: Count = 0
    strikes: Count = 0
    overturned: Count = 0
    posts_last_hour: Count = 0
    campaign_authors: Count = 0
    campaign_posts: Count = 0

    def signals(self, author_id: str, now: datetime) -> AuthorSignals:
        """As the ledger tells it; a campaign is still going on."""
        counts = self.model_dump(exclude={"campaign_authors", "campaign_posts"})
        campaign = Campaign(
            authors=self.campaign_authors, posts=self.campaign_posts, until=now + timedelta(hours=1)
        )
        return AuthorSignals(author_id=author_id, campaign=campaign, updated_at=now, **counts)


class CaseGap(Section):
    """A part that was not scanned."""

    modality: Annotated[Modality, Field(strict=False)]
    reason: Annotated[NotScannedReason, Field(strict=False)]


class CaseBankMatch(Section):
    """Something that a bank recognised; give a bank an empty list where it knows nothing."""

    modality: Annotated[BankPart, Field(strict=False)] = BankPart.IMAGE
    distance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    action: AnyAction = Action.ALLOW


class CaseHuman(Section):
    """What a reviewer decided about the post before."""

    action: AnyAction
    revision: Annotated[int, Field(ge=1)] = 1


class Expectation(Section):
    """What the decision should be; what is left out is not checked."""

    action: AnyAction
    model_action: AnyAction | None = None
    status: Annotated[VerdictStatus, Field(strict=False)] | None = None
    queue: Word | None = None
    rules: list[Word] | None = None
    """Exactly the rules that fire or fail, live and shadow."""
    labels: list[Word] | None = None
    age_gate: int | None = None
    geo_limit: list[Region] | None = None
    contexts: list[Word] | None = None
    """Exactly the contexts whose thresholds hold."""


class CaseDocument(Section):
    """One case."""

    name: str
    post: CasePost
    scores: Annotated[dict[str, Bound], Field(default_factory=dict)]
    author: CaseAuthor | None = None
    not_scanned: Annotated[list[CaseGap], Field(default_factory=list)]
    mismatch: Annotated[dict[Pair, Bound], Field(default_factory=dict)]
    images_text: str | None = None
    """Words read in the pictures; leave it out where nobody reads them."""
    audio_text: str | None = None
    """Words heard in the sounds, likewise."""
    banks: Annotated[dict[Word, list[CaseBankMatch]], Field(default_factory=dict)]
    near_duplicates: Count | None = None
    human: CaseHuman | None = None
    at: str | None = None
    """The hour and minute of the decision, UTC, such as ``"23:30"``; noon when left out."""
    expect: Expectation


class CasesDocument(Section):
    """A file of cases."""

    cases: list[CaseDocument]


@dataclass(frozen=True)
class PolicyCases:
    """The cases of a policy, with their places in the file."""

    located: LocatedData
    document: CasesDocument

    def __len__(self) -> int:
        """How many there are."""
        return len(self.document.cases)


def cases_path(policy: Path) -> Path:
    """Where the cases of a policy file lie."""
    return policy.with_suffix(".cases.yaml")


def load_cases(path: Path | str) -> PolicyCases:
    """Read a file of cases.

    Raises:
        PolicyError: it cannot be used.
    """
    located = read_yaml(SourceFile.read(Path(path)))
    return PolicyCases(located, validate(CasesDocument, located))


def failed_expectations(policy: Policy, cases: PolicyCases) -> list[Diagnostic]:
    """Every expectation that the policy does not meet, at its place in the file.

    Raises:
        PolicyError: a case is no possible post, or scores a category that the policy lacks.
    """
    engine = PolicyEngine(policy)
    prepared = _prepare(policy, cases)
    found = []
    for index, case in enumerate(prepared):
        expect = cases.document.cases[index].expect
        for key, expected, actual in _mismatches(expect, engine.decide(case)):
            path = ("cases", index, "expect", key)
            name = cases.document.cases[index].name
            message = f"{name}: expected {key} {expected}, the policy says {actual}"
            found.append(cases.located.error_at_value(path, message))
    return found


def _prepare(policy: Policy, cases: PolicyCases) -> list[Case]:
    known = policy.document.categories
    prepared, errors = [], []
    for index, case in enumerate(cases.document.cases):
        for category in case.scores.keys() - known.keys():
            hint = did_you_mean(category, known, otherwise="categories")
            path = ("cases", index, "scores", category)
            errors.append(cases.located.error_at_key(path, f"unknown category {category!r}", hint))
        try:
            prepared.append(case_of(case, policy))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            message = f"is no possible post: {where + ': ' if where else ''}{first['msg']}"
            errors.append(cases.located.error_at_value(("cases", index, "post"), message))
        except ValueError as error:
            errors.append(cases.located.error_at_value(("cases", index, "at"), str(error)))
    if errors:
        raise PolicyError(errors)
    return prepared


def _mismatches(expect: Expectation, decision: Decision) -> Iterator[tuple[str, str, str]]:
    """Key, expected and actual value of whatever differs."""
    actual = {
        "action": decision.action.value,
        "model_action": decision.model_action.value,
        "status": decision.status.value,
        "queue": decision.queue,
        "rules": _listed(hit.rule for hit in decision.rule_hits),
        "labels": _listed(iter(decision.labels)),
        "age_gate": str(decision.age_gate),
        "geo_limit": _listed(iter(decision.geo_limit)),
        "contexts": _listed(iter(decision.trace.contexts)),
    }
    for key, value in expect.model_dump(mode="json", exclude_none=True).items():
        expected = _listed(iter(value)) if isinstance(value, list) else str(value)
        if expected != actual[key]:
            yield key, expected, actual[key]


def _listed(names: Iterator[str]) -> str:
    return f"[{', '.join(sorted(names))}]"


def case_of(case: CaseDocument, policy: Policy) -> Case:
    """The case as the engine takes it.

    Raises:
        ValidationError: its post breaks the contract.
        ValueError: its moment is no time of day.
    """
    now = NOW if case.at is None else datetime.combine(NOW, time.fromisoformat(case.at), tzinfo=UTC)
    scored = (name for name, c in policy.document.categories.items() if c.scored)
    return Case(
        post=_post_of(case.post, now),
        scores=dict.fromkeys(scored, BASELINE) | case.scores,
        not_scanned=tuple(
            NotScanned(modality=gap.modality, reason=gap.reason) for gap in case.not_scanned
        ),
        mismatch={str(pair): probability for pair, probability in case.mismatch.items()},
        found_texts=tuple(
            FoundText(modality=modality, text=words)
            for modality, words in (
                (Modality.IMAGE, case.images_text),
                (Modality.AUDIO, case.audio_text),
            )
            if words is not None
        ),
        author=None if case.author is None else case.author.signals(case.post.author_id, now),
        now=now,
        bank_matches={
            bank: [BankMatch(bank, m.modality, 0, m.distance, m.action) for m in matches]
            for bank, matches in case.banks.items()
        },
        near_duplicates=case.near_duplicates,
        human=None
        if case.human is None
        else HumanDecision(case.human.action, case.human.revision, decided_at=now),
    )


def _post_of(given: CasePost, now: datetime) -> Post:
    return Post(
        post_id="case",
        author_id=given.author_id,
        revision=given.revision,
        created_at=now if given.age is None else now - given.age,
        text=given.text,
        surface=given.surface,
        language=given.language,
        region=given.region,
        reach=given.reach,
        images=tuple(Media(key=f"image-{n}") for n in range(given.images)),
        audio=tuple(Media(key=f"audio-{n}") for n in range(given.audio)),
    )
