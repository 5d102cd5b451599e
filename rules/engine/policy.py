"""From a policy file to a checked, compiled policy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import yaml

from rules.engine.condition_errors import Vocabulary, explain
from rules.engine.conditions import CompileError, Compiler, Condition
from rules.engine.document import PolicyDocument, RuleSettings
from rules.engine.fact import Fact
from rules.engine.facts import declare_facts
from rules.engine.functions import (
    EXTENSIONS,
    STANDARD,
    Signature,
    argument_types,
    declare_functions,
)
from rules.engine.list_files import ListFile, as_lists, names_of, read_lists
from rules.engine.located_yaml import LocatedData, read_yaml
from rules.engine.references import check_references
from rules.engine.source import SourceFile
from rules.engine.validation import validate
from rules.errors import Diagnostic, PolicyError
from rules.matchers import TextScanner

HASH_DIGITS: Final = 12
"""Hex digits of the version: 48 bits tell any number of policies apart that people will write."""


@dataclass(frozen=True)
class Rule:
    """A rule and its checked condition."""

    settings: RuleSettings
    condition: Condition = field(repr=False)


@dataclass(frozen=True)
class Policy:
    """A policy that was checked whole: what it says, and what it needs to run."""

    name: str
    version: str
    """``name@sha256:…`` over the policy file and its lists: equal content, equal version."""
    path: Path
    document: PolicyDocument = field(repr=False)
    rules: tuple[Rule, ...] = field(repr=False)
    scanner: TextScanner = field(repr=False)
    compiler: Compiler = field(repr=False)
    facts: Mapping[str, Fact] = field(repr=False)
    """What conditions can name."""
    functions: tuple[Signature, ...] = field(repr=False)
    """What conditions can call beyond CEL's own."""
    list_sizes: Mapping[str, int] = field(repr=False)
    """Entries by list."""


def load_policy(path: Path | str) -> Policy:
    """Read, check and compile a policy.

    Raises:
        PolicyError: it cannot be used; with every mistake's file, line, column and caret.
    """
    located = read_yaml(SourceFile.read(Path(path)))
    document = validate(PolicyDocument, located)
    errors = check_references(document, located)
    files = read_lists(document.lists, located, errors)
    facts, functions = declare_facts(document), declare_functions(names_of(files))
    compiler = Compiler(facts, functions)
    rules = _compile(document, located, compiler, _vocabulary(facts, functions), errors)
    if errors:
        raise PolicyError(errors)
    return Policy(
        name=document.policy,
        version=_version(document.policy, located.source, files),
        path=located.source.path,
        document=document,
        rules=tuple(rules),
        scanner=TextScanner(as_lists(files)),
        compiler=compiler,
        facts=facts,
        functions=functions,
        list_sizes={file.name: len(file.entries) for file in files},
    )


def _compile(
    document: PolicyDocument,
    located: LocatedData,
    compiler: Compiler,
    vocabulary: Vocabulary,
    errors: list[Diagnostic],
) -> list[Rule]:
    rules = []
    for index, rule in enumerate(document.rules):
        try:
            rules.append(Rule(rule, compiler.compile(rule.when)))
        except CompileError as error:
            node = cast("yaml.ScalarNode", located.values["rules", index, "when"])
            errors.extend(explain(error.report, rule.when, node, located.source, vocabulary))
    return rules


def _vocabulary(facts: Iterable[str], functions: Iterable[Signature]) -> Vocabulary:
    takes = argument_types(functions)
    return Vocabulary(tuple(sorted(facts)), tuple(sorted({*STANDARD, *EXTENSIONS, *takes})), takes)


def _version(name: str, source: SourceFile, files: Sequence[ListFile]) -> str:
    digest = hashlib.sha256()
    parts = [(b"policy", source.raw)]
    parts += [(file.name.encode(), file.source.raw) for file in sorted(files, key=lambda f: f.name)]
    for label, raw in parts:
        # Lengths keep apart what would run together.
        digest.update(b"%d:%s%d:" % (len(label), label, len(raw)))
        digest.update(raw)
    return f"{name}@sha256:{digest.hexdigest()[:HASH_DIGITS]}"
