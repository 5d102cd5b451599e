"""A policy with all that belongs to it: its files, put to the test, and in one piece."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rules.cases import cases_path, failed_expectations, load_cases
from rules.engine import Policy, load_policy
from rules.engine.located_yaml import read_yaml
from rules.engine.source import SourceFile
from rules.errors import Diagnostic, PolicyError
from schemas import PolicyBundle, PolicyFile, bundle_hash

_CASES_SUFFIX: Final = ".cases.yaml"


def find_policy(path: Path) -> Path:
    """The policy file that a path means: itself, or the one policy in a folder.

    Raises:
        PolicyError: the folder holds no policy, or several.
    """
    if not path.is_dir():
        return path
    found = sorted(one for one in path.glob("*.yaml") if not one.name.endswith(_CASES_SUFFIX))
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.name for one in found) or "none"
    message = f"a folder holds one policy (*.yaml without {_CASES_SUFFIX}), this one: {names}"
    raise PolicyError([Diagnostic(str(path), 1, 1, message)])


def policy_files(policy: Path) -> tuple[Path, ...]:
    """The policy file, its cases, and every list that it names, whether or not they exist.

    Of a file that is no YAML only the first two are known.
    """
    return (policy, cases_path(policy), *(policy.parent / one for one in _named_lists(policy)))


def load_tested(policy: Path) -> tuple[Policy, int]:
    """The policy, and how many of its own cases it passed: 0 where it has none.

    Raises:
        PolicyError: it cannot be used, or fails a case.
    """
    loaded = load_policy(policy)
    path = cases_path(policy)
    if not path.is_file():
        return loaded, 0
    cases = load_cases(path)
    failed = failed_expectations(loaded, cases)
    if failed:
        raise PolicyError(failed)
    return loaded, len(cases)


def read_bundle(policy: Path, now: datetime) -> PolicyBundle:
    """The policy in one piece, checked and put to the test.

    Args:
        policy: its file.
        now: when it is published.

    Raises:
        PolicyError: it cannot be used, has no cases, or fails one.
    """
    # What is missing or elsewhere is left out here, and told by the loader.
    files = tuple(
        PolicyFile(path=path.relative_to(policy.parent).as_posix(), text=_text(path))
        for path in dict.fromkeys(policy_files(policy))
        if path == policy or (path.is_file() and _is_inside(path, policy.parent))
    )
    by_path = {file.path: file for file in files}
    cases = by_path.get(cases_path(policy).name)
    if cases is None:
        message = f"has no cases: expected them in {cases_path(policy).name} beside it"
        raise PolicyError([Diagnostic(str(policy), 1, 1, message)])
    with tempfile.TemporaryDirectory(prefix="policy-") as folder:
        loaded = _load(files, policy.name, Path(folder), shown=f"{policy.parent}/")
    return PolicyBundle(
        name=loaded.name,
        version=loaded.version,
        policy=by_path[policy.name],
        cases=cases,
        lists=tuple(file for file in files if file.path not in {policy.name, cases.path}),
        content_hash=bundle_hash(files),
        published_at=now,
    )


def load_bundle(bundle: PolicyBundle) -> Policy:
    """The policy of a bundle, checked and put to the test.

    Raises:
        PolicyError: it cannot be used, fails a case, or is not what the bundle says.
    """
    with tempfile.TemporaryDirectory(prefix="policy-") as folder:
        loaded = _load(bundle.files, bundle.policy.path, Path(folder), shown="")
    if (loaded.name, loaded.version) != (bundle.name, bundle.version):
        message = f"is {loaded.version}, but was published as {bundle.version}"
        raise PolicyError([Diagnostic(bundle.policy.path, 1, 1, message)])
    return loaded


def _load(files: tuple[PolicyFile, ...], policy: str, folder: Path, *, shown: str) -> Policy:
    """The tested policy from files of its own, so that nobody changes them meanwhile.

    ``shown`` stands before the paths in what is said about mistakes.
    """
    for file in files:
        target = folder / file.path
        if not _is_inside(target, folder):
            raise PolicyError([Diagnostic(file.path, 1, 1, "is outside the policy's folder")])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.text.encode())
    try:
        loaded, cases = load_tested(folder / policy)
    except PolicyError as error:
        raise PolicyError(
            [replace(one, path=one.path.replace(f"{folder}/", shown)) for one in error.diagnostics]
        ) from error
    if not cases:
        raise PolicyError([Diagnostic(f"{shown}{policy}", 1, 1, "has no cases to pass")])
    return loaded


def _is_inside(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) and path.resolve().is_relative_to(folder.resolve())


def _text(path: Path) -> str:
    """The file as it stands, its byte order mark included."""
    source = SourceFile.read(path)
    try:
        return source.raw.decode()
    except UnicodeDecodeError:
        return source.text  # which says where it is not UTF-8


def _named_lists(policy: Path) -> list[str]:
    try:
        data: Any = read_yaml(SourceFile.read(policy)).data
    except (PolicyError, RecursionError):
        return []
    lists = data.get("lists") if isinstance(data, dict) else None
    settings = lists.values() if isinstance(lists, dict) else []
    return [
        path
        for one in settings
        if isinstance(one, dict)
        for path in one.values()
        if isinstance(path, str)
    ]
