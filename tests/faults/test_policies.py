"""Every version of the suite's policy can be told by the rules that it fires."""

from __future__ import annotations

from pathlib import Path

from bench.faults.policies import NAME, Policies, marks
from rules import Case, PolicyEngine, load_bundle
from tests.workers.moderator.making import NOON, make_post


def test_each_version_passes_its_cases_and_fires_its_own_first_and_last_rule(
    tmp_path: Path,
) -> None:
    policies = Policies(tmp_path)
    bundles = [policies.write(number) for number in range(3)]
    assert len({bundle.version for bundle in bundles}) == 3
    for number, bundle in enumerate(bundles):
        assert bundle.name == NAME
        case = Case(post=make_post(), scores={"spam": 0.01}, now=NOON)
        decision = PolicyEngine(load_bundle(bundle)).decide(case)
        assert [hit.rule for hit in decision.rule_hits] == list(marks(number))


def test_workers_bring_along_the_first_version(tmp_path: Path) -> None:
    policies = Policies(tmp_path)
    policies.write(0)
    assert policies.file.is_file()
    assert policies.file.stem == NAME
