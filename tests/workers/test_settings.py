"""Settings come from the environment, secrets stay secret, and README lists them all."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas import TOPICS
from workers.settings import KafkaSettings
from workers.settings_table import README, settings_classes, with_table


def test_readme_lists_the_settings_as_they_are() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == with_table(text), "stale: run `make settings-table` and commit the result"


def test_readme_without_markers_is_an_error_that_names_them() -> None:
    with pytest.raises(ValueError, match="settings: begin"):
        with_table("# A page without a table")


@pytest.mark.parametrize("settings", settings_classes(), ids=lambda settings: settings.__name__)
def test_every_setting_is_described(settings: type[KafkaSettings]) -> None:
    silent = [name for name, field in settings.model_fields.items() if not field.description]
    assert not silent


def test_variables_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION_KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092")
    monkeypatch.setenv("MODERATION_KAFKA_TOPIC_PREFIX", "blue.")
    kafka = KafkaSettings()
    assert kafka.client()["bootstrap_servers"] == ["one:9092", "two:9092"]
    assert kafka.topic(TOPICS.dead_letter) == "blue.posts.dead-letter"
    assert kafka.group("moderator") == "blue.moderator"


def test_sasl_over_tls_reaches_the_client_and_no_secret_reaches_a_log() -> None:
    kafka = KafkaSettings(
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="moderation",
        sasl_password="correct horse",
    )
    client = kafka.client()
    assert isinstance(client["ssl_context"], ssl.SSLContext)
    assert client["sasl_plain_password"] == "correct horse"
    assert "correct horse" not in repr(kafka)


def test_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "moderation_kafka_sasl_password").write_text("from a file", encoding="utf-8")
    kafka = KafkaSettings(_secrets_dir=tmp_path)
    assert kafka.sasl_password is not None
    assert kafka.sasl_password.get_secret_value() == "from a file"


def test_wrong_value_is_refused_with_the_choices() -> None:
    with pytest.raises(ValidationError, match="'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT' or 'SASL_SSL'"):
        KafkaSettings(security_protocol="TLS")
