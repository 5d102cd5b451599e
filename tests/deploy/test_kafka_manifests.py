"""Topics and rights for Strimzi are those that the processes need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.kafka.rendering import FILES, render
from schemas import TOPICS
from tests.deploy.kubernetes import KUBERNETES, only_metadata

ROOT = Path(__file__).parents[2]
KAFKA = ROOT / "deploy" / "kafka"
LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
RESOURCE_NAME = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*")
"""RFC 1123 subdomain, as Kubernetes asks of a resource's name."""


def load(name: str) -> dict[str, dict[str, Any]]:
    documents = yaml.safe_load_all((KAFKA / name).read_text(encoding="utf-8"))
    return {one["metadata"]["name"]: one["spec"] for one in documents}


def rights(user: str) -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for acl in load("users.yaml")[user]["authorization"]["acls"]:
        resource = acl["resource"]
        key = (resource["type"], resource["name"], resource["patternType"])
        found.setdefault(key, set()).update(acl["operations"])
    return found


@pytest.mark.parametrize("path", list(FILES), ids=lambda path: path.name)
def test_a_committed_file_is_what_the_code_gives(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == render(path), (
        "topics, settings or deploy/kafka have changed; run `make kafka-manifests`"
    )


@pytest.mark.parametrize("path", list(FILES), ids=lambda path: path.name)
def test_kubernetes_takes_what_is_not_strimzis_own(path: Path) -> None:
    resources = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))

    assert resources
    for one in resources:
        kubernetes_validate.validate(only_metadata(one), KUBERNETES, strict=True)
        assert RESOURCE_NAME.fullmatch(one["metadata"]["name"])
        assert set(one) == {"apiVersion", "kind", "metadata", "spec"}


@pytest.mark.parametrize(
    "metadata",
    [{"nam": "posts"}, {"name": "posts", "labels": {"replicas": 3}}, {"annotations": ["a"]}],
    ids=str,
)
def test_that_validation_refuses(metadata: dict[str, Any]) -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(only_metadata({"metadata": metadata}), KUBERNETES, strict=True)


def test_every_topic_of_the_contract_is_made_with_its_partitions_and_limits() -> None:
    made = load("topics.yaml")

    for topic in TOPICS:
        spec = made[topic.name]
        assert spec["partitions"] == topic.partitions
        assert spec["config"]["cleanup.policy"] == topic.cleanup
        assert spec["config"]["retention.ms"] == topic.retention_ms
        assert spec["config"]["max.message.bytes"] == topic.max_record_bytes


def test_an_acknowledged_record_outlives_a_broker() -> None:
    for name, spec in load("topics.yaml").items():
        assert 1 < spec["config"]["min.insync.replicas"] < spec["replicas"], name


@pytest.mark.parametrize(
    ("user", "folder"),
    [
        ("moderation-worker", "moderator"),
        ("moderation-ledger", "ledger"),
        ("moderation-operator", "policy"),
        ("moderation-operator", "rollout"),
        ("moderation-operator", "dead_letters"),
        ("moderation-review", "review"),
    ],
)
def test_a_process_has_rights_on_every_topic_that_its_code_names(user: str, folder: str) -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "workers" / folder).rglob("*.py")
    )
    named = {getattr(TOPICS, name).name for name in re.findall(r"\bTOPICS\.(\w+)", source)}
    granted = {name for kind, name, _ in rights(user) if kind == "topic"}
    # The ledger names the moderator's dead letters for their retention alone.
    named -= {TOPICS.dead_letter.name} if folder == "ledger" else set()

    assert named
    assert named <= granted


def test_the_worker_commits_in_transactions_of_its_own_and_cannot_forge_posts() -> None:
    worker = rights("moderation-worker")

    assert "Write" in worker["transactionalId", "moderator-", "prefix"]
    assert "Read" in worker["group", "moderator", "prefix"]
    assert "Write" not in worker["topic", "posts", "literal"]


def test_the_platform_can_only_send_posts_and_appeals_and_read_verdicts() -> None:
    writes = {name for (_, name, _), may in rights("platform-producer").items() if "Write" in may}
    reads = {
        name
        for (kind, name, _), may in rights("platform-consumer").items()
        if kind == "topic" and "Read" in may
    }

    assert writes == {"posts", "appeals"}
    assert reads == {"verdicts"}


def test_the_scaler_sees_how_far_workers_are_and_reads_nothing() -> None:
    assert rights("moderation-scaler") == {
        ("topic", "posts", "literal"): {"Describe"},
        ("group", "moderator", "literal"): {"Describe"},
    }


def test_nobody_may_do_everything() -> None:
    for acls in (spec["authorization"]["acls"] for spec in load("users.yaml").values()):
        for acl in acls:
            assert acl["resource"]["name"] != "*"
            assert not {"All", "Alter", "AlterConfigs", "Delete"} & set(acl["operations"])
