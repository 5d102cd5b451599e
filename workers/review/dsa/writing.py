"""A restriction in the words of the Transparency Database.

The words are standard ones, as the database's guidance asks: nothing that anybody typed gets in,
neither of the post nor of a reviewer, so that no personal data can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas import CATEGORY_MEANINGS, Action, Modality, VerdictSource
from workers.review.dsa.statement import StatementOfReasons
from workers.review.dsa.vocabulary import (
    EEA_COUNTRIES,
    EU_COUNTRIES,
    Automation,
    ContentType,
    Keyword,
    StatementCategory,
    Visibility,
)
from workers.review.store import Statement

CATEGORIES: Final[Mapping[str, tuple[StatementCategory, Keyword | None]]] = {
    "hate": (StatementCategory.SPEECH, Keyword.HATE_SPEECH),
    "toxicity": (StatementCategory.CYBER_VIOLENCE, Keyword.CYBER_HARASSMENT),
    "violence": (StatementCategory.VIOLENCE, Keyword.INCITEMENT),
    "sexual": (StatementCategory.OTHER_TERMS, Keyword.ADULT_SEXUAL_MATERIAL),
    "self_harm": (StatementCategory.SELF_HARM, None),
    "weapons": (StatementCategory.PRODUCTS, Keyword.PROHIBITED_PRODUCTS),
    "drugs": (StatementCategory.PRODUCTS, Keyword.PROHIBITED_PRODUCTS),
    "spam": (StatementCategory.SCAMS, None),
}
"""The closest of the database's. Sexual content between adults has no category of its own there; it
is against the terms."""

CONTENT_TYPES: Final[Mapping[str, ContentType]] = {
    Modality.TEXT: ContentType.TEXT,
    Modality.IMAGE: ContentType.IMAGE,
    Modality.AUDIO: ContentType.AUDIO,
}
NO_CATEGORY: Final = "rules of the platform"
LANGUAGE_CODE_LENGTH: Final = 2
"""Of ISO 639-1; languages that have longer codes alone are left out."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the platform's restrictions rest on.

    Attributes:
        name: of the terms, as authors know them.
        url: where they can be read.
        territories: where the platform offers its service, of the EU and EEA.
        categories: the database's category for those of the policy that are not the eight.
    """

    name: str
    url: str | None = None
    territories: tuple[str, ...] = EU_COUNTRIES
    categories: Mapping[str, StatementCategory] = field(default_factory=dict)


def write_statement(statement: Statement, terms: Terms) -> StatementOfReasons | None:
    """The statement on a restriction; None where it holds in no country of the EU or EEA."""
    territories = _territories(statement, terms)
    if not territories:
        return None
    names = list(statement.categories) or [NO_CATEGORY]
    said = ", ".join(name.replace("_", "-") for name in names)
    kinds = [_kind(name, terms) for name in names]
    keywords = tuple(dict.fromkeys(keyword for _, keyword in kinds if keyword))
    content_types = _content_types(statement.modalities)
    first, *more = dict.fromkeys(category for category, _ in kinds)
    other = [name for name, kind in zip(names, kinds, strict=True) if kind[1] is Keyword.OTHER]
    return StatementOfReasons(
        puid=str(statement.puid),
        decision_visibility=_visibility(statement),
        decision_ground_reference_url=terms.url,
        incompatible_content_ground=_ground(statement, terms, said),
        incompatible_content_explanation=_explanation(names),
        decision_facts=_facts(statement, said),
        content_type=content_types,
        content_type_other="Post" if ContentType.OTHER in content_types else None,
        category=first,
        category_addition=tuple(more),
        category_specification=keywords,
        category_specification_other=", ".join(other)[:500] or None,
        territorial_scope=territories,
        content_language=_language(statement.language),
        content_date=statement.content_at.date(),
        application_date=statement.decided_at.date(),
        automated_detection="Yes" if statement.detected else "No",
        automated_decision=(
            Automation.FULLY if statement.source == VerdictSource.MACHINE else Automation.PARTIALLY
        ),
    )


def _ground(statement: Statement, terms: Terms, said: str) -> str:
    clause = f", clause {statement.clause}" if statement.clause else ""
    return f"{terms.name}{clause}: {said}"[:500]


def _kind(name: str, terms: Terms) -> tuple[StatementCategory, Keyword | None]:
    if name in CATEGORIES:
        return CATEGORIES[name]
    if name in terms.categories:
        return terms.categories[name], None
    return StatementCategory.OTHER_TERMS, Keyword.OTHER


def _visibility(statement: Statement) -> tuple[Visibility, ...]:
    imposed = {
        Visibility.REMOVED: statement.action == Action.REMOVE,
        Visibility.DISABLED: bool(statement.geo_limit),
        Visibility.DEMOTED: statement.action == Action.LIMIT,
        Visibility.AGE_RESTRICTED: statement.age_gate is not None,
    }
    return tuple(visibility for visibility, holds in imposed.items() if holds)


def _territories(statement: Statement, terms: Terms) -> tuple[str, ...]:
    """Where the restriction holds: everywhere, or only where the post is hidden."""
    everywhere = statement.action in {Action.LIMIT, Action.REMOVE} or statement.age_gate is not None
    if everywhere:
        return terms.territories
    return tuple(code for code in EEA_COUNTRIES if code in statement.geo_limit)


def _content_types(modalities: Sequence[str]) -> tuple[ContentType, ...]:
    found = tuple(CONTENT_TYPES[name] for name in modalities if name in CONTENT_TYPES)
    return found or (ContentType.OTHER,)


def _explanation(names: Sequence[str]) -> str:
    meanings = [
        f"{name.replace('_', '-')} ({CATEGORY_MEANINGS[name]})"
        if name in CATEGORY_MEANINGS
        else name.replace("_", "-")
        for name in names
    ]
    return f"The content falls under what the terms do not allow: {'; '.join(meanings)}."[:2_000]


def _facts(statement: Statement, said: str) -> str:
    found = (
        "Automated means found the content likely to fall under"
        if statement.detected
        else "The content was drawn at random for a check of quality and found to fall under"
    )
    taken = (
        "The decision was taken by automated means, without a person."
        if statement.source == VerdictSource.MACHINE
        else "A trained reviewer looked at the content beside the automated assessment and decided."
    )
    return f"{found}: {said}. {taken}"


def _language(tag: str | None) -> str | None:
    code = (tag or "").split("-")[0]
    return code.upper() if len(code) == LANGUAGE_CODE_LENGTH and code.isalpha() else None
