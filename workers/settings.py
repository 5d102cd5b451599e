"""Settings that every process shares. Each process adds its own in its folder.

Every setting is an environment variable: the prefix of its class and the upper-cased field name,
for example ``MODERATION_KAFKA_BOOTSTRAP_SERVERS``. Secrets can also come from files: a file named
like the variable, lower-cased, in the folder that ``MODERATION_SECRETS_DIR`` names.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas import Topic


def settings_config(prefix: str) -> SettingsConfigDict:
    """The pydantic-settings configuration for a class of settings.

    Args:
        prefix: what the class's environment variables begin with, e.g. ``MODERATION_KAFKA_``.
    """
    return SettingsConfigDict(
        env_prefix=prefix,
        extra="forbid",
        frozen=True,
        # An error of one setting would quote the others' values, secrets among them.
        hide_input_in_errors=True,
        secrets_dir=os.environ.get("MODERATION_SECRETS_DIR"),
    )


class KafkaSettings(BaseSettings):
    """How to reach the broker, for every process."""

    model_config = settings_config("MODERATION_KAFKA_")

    bootstrap_servers: str = Field("127.0.0.1:9092", description="Brokers as host:port, by comma.")
    topic_prefix: str = Field(
        "", pattern=r"^[a-zA-Z0-9._-]*$", description="Put before every topic name and group id."
    )
    replication_factor: int = Field(
        1, ge=1, description="Of the topics that `moderation topics create` makes."
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to talk to the brokers."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="Used with the two SASL protocols."
    )
    sasl_username: str | None = Field(None, description="Needed by the two SASL protocols.")
    sasl_password: SecretStr | None = Field(
        None, description="Needed by the two SASL protocols. A secret: better in a file."
    )
    ssl_ca_file: Path | None = Field(
        None,
        description="PEM file of the CA that signed the brokers; when empty, the system's CAs.",
    )
    ssl_certificate_file: Path | None = Field(
        None, description="PEM file of this client's certificate, where the brokers ask for one."
    )
    ssl_key_file: Path | None = Field(
        None, description="PEM file of its key; when empty, the key is in the certificate's file."
    )
    ssl_key_password: SecretStr | None = Field(
        None, description="Of the key, where it is encrypted. A secret: better in a file."
    )

    @model_validator(mode="after")
    def _security_is_whole(self) -> Self:
        uses_sasl = self.security_protocol.startswith("SASL")
        if uses_sasl and (self.sasl_username is None or self.sasl_password is None):
            raise ValueError(
                f"security_protocol {self.security_protocol} needs sasl_username and sasl_password"
            )
        if not uses_sasl and (self.sasl_username or self.sasl_password):
            raise ValueError(
                f"security_protocol {self.security_protocol} sends no password; take SASL_SSL, or "
                "leave sasl_username and sasl_password out"
            )
        files = {name: getattr(self, name) for name in _SSL_FILES if getattr(self, name)}
        if files and "SSL" not in self.security_protocol:
            raise ValueError(
                f"security_protocol {self.security_protocol} encrypts nothing; take SSL or "
                f"SASL_SSL, or leave {', '.join(files)} out"
            )
        for name, path in files.items():
            if not path.is_file():
                raise ValueError(f"{name}: there is no file {path}")
        if self.ssl_key_file and not self.ssl_certificate_file:
            raise ValueError("ssl_key_file needs ssl_certificate_file")
        if "SSL" in self.security_protocol:
            self._ssl_context()
        return self

    def topic(self, topic: Topic) -> str:
        """The name of the topic on this broker."""
        return self.topic_prefix + topic.name

    def group(self, name: str) -> str:
        """The id of a consumer group on this broker."""
        return self.topic_prefix + name

    def client(self) -> dict[str, Any]:
        """Connection arguments for every aiokafka client."""
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers.split(","),
            "security_protocol": self.security_protocol,
        }
        if "SSL" in self.security_protocol:
            arguments["ssl_context"] = self._ssl_context()
        if self.security_protocol.startswith("SASL"):
            arguments |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": _opened(self.sasl_password),
            }
        return arguments

    def _ssl_context(self) -> ssl.SSLContext:
        """Checks the brokers' certificates and names, and shows our own where there is one."""
        try:
            context = ssl.create_default_context(cafile=self.ssl_ca_file)
        except ssl.SSLError as error:
            raise ValueError(f"ssl_ca_file holds no certificates: {self.ssl_ca_file}") from error
        if self.ssl_certificate_file is not None:
            # Without a password OpenSSL would ask the terminal for one.
            password = _opened(self.ssl_key_password) or ""
            try:
                context.load_cert_chain(self.ssl_certificate_file, self.ssl_key_file, password)
            except ssl.SSLError as error:
                raise ValueError(
                    "ssl_certificate_file, ssl_key_file and ssl_key_password do not fit together "
                    f"({error.reason or 'no certificate or no key'})"
                ) from error
        return context


_SSL_FILES = ("ssl_ca_file", "ssl_certificate_file", "ssl_key_file")


def _opened(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
