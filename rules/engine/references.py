"""Names in a policy that point at something: each must exist, and be there once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rules.engine.document import PolicyDocument
from rules.engine.effects import Effects
from rules.engine.located_yaml import LocatedData, Path
from rules.engine.nearest import did_you_mean
from rules.errors import Diagnostic

CEL_RESERVED: Final = frozenset(
    {
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import",
        "in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void",
        "while",
    }
)  # fmt: skip
"""Words that CEL keeps for itself (cel-spec, lexis), so no condition could name them."""


def check_references(document: PolicyDocument, located: LocatedData) -> list[Diagnostic]:
    """Every name that leads nowhere, or stands for two things."""
    return [
        *_reserved_names(document, located),
        *_queues(document, located),
        *_overrides(document, located),
        *_contexts(document, located),
        *_rule_ids(document, located),
        *_exempt(document, located),
        *_effects(document, located),
    ]


def _reserved_names(document: PolicyDocument, located: LocatedData) -> Iterable[Diagnostic]:
    for section in ("categories", "lists", "banks", "audiences"):
        for name in getattr(document, section):
            if name in CEL_RESERVED:
                message = f"{name!r} is a reserved word of CEL; choose another name"
                yield located.error_at_key((section, name), message)


def _queues(document: PolicyDocument, located: LocatedData) -> Iterable[Diagnostic]:
    if "default" not in document.queues:
        yield located.error_at_key(("queues",), "the queue 'default' is missing")
    # A missing default is one mistake, not one for each category that leans on it.
    known = {*document.queues, "default"}
    for name, category in document.categories.items():
        if category.queue not in known:
            yield _unknown_queue(document, located, ("categories", name, "queue"), category.queue)
    for index, rule in enumerate(document.rules):
        escalate = rule.then.escalate
        if escalate is not None and escalate.queue not in known:
            path = ("rules", index, "then", "escalate", "queue")
            yield _unknown_queue(document, located, path, escalate.queue)


def _unknown_queue(
    document: PolicyDocument, located: LocatedData, path: Path, queue: str
) -> Diagnostic:
    hint = did_you_mean(queue, document.queues, otherwise="queues")
    return located.error_at_value(path, f"unknown queue {queue!r}", hint)


def _overrides(document: PolicyDocument, located: LocatedData) -> Iterable[Diagnostic]:
    seen = set()
    for index, override in enumerate(document.not_scanned.overrides):
        key = (override.modality, override.reason)
        if key in seen:
            path = ("not_scanned", "overrides", index)
            yield located.error_at_value(path, "a second override for the same parts")
        seen.add(key)


def _contexts(document: PolicyDocument, located: LocatedData) -> Iterable[Diagnostic]:
    for name, context in document.contexts.items():
        for index, audience in enumerate(context.audiences):
            if audience not in document.audiences:
                path: Path = ("contexts", name, "audiences", index)
                hint = did_you_mean(audience, document.audiences, otherwise="audiences")
                yield located.error_at_value(path, f"unknown audience {audience!r}", hint)
        for category in context.categories.keys() - document.categories.keys():
            path = ("contexts", name, "categories", category)
            hint = did_you_mean(category, document.categories, otherwise="categories")
            yield located.error_at_key(path, f"unknown category {category!r}", hint)
        if _fits_nowhere(document, name):
            message = "fits no surface: none of `surfaces` belongs to the audiences"
            yield located.error_at_key(("contexts", name, "surfaces"), message)


def _fits_nowhere(document: PolicyDocument, name: str) -> bool:
    context = document.contexts[name]
    known = [document.audiences[a] for a in context.audiences if a in document.audiences]
    if not context.surfaces or len(known) < len(context.audiences) or not known:
        return False
    return all(set(audience.surfaces).isdisjoint(context.surfaces) for audience in known)


def _rule_ids(document: PolicyDocument, located: LocatedData) -> Iterable[Diagnostic]:
    first: dict[str, int] = {}
    for index, rule in enumerate(document.rules):
        path = ("rules", index, "id")
        if rule.id in first:
            line = located.at_value(("rules", first[rule.id], "id")).line
            yield located.error_at_value(
                path, f"the rule id {rule.id!r} stands twice", f"first on line {line}"
            )
        first.setdefault(rule.id, index)


def _exempt(document: PolicyDocument, located: LocatedData) -> Iterable[Diagnostic]:
    known = [rule.id for rule in document.rules]
    for index, name in enumerate(document.brakes.exempt):
        if name not in known:
            hint = did_you_mean(name, known, otherwise="rules")
            path = ("brakes", "exempt", index)
            yield located.error_at_value(path, f"unknown rule {name!r}", hint)


def _effects(document: PolicyDocument, located: LocatedData) -> Iterable[Diagnostic]:
    for index, rule in enumerate(document.rules):
        for effect, category in _named_categories(rule.then):
            path = ("rules", index, "then", effect, category)
            if category not in document.categories:
                hint = did_you_mean(category, document.categories, otherwise="categories")
                yield located.error_at_key(path, f"unknown category {category!r}", hint)
            elif effect != "floor" and not document.categories[category].scored:
                message = f"{category!r} has no score of its own that could be moved"
                yield located.error_at_key(path, message, "give it a floor instead")


def _named_categories(effects: Effects) -> Iterable[tuple[str, str]]:
    for effect in ("shift", "floor", "ceiling"):
        for category in getattr(effects, effect):
            yield effect, category
