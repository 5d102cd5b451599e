"""Find Java and Maven, and say in plain words what is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from workers.streams.errors import BrokerKindUnavailableError

MIN_JAVA: Final = 17
"""Apache Kafka 4's broker needs Java 17 (KIP-1013)."""

VERSION_SECONDS: Final = 20.0
"""A JVM prints its version in well under a second; a busy machine takes a few."""


def find_java() -> Path:
    """The Java of ``JAVA_HOME``, else of ``PATH``.

    Raises:
        BrokerKindUnavailableError: there is none, or it is older than :data:`MIN_JAVA`.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else None
    found = found or shutil.which("java")
    if found is None:
        raise BrokerKindUnavailableError(
            f"Apache Kafka needs Java {MIN_JAVA} or newer, and there is no java on PATH"
        )
    version = java_version(found)
    if version < MIN_JAVA:
        raise BrokerKindUnavailableError(
            f"Apache Kafka needs Java {MIN_JAVA} or newer, and {found} is Java {version}"
        )
    return Path(found)


def java_version(java: str) -> int:
    """The feature version of a Java: 17 for 17.0.15, 8 for 1.8.0.

    Raises:
        BrokerKindUnavailableError: it does not run, or does not say.
    """
    try:
        answer = subprocess.run(  # noqa: S603 - the Java that find_java found, with one argument of ours
            [java, "-version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BrokerKindUnavailableError(f"{java} -version failed: {error}") from error
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    if match is None:
        raise BrokerKindUnavailableError(f"{java} -version names no version")
    return int(match[1])


def find_maven() -> Path:
    """Maven's ``mvn`` on ``PATH``.

    Raises:
        BrokerKindUnavailableError: there is none.
    """
    found = shutil.which("mvn")
    if found is None:
        raise BrokerKindUnavailableError(
            "Apache Kafka's jars are fetched by Maven, and there is no mvn on PATH"
        )
    return Path(found)
