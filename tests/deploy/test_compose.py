"""The Compose file and the Dockerfile name things that exist."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.commands import assert_command_exists
from tests.deploy.known_settings import known_variables
from workers.ledger.settings import LedgerSettings
from workers.moderator.settings import ModeratorSettings
from workers.review.settings import ReviewSettings
from workers.settings_table import settings_classes

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
JOBS = {"topics", "migrations", "demo"}
DEFAULT = re.compile(r"\$\{\w+:-(.*?)\}")
"""Of a variable."""
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def test_the_services_are_those_of_the_design() -> None:
    assert set(SERVICES) == {
        "kafka", "topics", "postgres", "migrations", "worker", "worker-gpu", "ledger", "review",
        "demo", "prometheus", "grafana",
    }  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_ours_is_a_setting(name: str) -> None:
    ours = {key for key in SERVICES[name]["environment"] if key.startswith("MODERATION_")}

    assert ours
    assert ours <= known_variables()


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(key, re.sub(r"\$\{.*\}", "a long enough password", value))

    for settings in settings_classes():
        settings()


@pytest.mark.parametrize("name", OURS)
def test_the_command_exists(name: str) -> None:
    assert_command_exists(SERVICES[name]["command"])


@pytest.mark.parametrize("name", [one for one in SERVICES if one not in JOBS])
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize(
    ("name", "port"),
    [
        ("worker", ModeratorSettings().http_port),
        ("ledger", LedgerSettings().http_port),
        ("review", ReviewSettings().port),
    ],
)
def test_health_is_asked_and_scraped_at_the_port_that_the_process_opens(
    name: str, port: int
) -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    job = json.dumps(next(one for one in config["scrape_configs"] if one["job_name"] == name))

    assert f":{port}/readyz" in SERVICES[name]["healthcheck"]["test"][-1]
    assert str(port) in job
    assert name in job


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_on_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", OURS)
def test_our_processes_run_without_privileges(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_only_the_gpu_worker_asks_for_a_gpu_and_only_by_its_profile() -> None:
    asking = {name for name, service in SERVICES.items() if "deploy" in service}

    assert asking == {"worker-gpu"}
    assert SERVICES["worker-gpu"]["profiles"] == ["gpu"]


@pytest.mark.parametrize("name", SERVICES)
def test_named_volumes_are_declared_and_folders_exist(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = DEFAULT.sub(r"\1", volume).split(":")[0]
        assert (
            (DEPLOY / source).is_dir() if source.startswith(".") else source in COMPOSE["volumes"]
        )


def test_images_of_others_are_pinned_by_digest() -> None:
    (base,) = re.findall(r"^ARG PYTHON_IMAGE=(.*)$", DOCKERFILE, re.MULTILINE)
    images = {name: SERVICES[name]["image"] for name in SERVICES if name not in OURS}
    del images["kafka"]  # by the release that the tests run against: see the next test

    for image in (base, *images.values()):
        assert re.fullmatch(r"[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}", image)


def test_weights_can_be_mounted_and_rolled_out() -> None:
    worker = SERVICES["worker"]

    (folder,) = (one for one in worker["volumes"] if "models" in one)
    assert folder.endswith(f":{worker['environment']['MODERATION_WORKER_MODELS']}:ro")
    assert worker["environment"]["MODERATION_WORKER_MODEL"].endswith(":-shipped}")


def test_the_console_keeps_its_items_in_a_database_that_was_migrated() -> None:
    console, migrations = SERVICES["review"], SERVICES["migrations"]
    address = console["environment"]["MODERATION_REVIEW_DATABASE_URL"]

    assert address.startswith("postgresql+asyncpg://")
    assert migrations["environment"] == {"MODERATION_REVIEW_DATABASE_URL": address}
    assert console["depends_on"]["migrations"] == {"condition": "service_completed_successfully"}
    assert migrations["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_the_broker_is_the_release_that_the_tests_run_against() -> None:
    pom = (ROOT / "workers" / "streams" / "broker" / "pom.xml").read_text(encoding="utf-8")
    tested = re.search(r"<kafka.version>(.*?)</kafka.version>", pom)

    assert tested is not None
    assert f":-{tested[1]}}}" in SERVICES["kafka"]["image"]


def test_no_password_has_a_default() -> None:
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if "PASSWORD" in key:
                assert ":?" in value


def test_grafana_finds_its_dashboards_and_its_datasource() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load(
        (provisioning / "datasources" / "prometheus.yaml").read_text(encoding="utf-8")
    )["datasources"]
    (provider,) = yaml.safe_load(
        (provisioning / "dashboards" / "moderation.yaml").read_text(encoding="utf-8")
    )["providers"]

    assert source["uid"] == "prometheus"
    assert source["url"] == "http://prometheus:9090"
    mounted = {volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]}
    assert provider["options"]["path"] in mounted


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in shlex.split(line)[1:-1]
    ]

    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignore, source


def test_the_runtime_image_has_a_user_and_no_build_tools() -> None:
    runtime = DOCKERFILE.split(" AS runtime")[1]

    assert re.search(r"^USER \d+:\d+$", runtime, re.MULTILINE)
    assert not re.search(r"apt-get|gcc|build-essential|\buv\b|pip install", runtime)


def test_docker_compose_accepts_the_file() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("docker is not installed")
    plugin = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
    if plugin.returncode != 0:
        pytest.skip("docker has no compose plugin here")
    passwords = {
        "MODERATION_REVIEW_ACCOUNT_PASSWORD": "a long enough password",
        "GRAFANA_ADMIN_PASSWORD": "another password",
        "POSTGRES_PASSWORD": "athirdpassword",
    }
    checked = subprocess.run(
        [docker, "compose", "-f", "deploy/compose.yaml", "--profile", "*", "config", "--quiet"],
        cwd=ROOT,
        env=os.environ | passwords,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
