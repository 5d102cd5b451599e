"""The chart's values: they name things that exist, and wrong ones are refused."""

from __future__ import annotations

import re

import jsonschema
import pytest
import yaml

from schemas import TOPICS
from tests.deploy.chart import CHART, SCHEMA, TEMPLATES, VALUES, helm
from tests.deploy.commands import assert_command_exists
from tests.deploy.known_settings import known_variables
from tests.deploy.kubernetes import KUBERNETES
from workers.ledger.settings import LedgerSettings
from workers.moderator.settings import ModeratorSettings
from workers.review.settings import ReviewSettings


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
        assert_command_exists(words)


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
