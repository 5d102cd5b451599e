"""Every mistake is told with file, line, column, caret and what was expected.

The expected texts are in ``golden/``, each beside the policy that causes it. After a wanted change:
``UPDATE_GOLDEN=1 pytest tests/rules/test_policy_errors.py``, and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rules import PolicyError, load_policy

GOLDEN = Path(__file__).parent / "golden"
POLICIES = sorted(path.name for path in GOLDEN.glob("*.yaml"))


@pytest.mark.parametrize("name", POLICIES)
def test_a_mistake_is_told_as_a_compiler_tells_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GOLDEN)  # messages name the file as it was given
    with pytest.raises(PolicyError) as caught:
        load_policy(name)
    told = f"{caught.value}\n"
    expected = (GOLDEN / name).with_suffix(".txt")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(GOLDEN / "references.yaml")
    lines = [diagnostic.line for diagnostic in caught.value.diagnostics]
    assert len(lines) > 5
    assert lines == sorted(lines)


def test_a_missing_file_is_a_policy_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        load_policy(tmp_path / "none.yaml")


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("policy: a\ndescription: Straße\n".encode("latin-1"))
    with pytest.raises(PolicyError, match=r"latin\.yaml:2:1: error: is not UTF-8"):
        load_policy(path)


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.touch()
    with pytest.raises(PolicyError, match="the file is empty"):
        load_policy(path)


def test_a_control_character_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "control.yaml"
    path.write_text("policy: a\ndescription: \x07\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"control\.yaml:2:14: error: is not YAML"):
        load_policy(path)


@pytest.mark.parametrize("depth", [40, 40_000])
def test_deep_nesting_is_refused(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text("policy: " + "[" * depth + "]" * depth, encoding="utf-8")
    with pytest.raises(PolicyError, match="nested deeper than"):
        load_policy(path)


def test_a_number_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_text("policy: " + "9" * 5_000, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"long\.yaml:1:9: error: a number has 20 digits at most"):
        load_policy(path)
