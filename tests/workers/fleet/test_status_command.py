"""``moderation status`` against running processes' own endpoints."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from importlib.metadata import version
from threading import Event, Thread
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Gauge
from typer.testing import CliRunner

from workers.cli import build_app
from workers.moderator.metrics import WorkerMetrics
from workers.streams import status_server

NOBODY = "127.0.0.1:9"  # the port of the discard service, which no machine here runs


def worker(
    *,
    model: str = "compact@1",
    policy: str = "default@1",
    lag: int = 0,
    program: str = version("moderation"),
) -> WorkerMetrics:
    metrics = WorkerMetrics(CollectorRegistry())
    add(metrics, "build_info", "version", program, 1)
    metrics.model_info.labels(model).set(1)
    metrics.consumer_lag.labels("0").set(lag)
    metrics.verdicts.labels("allow", "complete").inc(5)
    gauge = Gauge("moderation_policy_info", "", ["version"], registry=metrics.registry)
    gauge.labels("former@1").set(0)
    gauge.labels(policy).set(1)
    return metrics


def add(metrics: WorkerMetrics, name: str, label: str, value: str, figure: float) -> None:
    Gauge(f"moderation_{name}", "", [label], registry=metrics.registry).labels(value).set(figure)


@contextmanager
def serving(
    *registries: CollectorRegistry, reasons: Sequence[str] = (), remarks: Sequence[str] = ()
) -> Iterator[list[str]]:
    """The status servers of processes, on a loop in a thread of its own; their addresses."""
    addresses: list[str] = []
    up, down = Event(), Event()

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            for registry in registries:
                server = await stack.enter_async_context(
                    status_server(registry, not_ready=lambda: reasons, remarks=lambda: remarks)
                )
                addresses.append(f"127.0.0.1:{server.port}")
            up.set()
            await asyncio.to_thread(down.wait)

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert up.wait(30)
    try:
        yield addresses
    finally:
        down.set()
        thread.join()


def status(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(build_app(), ["status", "--json", *arguments])
    return result.exit_code, json.loads(result.output)


def test_a_healthy_fleet_has_versions_and_lag_and_nothing_wrong() -> None:
    with serving(worker(lag=7).registry, worker(lag=3).registry) as addresses:
        code, said = status(*addresses)
    assert code == 0
    assert said["warnings"] == []
    assert [process["kind"] for process in said["processes"]] == ["worker", "worker"]
    assert [process["waiting"] for process in said["processes"]] == [7, 3]
    assert {process["policy"] for process in said["processes"]} == {"default@1"}
    assert {process["done"] for process in said["processes"]} == {5}


def test_workers_that_differ_in_their_policy_are_told() -> None:
    with serving(worker().registry, worker(policy="default@2").registry) as addresses:
        code, said = status(*addresses)
    assert code == 1
    assert said["warnings"] == ["the workers differ in their policy: default@1, default@2"]


def test_workers_of_another_program_are_told() -> None:
    with serving(worker().registry, worker(program="0.0.9").registry) as addresses:
        code, said = status(*addresses)
    assert code == 1
    assert [process["program"] for process in said["processes"]] == [version("moderation"), "0.0.9"]
    assert said["warnings"] == [
        f"the workers differ in their program: 0.0.9, {version('moderation')}"
    ]


def with_candidate(version: str = "next@2") -> WorkerMetrics:
    metrics = worker()
    add(metrics, "candidate_info", "version", version, 1)
    for name, share in (("candidate_share_ratio", 0.01), ("compared_share_ratio", 0.1)):
        Gauge(f"moderation_{name}", "", registry=metrics.registry).set(share)
    return metrics


def test_a_model_that_is_being_rolled_out_stands_beside_the_live_one() -> None:
    with serving(with_candidate().registry) as addresses:
        code, said = status(*addresses)
        table = CliRunner().invoke(build_app(), ["status", *addresses]).output
    (process,) = said["processes"]
    assert (code, process["model"], process["candidate"]) == (0, "compact@1", "next@2")
    assert (process["candidate_share"], process["compared_share"]) == (0.01, 0.1)
    assert "beside it" in table
    assert "1 %" in table


def test_workers_that_differ_in_their_candidate_are_told() -> None:
    with serving(worker().registry, with_candidate().registry) as addresses:
        code, said = status(*addresses)
    assert code == 1
    assert said["warnings"] == ["the workers differ in their candidate: none yet, next@2"]


def test_a_process_that_is_not_ready_says_why() -> None:
    with serving(worker().registry, reasons=["the model is loading"]) as addresses:
        code, said = status(*addresses)
    assert code == 1
    assert said["processes"][0]["state"] == "not ready"
    assert "the model is loading" in said["warnings"][0]


def test_a_refused_policy_is_told_although_the_worker_is_ready() -> None:
    with serving(worker().registry, remarks=["the policy default@1 stays"]) as addresses:
        code, said = status(*addresses)
    assert code == 1
    assert said["processes"][0]["state"] == "ready"
    assert said["warnings"][0].endswith("the policy default@1 stays")


def test_quotas_and_banks_of_all_workers_are_put_together() -> None:
    one, other = worker(), worker()
    for metrics, left, age in ((one, 40.0, 50.0), (other, 30.0, 900.0)):
        add(metrics, "quota_posts", "rule", "links", 100)
        add(metrics, "quota_tokens_left", "rule", "links", left)
        add(metrics, "quota_tripped", "rule", "links", 0)
        add(metrics, "bank_age_seconds", "bank", "known", age)
        add(metrics, "bank_entries", "bank", "known", 12)
        add(metrics, "bank_renew_within_seconds", "bank", "known", 600)
    with serving(one.registry, other.registry) as addresses:
        code, said = status(*addresses)
    assert code == 1
    assert said["quotas"] == [{"rule": "links", "left": 30, "of": 100, "tripped": False}]
    assert said["banks"] == [{"name": "known", "entries": 12, "age_seconds": 900, "stale": True}]
    assert said["warnings"] == ["the bank known is stale: its newest file is 900 s old"]


def test_a_quota_that_is_used_up_and_not_shared_is_told() -> None:
    metrics = worker()
    add(metrics, "quota_posts", "rule", "links", 100)
    add(metrics, "quota_tripped", "rule", "links", 1)
    Gauge("moderation_quotas_alone", "", registry=metrics.registry).set(1)
    with serving(metrics.registry) as addresses:
        _, said = status(*addresses)
    assert said["quotas"][0]["tripped"]
    assert "quota of rule links is used up" in said["warnings"][0]
    assert "hears no other worker" in said["warnings"][1]


def test_a_process_that_is_gone_is_told_beside_those_that_answer() -> None:
    with serving(worker().registry) as addresses:
        code, said = status(*addresses, NOBODY)
    assert code == 1
    assert [process["state"] for process in said["processes"]] == ["ready", "gone"]


def test_nobody_at_all_has_an_exit_code_of_its_own() -> None:
    assert status(NOBODY)[0] == 2


def test_something_else_that_answers_is_no_process_of_ours() -> None:
    with serving(CollectorRegistry()) as addresses:
        code, said = status(*addresses)
    assert code == 1
    assert "none of our processes" in said["warnings"][0]


def test_a_narrow_terminal_shows_whole_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with serving(worker().registry) as addresses:
        result = CliRunner().invoke(build_app(), ["status", *addresses])
    assert addresses[0] in result.output


@pytest.mark.parametrize("words", ["compact", "waiting", "nothing is wrong"])
def test_people_get_a_table(words: str) -> None:
    with serving(worker().registry) as addresses:
        result = CliRunner().invoke(build_app(), ["status", *addresses])
    assert result.exit_code == 0
    assert words in result.output
