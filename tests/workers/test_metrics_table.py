from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from prometheus_client import CollectorRegistry

from deploy.grafana.committed import committed_queries
from workers.metrics_table import BOUNDS, PAGE, Described, metrics_of, with_tables
from workers.streams import watch_process


@pytest.fixture(scope="module")
def metrics() -> Mapping[str, list[Described]]:
    return metrics_of()


def test_the_committed_page_is_what_the_code_gives() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "metrics have changed; run `make metrics-table`"


def test_every_metric_names_its_unit_and_says_what_it_is(
    metrics: Mapping[str, list[Described]],
) -> None:
    for one in (one for each in metrics.values() for one in each):
        assert one.name.startswith("moderation_")
        assert len(one.text) > 10, one.name
        assert not re.search(r"_(ms|millis|kb|percent)\b", one.name)
        assert one.name.endswith("_total") == (one.kind == "counter")


def test_every_label_is_bounded_and_none_is_left_over(
    metrics: Mapping[str, list[Described]],
) -> None:
    used = {label for each in metrics.values() for one in each for label in one.labels}
    assert used == set(BOUNDS)
    assert not used & {"post_id", "author", "author_id", "verdict_id", "reviewer", "url", "host"}


def test_dashboards_ask_for_metrics_of_the_tables(
    metrics: Mapping[str, list[Described]],
) -> None:
    known = {one.name for each in metrics.values() for one in each}
    asked = {
        name
        for query in committed_queries()
        for name in re.findall(r"(?<![\w:])moderation_\w+", query.expression)
    }
    assert len(asked) > 50
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked} <= known


def test_a_process_shows_its_memory_and_processor_time() -> None:
    registry = CollectorRegistry()
    watch_process(registry)
    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total"):
        value = registry.get_sample_value(name)
        assert value is not None
        assert value > 0
