"""Apache Kafka that lets nobody in without a password or a certificate, over TLS."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.certificates import Certificates, make_certificates
from workers.settings import KafkaSettings
from workers.streams import BrokerKindUnavailableError, BrokerSettings, free_ports
from workers.streams.broker.jars import fetch_jars
from workers.streams.broker.java import find_java
from workers.streams.broker.kafka_files import server_properties
from workers.streams.broker.process import answers, end, wait_until

USER, PASSWORD = "moderation", "correct-horse-battery"
START_SECONDS = 120.0
STOP_SECONDS = 30.0

MODULES = "org.apache.kafka.common.security"
PLAIN_LOGIN = f'{MODULES}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
SCRAM_LOGIN = f"{MODULES}.scram.ScramLoginModule required;"


@dataclass(frozen=True, slots=True)
class SecureKafka:
    """Where it listens: passwords over TLS, certificates over TLS, passwords in the clear."""

    sasl_ssl: str
    ssl: str
    sasl_plaintext: str
    certificates: Certificates

    def by_password(self, mechanism: str = "SCRAM-SHA-512", **given: object) -> KafkaSettings:
        """Settings for a client with a password, over TLS unless ``given`` says otherwise."""
        wanted = {
            "bootstrap_servers": self.sasl_ssl,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": mechanism,
            "sasl_username": USER,
            "sasl_password": PASSWORD,
            "ssl_ca_file": self.certificates.authority,
        }
        return KafkaSettings(**(wanted | given))

    def by_certificate(self, **given: object) -> KafkaSettings:
        """Settings for a client with a certificate."""
        wanted = {
            "bootstrap_servers": self.ssl,
            "security_protocol": "SSL",
            "ssl_ca_file": self.certificates.authority,
            "ssl_certificate_file": self.certificates.client,
            "ssl_key_file": self.certificates.client_key,
            "ssl_key_password": self.certificates.password,
        }
        return KafkaSettings(**(wanted | given))


@contextmanager
def running_secure_kafka(folder: Path, certificates: Certificates) -> Iterator[SecureKafka]:
    """A broker of its own with three listeners for clients.

    Raises:
        BrokerKindUnavailableError: Java or Maven is missing.
    """
    java, jars = find_java(), fetch_jars(BrokerSettings().jars_dir, lambda _: None)
    inside, controller, *ports = free_ports(5)
    listening = [f"127.0.0.1:{port}" for port in ports]
    kafka = SecureKafka(*listening, certificates=certificates)
    config = folder / "server.properties"
    # Of a name that stands twice, Java takes the last.
    config.write_text(
        server_properties(port=inside, controller_port=controller, log_dir=folder / "records")
        + _security(inside, controller, kafka),
        encoding="utf-8",
    )
    command = [str(java), "-Xmx384m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*"]
    log = folder / "console.log"
    with log.open("ab") as output:
        subprocess.run(
            [
                *(*command, "kafka.tools.StorageTool", "format", "--config", config),
                *("--cluster-id", uuid.uuid4().hex[:22]),
                *("--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
        )
        process = subprocess.Popen(
            [*command, "kafka.Kafka", config], stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until(
            lambda: answers(f"127.0.0.1:{inside}"), process, seconds=START_SECONDS, logs=[log]
        )
        yield kafka
    finally:
        end(process, seconds=STOP_SECONDS)


@contextmanager
def secure_kafka_or_skip(folder: Path) -> Iterator[SecureKafka]:
    """The same with certificates of its own; skips the tests where the machine cannot run it."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates")
    try:
        with running_secure_kafka(folder, make_certificates(folder)) as kafka:
            yield kafka
    except BrokerKindUnavailableError as missing:
        pytest.skip(f"no real Apache Kafka here: {missing}")


def _security(inside: int, controller: int, kafka: SecureKafka) -> str:
    listeners = {
        "PLAINTEXT": f"127.0.0.1:{inside}",
        "SASL_SSL": kafka.sasl_ssl,
        "SSL": kafka.ssl,
        "SASL_PLAINTEXT": kafka.sasl_plaintext,
    }
    advertised = ",".join(f"{name}://{address}" for name, address in listeners.items())
    properties = {
        "listeners": f"{advertised},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": advertised,
        "listener.security.protocol.map": ",".join(
            [*(f"{name}:{name}" for name in listeners), "CONTROLLER:PLAINTEXT"]
        ),
        "inter.broker.listener.name": "PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": kafka.certificates.server,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": kafka.certificates.authority,
        "listener.name.ssl.ssl.client.auth": "required",
    }
    for listener in ("sasl_ssl", "sasl_plaintext"):
        properties[f"listener.name.{listener}.plain.sasl.jaas.config"] = PLAIN_LOGIN
        properties[f"listener.name.{listener}.scram-sha-512.sasl.jaas.config"] = SCRAM_LOGIN
    return "".join(f"{name}={value}\n" for name, value in properties.items())
