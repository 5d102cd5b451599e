"""What `moderation up` starts, and with which settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from workers.demo.broker_choice import ReachedBroker, reached_broker
from workers.demo.errors import PortTakenError
from workers.demo.house import House, house_from_settings
from workers.demo.processes import Program
from workers.demo.settings import DemoSettings
from workers.settings import KafkaSettings

KAFKA = KafkaSettings(bootstrap_servers="127.0.0.1:19092", topic_prefix="up.")


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/prometheus")
    monkeypatch.setenv("MODERATION_WORKER_HTTP_PORT", "19101")
    return house_from_settings(DemoSettings())


def programs(house: House, run_dir: Path, *, embedded: bool = False) -> dict[str, Program]:
    return {each.name: each for each in house.programs(KAFKA, run_dir, embedded=embedded)}


def test_every_process_reaches_the_same_topics(house: House, tmp_path: Path) -> None:
    for name, program in programs(house, tmp_path).items():
        if name != "prometheus":
            assert program.environment["MODERATION_KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:19092"
            assert program.environment["MODERATION_KAFKA_TOPIC_PREFIX"] == "up."


def test_ports_come_from_each_process_own_settings(house: House, tmp_path: Path) -> None:
    assert programs(house, tmp_path)["worker"].ready_url == "http://127.0.0.1:19101/readyz"
    assert house.review.url == "http://127.0.0.1:8080"


def test_prometheus_scrapes_every_process(house: House, tmp_path: Path) -> None:
    programs(house, tmp_path)
    config = yaml.safe_load((tmp_path / "prometheus.yml").read_text())
    targets = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]
    }
    assert targets == {
        "worker": ["127.0.0.1:19101"],
        "ledger": ["127.0.0.1:9102"],
        "review": ["127.0.0.1:8080"],
    }


def test_prometheus_loads_the_alerts_and_recording_rules(house: House, tmp_path: Path) -> None:
    programs(house, tmp_path)
    (rules,) = yaml.safe_load((tmp_path / "prometheus.yml").read_text())["rule_files"]
    assert {path.stem for path in Path(rules).parent.glob("*.yml")} >= {"objectives", "workers"}


def test_without_prometheus_the_rest_still_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    house = house_from_settings(DemoSettings())
    assert set(programs(house, tmp_path)) == {"worker", "ledger", "review"}


def test_the_ledger_keeps_its_tables_in_memory_on_the_embedded_broker(
    house: House, tmp_path: Path
) -> None:
    assert "MODERATION_LEDGER_STORE" not in programs(house, tmp_path)["ledger"].environment
    embedded = programs(house, tmp_path, embedded=True)["ledger"].environment
    assert embedded["MODERATION_LEDGER_STORE"] == "memory"


def test_a_password_is_made_up_unless_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = {house_from_settings(DemoSettings()).account_password for _ in range(2)}
    assert len(made_up) == 2
    assert all(len(password) >= 12 for password in made_up)
    monkeypatch.setenv("MODERATION_REVIEW_ACCOUNT_PASSWORD", "chosen by a person")
    assert house_from_settings(DemoSettings()).account_password == "chosen by a person"


def test_a_taken_port_is_found_before_anything_is_started(
    monkeypatch: pytest.MonkeyPatch, taken_port: int
) -> None:
    monkeypatch.setenv("MODERATION_LEDGER_HTTP_PORT", str(taken_port))
    for variable in ("MODERATION_WORKER_HTTP_PORT", "MODERATION_REVIEW_PORT"):
        monkeypatch.setenv(variable, "0")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(PortTakenError, match="MODERATION_LEDGER_HTTP_PORT=PORT"):
        house_from_settings(DemoSettings()).require_free_ports(own_broker=False)


def test_a_broker_that_runs_already_is_used_as_it_is(tmp_path: Path) -> None:
    told: list[str] = []
    with reached_broker("kafka.example:9092", tmp_path, notify=told.append) as broker:
        assert broker == ReachedBroker(
            "external", "kafka.example:9092", "the broker at kafka.example:9092"
        )
    assert told == ["the broker at kafka.example:9092"]
