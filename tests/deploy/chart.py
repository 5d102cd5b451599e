"""The chart as it is committed, and as Helm renders it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.go_programs import require_program
from tests.deploy.kubernetes import KUBERNETES

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "moderation"
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in CHART.glob("templates/*")}
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

GPU = (
    "worker.gpu.enabled=true",
    "worker.autoscaling.enabled=false",
    "worker.mediaClaim=media",
    "worker.banksClaim=banks",
    "worker.secrets[0]=media-credentials",
    "worker.files=audit-plan",
    "worker.modelsClaim=models",
    "tracing.endpoint=http://collector:4318",
)


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [require_program("helm"), *arguments],
        cwd=CHART.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def rendered(*values: str) -> list[dict[str, Any]]:
    chosen = [f"--set={value}" for value in values]
    done = helm("template", "here", "moderation", f"--kube-version={KUBERNETES}", *chosen)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def pods(resources: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, labels and spec of each pod template."""
    for one in resources:
        if one["kind"] in {"Deployment", "Job"}:
            template = one["spec"]["template"]
            yield one["metadata"]["name"], template["metadata"]["labels"], template["spec"]


def of_kind(resources: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one["spec"] for one in resources if one["kind"] == kind}
