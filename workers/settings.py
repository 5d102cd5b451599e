"""Settings that every process shares. Each process adds its own in its folder.

Every setting is an environment variable: the prefix of its class and the upper-cased field name,
for example ``MODERATION_KAFKA_BOOTSTRAP_SERVERS``. Secrets can also come from files: a file named
like the variable, lower-cased, in the folder that ``MODERATION_SECRETS_DIR`` names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
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
    sasl_username: str | None = Field(None, description="Used with the two SASL protocols.")
    sasl_password: SecretStr | None = Field(None, description="Used with the two SASL protocols.")
    ssl_ca_file: Path | None = Field(
        None, description="PEM file of the CA that signed the brokers."
    )

    def topic(self, topic: Topic) -> str:
        """The name of the topic on this broker."""
        return self.topic_prefix + topic.name

    def group(self, name: str) -> str:
        """The id of a consumer group on this broker."""
        return self.topic_prefix + name

    def client(self) -> dict[str, Any]:
        """Connection arguments for every aiokafka client."""
        from aiokafka.helpers import create_ssl_context

        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers.split(","),
            "security_protocol": self.security_protocol,
        }
        if "SSL" in self.security_protocol:
            cafile = str(self.ssl_ca_file) if self.ssl_ca_file else None
            arguments["ssl_context"] = create_ssl_context(cafile=cafile)
        if self.security_protocol.startswith("SASL"):
            password = self.sasl_password
            arguments |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": password.get_secret_value() if password else None,
            }
        return arguments
