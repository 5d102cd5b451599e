"""The chart names things that exist, refuses wrong values, and renders what a cluster takes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import typer
import yaml

from schemas import TOPICS
from tests.deploy.go_programs import require_program
from tests.deploy.known_settings import known_variables
from tests.deploy.kubernetes import KUBERNETES, only_metadata
from workers.cli import build_app
from workers.ledger.settings import LedgerSettings
from workers.moderator.settings import ModeratorSettings
from workers.review.settings import ReviewSettings

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
BUILT_IN = {"ConfigMap", "Deployment", "Job", "NetworkPolicy", "PodDisruptionBudget", "Service"}
DEPLOY = CHART.parents[1]


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


def test_the_values_satisfy_their_own_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)


@pytest.mark.parametrize(
    ("process", "key", "value"),
    [
        ("worker", "replicaz", 3),
        ("worker", "replicas", -1),
        ("worker", "settings", {"MODERATION_REVIEW_PORT": "8080"}),
        (
            "review",
            "settings",
            {"MODERATION_REVIEW_DATABASE_URL": "postgresql://me:secret@host/db"},
        ),
        ("review", "settings", {"MODERATION_REVIEW_ACCOUNT_PASSWORD": "not here"}),
        ("worker", "settings", {"MODERATION_WORKER_HTTP_PORT": 9101}),
        ("review", "disruption", {"minAvailable": 1, "maxUnavailable": 1}),
        ("kafka", "bootstrapServers", "no-port"),
        ("tracing", "endpoint", "collector:4318"),
        ("tracing", "sampleRatio", 2),
        ("image", "digest", "latest"),
    ],
)
def test_the_schema_refuses(process: str, key: str, value: object) -> None:
    wrong = VALUES | {process: VALUES[process] | {key: value}}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_every_variable_is_a_setting() -> None:
    text = "".join(TEMPLATES.values()) + (CHART / "values.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"\bMODERATION_[A-Z_]+[A-Z]\b(?!_)", text))

    assert len(named) > 10
    assert named <= known_variables() | {"MODERATION_SECRETS_DIR"}


def test_every_command_exists() -> None:
    commands = [
        words.split(", ")
        for text in TEMPLATES.values()
        for words in re.findall(r"args: \[(.*)\]", text)
    ]

    assert len(commands) == 4
    for words in commands:
        command = typer.main.get_command(build_app())
        for word in words:
            command = command.commands[word]  # type: ignore[attr-defined] # click: a group


@pytest.mark.parametrize(
    ("template", "port"),
    [
        ("worker.yaml", ModeratorSettings().http_port),
        ("ledger.yaml", LedgerSettings().http_port),
        ("review.yaml", ReviewSettings().port),
    ],
)
def test_a_pod_opens_the_port_of_its_process(template: str, port: int) -> None:
    assert f"containerPort: {port} " in TEMPLATES[template]
    assert f'"{template.removesuffix(".yaml")}" {port}' in TEMPLATES["services.yaml"]


def test_no_more_workers_than_partitions() -> None:
    scaling = VALUES["worker"]["autoscaling"]

    assert scaling["minReplicas"] <= scaling["maxReplicas"] <= TOPICS.posts.partitions


def test_a_worker_has_time_to_drain() -> None:
    grace = re.search(r"terminationGracePeriodSeconds: (\d+)", TEMPLATES["worker.yaml"])

    assert grace is not None
    assert int(grace[1]) > ModeratorSettings().drain_seconds


def test_it_is_validated_against_the_oldest_kubernetes_that_it_takes() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))

    assert chart["kubeVersion"] == f">={KUBERNETES}.0-0"


def test_helm_finds_no_fault_in_it() -> None:
    done = helm("lint", "--strict", "moderation")

    assert done.returncode == 0, done.stdout + done.stderr


def test_helm_refuses_values_by_the_schema() -> None:
    done = helm("template", "here", "moderation", "--set", "worker.replicaz=3")

    assert done.returncode != 0
    assert "replicaz" in done.stderr


@pytest.mark.parametrize("values", [(), GPU], ids=["defaults", "gpu"])
def test_processes_run_without_privileges(values: tuple[str, ...]) -> None:
    found = list(pods(rendered(*values)))

    assert {name for name, _, _ in found} == {
        "here-worker", "here-ledger", "here-review", "here-migrations",
    }  # fmt: skip
    for _, _, spec in found:
        assert spec["securityContext"]["runAsNonRoot"]
        assert not spec["automountServiceAccountToken"]
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("values", [(), GPU], ids=["defaults", "gpu"])
def test_what_is_mounted_is_a_volume(values: tuple[str, ...]) -> None:
    for _, _, spec in pods(rendered(*values)):
        volumes = {one["name"] for one in spec["volumes"]}
        assert {one["name"] for one in spec["containers"][0]["volumeMounts"]} == volumes


def test_every_lasting_process_is_probed_budgeted_and_watched() -> None:
    resources = rendered()

    deployments = of_kind(resources, "Deployment")
    assert len(deployments) == 3
    for spec in deployments.values():
        container = spec["template"]["spec"]["containers"][0]
        for probe, path in (
            ("startup", "/healthz"),
            ("liveness", "/healthz"),
            ("readiness", "/readyz"),
        ):
            assert container[f"{probe}Probe"]["httpGet"]["path"] == path
    for kind in ("PodDisruptionBudget", "ServiceMonitor", "Service"):
        assert set(of_kind(resources, kind)) == set(deployments)


def test_services_budgets_and_policies_select_the_pods_of_their_process() -> None:
    resources = rendered()
    labels = {name: found for name, found, _ in pods(resources)}

    for kind in ("PodDisruptionBudget", "NetworkPolicy", "Service"):
        for name, spec in of_kind(resources, kind).items():
            selector = spec.get("podSelector", spec.get("selector", {}))
            wanted = selector.get("matchLabels", selector)
            selected = {pod for pod, has in labels.items() if wanted.items() <= has.items()}
            assert selected == {name}, kind


def test_only_known_ports_are_reachable() -> None:
    policies = of_kind(rendered(), "NetworkPolicy")

    assert set(policies) == {"here-worker", "here-ledger", "here-review", "here-migrations"}
    for name, spec in policies.items():
        assert set(spec["policyTypes"]) == {"Ingress", "Egress"}
        assert all(rule["ports"] for rule in spec["egress"]), name
    assert policies["here-migrations"]["ingress"] == []


def test_traces_go_to_the_collector_and_nowhere_without_one() -> None:
    quiet, traced = rendered(), rendered("tracing.endpoint=http://collector:4318")

    assert "MODERATION_TRACING" not in json.dumps(quiet)
    for name, _, spec in pods(traced):
        variables = {one["name"]: one["value"] for one in spec["containers"][0]["env"]}
        policy = of_kind(traced, "NetworkPolicy")[name]
        ports = [port["port"] for rule in policy["egress"] for port in rule["ports"]]
        if name == "here-migrations":
            assert 4318 not in ports
        else:
            assert variables["MODERATION_TRACING_ENDPOINT"] == "http://collector:4318"
            assert variables["MODERATION_TRACING_SAMPLE_RATIO"] == "0.01"
            assert 4318 in ports


def test_workers_scale_by_lag_unless_told_otherwise() -> None:
    scaled = rendered()
    (scaler,) = of_kind(scaled, "ScaledObject").values()

    assert scaler["scaleTargetRef"]["name"] == "here-worker"
    assert scaler["triggers"][0]["type"] == "kafka"
    assert scaler["triggers"][0]["metadata"]["topic"] == TOPICS.posts.name
    assert scaler["triggers"][0]["metadata"]["consumerGroup"] == ModeratorSettings().group
    assert "replicas" not in of_kind(scaled, "Deployment")["here-worker"]
    assert not of_kind(rendered(*GPU), "ScaledObject")


def test_it_brings_every_alert_and_dashboard_as_it_is_committed() -> None:
    resources = rendered()
    rules = [
        yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((DEPLOY / "prometheus" / "rules").iterdir())
    ]
    boards = {
        path.name: json.loads(path.read_text(encoding="utf-8"))
        for path in (DEPLOY / "grafana" / "dashboards").iterdir()
    }

    assert sorted(of_kind(resources, "PrometheusRule").values(), key=str) == sorted(rules, key=str)
    found = [one["data"] for one in resources if one["kind"] == "ConfigMap"]
    assert {name: json.loads(text) for data in found for name, text in data.items()} == boards


def test_a_gpu_is_asked_for_only_where_it_is_wanted() -> None:
    plain, gpu = (
        of_kind(rendered(*values), "Deployment")["here-worker"]["template"]["spec"]
        for values in ((), GPU)
    )

    assert "nodeSelector" not in plain
    assert gpu["nodeSelector"]
    assert gpu["tolerations"]
    assert gpu["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert {"name": "MODERATION_WORKER_DEVICE", "value": "cuda"} in gpu["containers"][0]["env"]


def test_secrets_are_only_referred_to() -> None:
    resources = rendered(*GPU)

    assert "Secret" not in {one["kind"] for one in resources}
    for name, _, spec in pods(resources):
        for variable in spec["containers"][0]["env"]:
            assert not re.search(r"PASSWORD$|DATABASE_URL", variable["name"]), name


@pytest.mark.parametrize("values", [(), GPU], ids=["defaults", "gpu"])
def test_kubernetes_knows_every_field(values: tuple[str, ...]) -> None:
    resources = rendered(*values)

    assert {one["kind"] for one in resources} >= BUILT_IN
    for one in resources:
        known = one if one["kind"] in BUILT_IN else only_metadata(one)
        kubernetes_validate.validate(known, KUBERNETES, strict=True)
