"""What the policy commands say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import typer

from rules import (
    DEFAULT_POLICY_PATH,
    Policy,
    PolicyError,
    cases_path,
    failed_expectations,
    load_cases,
    load_policy,
)
from workers.policy.remarks import remarks


def load_or_exit(path: Path | None) -> Policy:
    """The policy; with every mistake on standard error and exit code 1 if it has any."""
    try:
        return load_policy(path or DEFAULT_POLICY_PATH)
    except PolicyError as error:
        raise exit_with(error) from error


def summary(policy: Policy) -> str:
    """Version and counts of a policy that was checked, and what it leaves open."""
    modes = Counter(rule.settings.mode for rule in policy.rules)
    rules = ", ".join(f"{modes[mode]} {mode}" for mode in ("live", "shadow", "off") if modes[mode])
    lists = ", ".join(f"{name} {size}" for name, size in sorted(policy.list_sizes.items()))
    return "\n".join(
        (
            f"OK {policy.version}",
            f"categories: {len(policy.document.categories)}",
            f"rules: {len(policy.rules)}" + (f" ({rules})" if rules else ""),
            f"lists: {len(policy.list_sizes)}" + (f" ({lists})" if lists else ""),
            f"queues: {', '.join(sorted(policy.document.queues))}",
            *(f"remark: {remark}" for remark in remarks(policy)),
        )
    )


def report_cases(policy: Policy) -> tuple[bool, str]:
    """Whether a case failed, and what to say about it."""
    path = cases_path(policy.path)
    if not path.is_file():
        return True, f"{policy.path} has no cases: expected them in {path}"
    try:
        cases = load_cases(path)
        found = failed_expectations(policy, cases)
    except PolicyError as error:
        raise exit_with(error) from error
    if not found:
        return False, f"OK {policy.version}\ncases: {len(cases)} passed"
    shown = "\n".join(str(one) for one in found)
    return True, f"{shown}\ncases: {len(found)} expectations not met, {len(cases)} cases run"


def fact_table(policy: Policy) -> str:
    """Name, type and meaning of every fact, aligned."""
    rows = [(name, fact.type_name, fact.meaning) for name, fact in sorted(policy.facts.items())]
    names, types = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"{name:{names}}  {kind:{types}}  {meaning}" for name, kind, meaning in rows)


def function_table(policy: Policy) -> str:
    """Use and meaning of every function beyond CEL's own, aligned."""
    width = max(len(one.usage) for one in policy.functions)
    return "\n".join(f"{one.usage:{width}}  {one.meaning}" for one in policy.functions)


def exit_with(error: PolicyError) -> typer.Exit:
    """Tell every mistake on standard error; the exit to raise."""
    typer.echo(str(error), err=True)
    count = len(error.diagnostics)
    typer.echo(f"{count} mistake{'s' if count > 1 else ''}", err=True)
    return typer.Exit(1)
