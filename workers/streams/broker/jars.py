"""Apache Kafka's jars, fetched once by Maven."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from workers.streams.broker.java import find_maven
from workers.streams.errors import BrokerStartError

POM: Final = Path(__file__).parent / "pom.xml"

FETCH_SECONDS: Final = 600.0
"""About 45 MB; slow networks included."""

ERROR_LINES: Final = 5
"""Of Maven's output; the cause stands first."""


def kafka_version() -> str:
    """The version of Apache Kafka that ``pom.xml`` names."""
    match = re.search(r"<kafka\.version>([^<]+)</kafka\.version>", POM.read_text(encoding="utf-8"))
    if match is None:
        raise BrokerStartError(f"{POM} names no <kafka.version>")
    return match[1]


def jars_folder(jars_dir: Path) -> Path:
    """Where the jars of this very ``pom.xml`` belong; it exists when they are complete."""
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:8]
    return jars_dir / f"kafka-{kafka_version()}-{digest}"


def fetch_jars(jars_dir: Path, notify: Callable[[str], None]) -> Path:
    """The folder of the jars; fetched when it is not there yet.

    Raises:
        BrokerKindUnavailableError: Maven is missing.
        BrokerStartError: Maven could not fetch them.
    """
    folder = jars_folder(jars_dir)
    if folder.is_dir():
        return folder
    maven = find_maven()
    notify(f"fetching Apache Kafka {kafka_version()} by Maven (about 45 MB, once) …")
    jars_dir.mkdir(parents=True, exist_ok=True)
    # Maven works beside the final place, and one rename makes the result visible: a reader never
    # sees half a folder, and two fetches at once do not disturb each other.
    with tempfile.TemporaryDirectory(dir=jars_dir, prefix="fetching-") as work:
        shutil.copy(POM, work)
        _copy_dependencies(maven, Path(work))
        try:
            (Path(work) / "lib").rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder


def _copy_dependencies(maven: Path, work: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - the Maven that find_maven found, with arguments of ours
            [
                maven,
                "--quiet",
                "--batch-mode",
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                f"-DoutputDirectory={work / 'lib'}",
            ],
            cwd=work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerStartError(
            f"Maven did not fetch Apache Kafka within {FETCH_SECONDS:g} s; try again, or use "
            "--kind embedded"
        ) from error
    if done.returncode != 0:
        lines = [line for line in done.stdout.splitlines() if "ERROR" in line][:ERROR_LINES]
        raise BrokerStartError(
            "Maven could not fetch Apache Kafka; see whether Maven Central can be reached, or use "
            "--kind embedded:\n" + "\n".join(lines)
        )
