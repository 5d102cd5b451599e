"""The topics of the contract, and the ledger's own, as Strimzi's ``KafkaTopic``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from schemas import TOPICS, Topic
from workers.ledger.settings import LedgerSettings
from workers.ledger.topics import ledger_topics
from workers.streams import topic_configs

API_VERSION: Final = "kafka.strimzi.io/v1beta2"
CLUSTER: Final = {"strimzi.io/cluster": "moderation"}
"""The label by which Strimzi finds the cluster; change it to your cluster's name."""

REPLICAS: Final = 3
IN_SYNC: Final = 2
"""Of the replicas, so that one broker may be away and an acknowledged record is on two."""


def manifests() -> Iterator[dict[str, Any]]:
    """One resource a topic, in the order in which a post meets them."""
    own = ledger_topics(LedgerSettings.model_construct())  # defaults, whatever the environment says
    for topic in (*TOPICS, *own):
        yield _manifest(topic)


def _manifest(topic: Topic) -> dict[str, Any]:
    configs: dict[str, Any] = {
        key: int(value) if value.lstrip("-").isdigit() else value
        for key, value in topic_configs(topic).items()
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "KafkaTopic",
        "metadata": {
            "name": topic.name,
            "labels": CLUSTER,
            "annotations": {"moderation/description": topic.description},
        },
        "spec": {
            "topicName": topic.name,
            "partitions": topic.partitions,
            "replicas": REPLICAS,
            "config": configs | {"min.insync.replicas": IN_SYNC},
        },
    }
