from __future__ import annotations

from pathlib import Path

import pytest

from workers.streams import BrokerKindUnavailableError, BrokerSettings
from workers.streams.broker import EMBEDDED_LIMITS, choose_kind

pytest.importorskip("confluent_kafka", reason="the embedded broker's extra is not installed")


class Tools:
    """A folder that is the whole PATH, with tools that only answer for their version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, answer: str) -> None:
        tool = self.folder / name
        tool.write_text(f"#!/bin/sh\necho '{answer}' >&2\n")
        tool.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return Tools(folder)


def test_auto_takes_apache_kafka_where_java_and_maven_are(tools: Tools, tmp_path: Path) -> None:
    tools.add("java", 'openjdk version "21.0.4" 2024-07-16')
    tools.add("mvn", "Apache Maven")
    choice = choose_kind("auto", tmp_path)
    assert choice.kind == "apache"
    assert "Java and Maven are here" in choice.why


@pytest.mark.parametrize(
    ("java", "why"),
    [
        (None, "there is no java on PATH"),
        ('java version "1.8.0_392"', "is Java 8"),
        ('openjdk version "11.0.22" 2024-01-16', "is Java 11"),
    ],
)
def test_auto_says_why_it_falls_back_and_what_the_embedded_broker_cannot_do(
    tools: Tools, tmp_path: Path, java: str | None, why: str
) -> None:
    tools.add("mvn", "Apache Maven")
    if java is not None:
        tools.add("java", java)
    choice = choose_kind("auto", tmp_path)
    assert choice.kind == "embedded"
    assert why in choice.why
    assert EMBEDDED_LIMITS in choice.why


def test_apache_without_maven_is_refused_with_the_reason(tools: Tools, tmp_path: Path) -> None:
    tools.add("java", 'openjdk version "17.0.15" 2025-04-15')
    with pytest.raises(BrokerKindUnavailableError, match="there is no mvn on PATH"):
        choose_kind("apache", tmp_path)


def test_java_home_goes_before_the_path(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.add("java", 'openjdk version "11.0.22" 2024-01-16')
    tools.add("mvn", "Apache Maven")
    home = tmp_path / "jdk"
    (home / "bin").mkdir(parents=True)
    Tools(home / "bin").add("java", 'openjdk version "17.0.15" 2025-04-15')
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert choose_kind("auto", tmp_path).kind == "apache"


def test_a_java_that_names_no_version_is_refused(tools: Tools, tmp_path: Path) -> None:
    tools.add("java", "hello")
    with pytest.raises(BrokerKindUnavailableError, match="names no version"):
        choose_kind("apache", tmp_path)


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MODERATION_BROKER_KIND", "embedded")
    monkeypatch.setenv("MODERATION_BROKER_PORT", "0")
    monkeypatch.setenv("MODERATION_BROKER_CACHE_DIR", str(tmp_path))
    settings = BrokerSettings()
    assert (settings.kind, settings.port) == ("embedded", 0)
    assert settings.home == tmp_path / "data"
    assert settings.jars_dir == tmp_path / "jars"
