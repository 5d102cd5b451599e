"""What we ask of a running Prometheus, over its HTTP interface."""

from __future__ import annotations

import json
import math
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

HTTP_SECONDS: Final = 30.0
"""For one query: Prometheus itself gives up after two minutes, a person before."""


class QueryError(Exception):
    """Prometheus refused a query."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer."""

    labels: Mapping[str, str]
    values: tuple[float, ...]
    """Oldest first; one for an instant."""

    @property
    def value(self) -> float:
        """The newest."""
        return self.values[-1]

    @property
    def is_finite(self) -> bool:
        """Whether any of its values is a number that can be drawn."""
        return any(map(math.isfinite, self.values))


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running server.

    Every method raises ``OSError`` where nothing answers at the address.
    """

    url: str

    def query(self, expression: str) -> list[Series]:
        """Evaluate now.

        Raises:
            QueryError: the expression is wrong; the message is Prometheus's own.
        """
        answer = self._get("/api/v1/query", query=expression)["data"]["result"]
        return [Series(one["metric"], (float(one["value"][1]),)) for one in answer]

    def query_range(self, expression: str, *, seconds: float, step: float) -> list[Series]:
        """Evaluate at every ``step`` of the last ``seconds``, as a graph does.

        Raises:
            QueryError: as :meth:`query`.
        """
        now = time.time()
        answer = self._get(
            "/api/v1/query_range",
            query=expression,
            start=str(now - seconds),
            end=str(now),
            step=str(step),
        )["data"]["result"]
        return [
            Series(one["metric"], tuple(float(value) for _, value in one["values"]))
            for one in answer
        ]

    def metrics(self) -> frozenset[str]:
        """Names of the metrics that its targets expose, with or without a sample."""
        return frozenset(self._get("/api/v1/metadata")["data"])

    def jobs_up(self) -> set[str]:
        """Jobs whose every target was read at the last scrape."""
        targets = self._get("/api/v1/targets", state="active")["data"]["activeTargets"]
        down = {one["labels"]["job"] for one in targets if one["health"] != "up"}
        return {one["labels"]["job"] for one in targets} - down

    def is_ready(self) -> bool:
        """Whether it answers queries."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=HTTP_SECONDS):  # noqa: S310 - the address is the operator's own
                return True
        except OSError:
            return False

    def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        url = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=HTTP_SECONDS) as answer:  # noqa: S310 - the address is the operator's own
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise QueryError(json.load(error)["error"]) from None
        return found
