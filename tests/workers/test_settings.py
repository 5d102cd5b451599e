"""Settings come from the environment, secrets stay secret, and README lists them all."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings
from typer.testing import CliRunner

from schemas import TOPICS
from tests.support.certificates import Certificates, make_certificates
from workers.cli import build_app
from workers.moderator.process import run as run_worker
from workers.settings import KafkaSettings
from workers.settings_table import README, settings_classes, settings_table, with_table


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


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates")
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def test_a_client_certificate_reaches_the_client(certificates: Certificates) -> None:
    kafka = KafkaSettings(
        security_protocol="SSL",
        ssl_ca_file=certificates.authority,
        ssl_certificate_file=certificates.client,
        ssl_key_file=certificates.client_key,
        ssl_key_password=certificates.password,
    )
    context = kafka.client()["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert certificates.password not in repr(kafka)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"security_protocol": "SASL_SSL"}, "needs sasl_username and sasl_password"),
        (
            {"security_protocol": "SASL_PLAINTEXT", "sasl_username": "me"},
            "needs sasl_username and sasl_password",
        ),
        ({"sasl_username": "me", "sasl_password": "x"}, "PLAINTEXT sends no password"),
        ({"ssl_ca_file": "ca.pem"}, "PLAINTEXT encrypts nothing"),
        ({"security_protocol": "SSL", "ssl_ca_file": "gone.pem"}, "there is no file gone.pem"),
        ({"security_protocol": "SSL", "ssl_ca_file": __file__}, "holds no certificates"),
        ({"security_protocol": "SSL", "ssl_key_file": __file__}, "needs ssl_certificate_file"),
        ({"security_protocol": "SSL", "ssl_certificate_file": __file__}, "do not fit together"),
    ],
)
def test_half_a_security_setting_is_refused_with_what_is_missing(
    given: dict[str, str], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        KafkaSettings(**given)


@pytest.mark.parametrize("password", [None, "wrong"])
def test_an_encrypted_key_without_its_password_is_an_error_and_no_question(
    certificates: Certificates, password: str | None
) -> None:
    with pytest.raises(ValidationError, match="do not fit together"):
        KafkaSettings(
            security_protocol="SSL",
            ssl_certificate_file=certificates.client,
            ssl_key_file=certificates.client_key,
            ssl_key_password=password,
        )


CANARY = "correct-horse-battery-staple"


@pytest.mark.parametrize("settings", settings_classes(), ids=lambda settings: settings.__name__)
def test_no_error_no_repr_and_no_dump_shows_a_secret(
    settings: type[BaseSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = settings.model_config.get("env_prefix", "")
    secrets = [
        name
        for name, field in settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    ]
    for name in secrets:
        monkeypatch.setenv(prefix + name.upper(), CANARY)

    # One with a setting that nobody knows, and one with all that there are as they are.
    with pytest.raises(ValidationError) as refused:
        settings(no_such_setting=CANARY)
    try:
        shown = repr(made := settings()) + str(made) + str(made.model_dump())
    except ValidationError as error:
        shown = str(error)

    assert CANARY not in str(refused.value) + shown


def test_no_help_shows_a_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION_KAFKA_SASL_PASSWORD", CANARY)
    monkeypatch.setenv("MODERATION_KAFKA_SSL_KEY_PASSWORD", CANARY)
    monkeypatch.setenv("MODERATION_REVIEW_ACCOUNT_PASSWORD", CANARY)
    for command in ([], ["worker"], ["topics", "list"], ["review"], ["ledger"]):
        result = CliRunner().invoke(build_app(), [*command, "--help"])
        assert result.exit_code == 0
        assert CANARY not in result.output
    assert CANARY not in settings_table()


def test_a_wrong_setting_beside_a_secret_is_told_without_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODERATION_KAFKA_SASL_PASSWORD", CANARY)
    monkeypatch.setenv("MODERATION_KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")

    assert run_worker() == 1

    said = capsys.readouterr()
    assert "sends no password" in said.err
    assert CANARY not in said.out + said.err


def test_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "moderation_kafka_sasl_password").write_text("from a file", encoding="utf-8")
    kafka = KafkaSettings(
        security_protocol="SASL_SSL", sasl_username="moderation", _secrets_dir=tmp_path
    )
    assert kafka.sasl_password is not None
    assert kafka.sasl_password.get_secret_value() == "from a file"


def test_wrong_value_is_refused_with_the_choices() -> None:
    with pytest.raises(ValidationError, match="'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT' or 'SASL_SSL'"):
        KafkaSettings(security_protocol="TLS")
