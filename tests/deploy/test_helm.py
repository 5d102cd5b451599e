"""The chart renders what a cluster takes."""

from __future__ import annotations

import json
import re

import kubernetes_validate
import pytest
import yaml

from schemas import TOPICS
from tests.deploy.chart import CHART, GPU, of_kind, pods, rendered
from tests.deploy.kubernetes import KUBERNETES, only_metadata
from workers.moderator.settings import ModeratorSettings

BUILT_IN = {"ConfigMap", "Deployment", "Job", "NetworkPolicy", "PodDisruptionBudget", "Service"}
DEPLOY = CHART.parents[1]
DIGEST = "sha256:" + "0a" * 32


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


def test_replicas_are_spread_over_machines() -> None:
    for name, labels, spec in pods(rendered()):
        if name in {"here-worker", "here-review"}:
            (spread,) = spec["topologySpreadConstraints"]
            assert spread["topologyKey"] == "kubernetes.io/hostname"
            assert spread["labelSelector"]["matchLabels"].items() <= labels.items()


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


def test_the_scaler_asks_kafka_as_a_user_of_its_own() -> None:
    scaled = rendered()
    (scaler,) = of_kind(scaled, "ScaledObject").values()
    ((name, authentication),) = of_kind(scaled, "TriggerAuthentication").items()

    assert scaler["triggers"][0]["authenticationRef"] == {"name": name}
    assert {one["parameter"] for one in authentication["secretTargetRef"]} == {"ca", "cert", "key"}

    given = rendered("worker.autoscaling.triggerAuthentication=yours")
    (scaler,) = of_kind(given, "ScaledObject").values()
    assert scaler["triggers"][0]["authenticationRef"] == {"name": "yours"}
    assert not of_kind(given, "TriggerAuthentication")


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


def test_models_of_a_claim_are_what_roll_outs_choose_from() -> None:
    elsewhere = "worker.settings.MODERATION_WORKER_MODELS=/models/released"
    for values, folder in ((GPU, "/models"), ((*GPU, elsewhere), "/models/released")):
        worker = of_kind(rendered(*values), "Deployment")["here-worker"]["template"]["spec"]
        variables = worker["containers"][0]["env"]
        chosen = [one["value"] for one in variables if one["name"] == "MODERATION_WORKER_MODELS"]
        assert chosen == [folder]


@pytest.mark.parametrize(
    ("value", "gpu"), [("image.digest", "false"), ("image.gpuDigest", "true")], ids=["cpu", "gpu"]
)
def test_an_image_goes_by_its_digest_where_one_is_given(value: str, gpu: str) -> None:
    resources = rendered(f"{value}={DIGEST}", f"worker.gpu.enabled={gpu}")
    worker = of_kind(resources, "Deployment")["here-worker"]["template"]["spec"]

    assert worker["containers"][0]["image"] == f"moderation@{DIGEST}"


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
