"""The alert rules parse, fire when they should, and keep quiet when they should."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.prometheus import require_program

RULES = Path(__file__).parents[2] / "deploy" / "prometheus"

pytestmark = pytest.mark.prometheus


@pytest.mark.parametrize(
    "command",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "rules.yml"),
        ("test", "rules", "rules_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_agrees(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [require_program("promtool"), *command],
        cwd=RULES,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_shown_to_fire() -> None:
    rules = yaml.safe_load((RULES / "rules.yml").read_text(encoding="utf-8"))
    cases = (RULES / "rules_test.yml").read_text(encoding="utf-8")
    alerts = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]

    assert alerts
    assert [name for name in alerts if f'alertname="{name}"' not in cases] == []
