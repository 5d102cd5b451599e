"""The command line answers at once and explains itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from workers.cli import build_app

README_COMMANDS = (
    "worker",
    "ledger",
    "review",
    "run",
    "score",
    "rules",
    "train",
    "evaluate",
    "broker",
    "topics",
    "produce",
    "demo",
    "up",
)


@pytest.mark.parametrize("command", README_COMMANDS)
def test_every_command_of_the_readme_explains_itself(command: str) -> None:
    result = CliRunner().invoke(build_app(), [command, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from workers.cli import build_app; build_app(); "
        "heavy = {'torch', 'transformers', 'faust', 'fastapi', 'sqlalchemy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_version_is_printed() -> None:
    result = CliRunner().invoke(build_app(), ["--version"])
    assert result.exit_code == 0
    assert result.output.strip().count(".") == 2
