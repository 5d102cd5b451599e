"""How the decision on one post comes about, in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer

from rules import (
    Case,
    Decision,
    Policy,
    PolicyEngine,
    PolicyError,
    case_of,
    cases_path,
    load_cases,
    recorded_case,
)
from schemas import RuleTrace
from workers.offline.errors import InputError
from workers.offline.jsonl import read_lines
from workers.policy.report import exit_with


def explained(policy: Policy, *, case: str | None, record: Path | None, post_id: str | None) -> str:
    """The explanation of the named case, or of the post in the file of records."""
    if (case is None) == (record is None):
        raise typer.BadParameter("give either --case or --record")
    try:
        found = _named(policy, case) if case is not None else _recorded(record, post_id)
    except PolicyError as error:
        raise exit_with(error) from error
    except InputError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    return "\n".join(_lines(policy, PolicyEngine(policy).decide(found)))


def _named(policy: Policy, name: str) -> Case:
    cases = load_cases(cases_path(policy.path)).document.cases
    for one in cases:
        if one.name == name:
            return case_of(one, policy)
    raise typer.BadParameter(f"{cases_path(policy.path)} has no case {name!r}")


def _recorded(record: Path | None, post_id: str | None) -> Case:
    if record is None:
        raise typer.BadParameter("give either --case or --record")
    for line in read_lines(record):
        try:
            case = recorded_case(line.raw).case
        except ValueError as error:
            raise InputError(f"{line.place}: {error}") from error
        if post_id in {None, case.post.post_id}:
            return case
    raise typer.BadParameter(f"{record} has no post {post_id or 'at all'}")


def _lines(policy: Policy, decision: Decision) -> Iterator[str]:
    yield f"policy        {policy.version}"
    yield f"model alone   {decision.model_action.value}"
    yield f"decision      {decision.action.value}, {decision.status.value}"
    if decision.trace.contexts:
        yield f"thresholds of {', '.join(decision.trace.contexts)}"
    yield "scores"
    for category, after in sorted(decision.scores.items()):
        before = decision.trace.model_scores.get(category)
        moved = "" if before == after else f" -> {after:.3f}"
        yield f"  {category:<12}{'none ' if before is None else f'{before:.3f}'}{moved}"
    yield "rules that fired" if decision.trace.rules else "no rule fired"
    yield from (f"  {_rule(one)}" for one in decision.trace.rules)
    for hit in decision.rule_hits:
        if hit.errored:
            yield f"  {hit.rule} ({hit.mode}): could not be evaluated"
    if decision.trace.held_back is not None:
        yield f"held back by  {decision.trace.held_back}"
    yield "reasons, the strongest first" if decision.reasons else "no reasons"
    for reason in decision.reasons:
        what = reason.rule or reason.bank or reason.category or reason.kind.value
        threshold = f"{reason.score:.3f} >= {reason.threshold:g}" if reason.threshold else ""
        yield f"  {reason.action.value:<7} {what}: {reason.detail or threshold}"
    yield from _marks(decision)


def _rule(trace: RuleTrace) -> str:
    moves = [f"{category} {shift:+g} log-odds" for category, shift in trace.shift.items()]
    moves += [f"{category} >= {bound:g}" for category, bound in trace.floor.items()]
    moves += [f"{category} <= {bound:g}" for category, bound in trace.ceiling.items()]
    if trace.action is not None:
        moves.append(f"at least {trace.action.value}")
    if trace.require_review:
        moves.append("a person decides")
    held = f", held back by its {trace.held_back}" if trace.held_back else ""
    return f"{trace.rule} ({trace.mode}{held}): {', '.join(moves) or 'marks the post'}"


def _marks(decision: Decision) -> Iterator[str]:
    if decision.labels:
        yield f"labels        {', '.join(decision.labels)}"
    if decision.age_gate is not None:
        yield f"age gate      {decision.age_gate}"
    if decision.geo_limit:
        yield f"hidden in     {', '.join(decision.geo_limit)}"
    if decision.escalate:
        yield f"to people     {decision.queue}, priority {decision.priority:.2f}"
