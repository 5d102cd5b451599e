"""What of a manifest can be held against Kubernetes' own schemas."""

from __future__ import annotations

from typing import Any

KUBERNETES = "1.27"
"""The oldest release that the chart takes: a field that came later would be refused by it."""


def only_metadata(resource: dict[str, Any]) -> dict[str, Any]:
    """The metadata, which Kubernetes defines for every kind, on a kind that it knows itself.

    The rest of a custom resource (Strimzi's, KEDA's, the Prometheus operator's) is its operator's.
    """
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": resource["metadata"]}
