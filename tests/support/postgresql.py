"""A PostgreSQL of the tests' own: Debian's programs, a folder in /tmp, a socket and no port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from tests.support.waiting import eventually

DEBIAN = Path("/usr/lib/postgresql")
SUPERUSER = "moderation"
UNPRIVILEGED = "postgres"
"""The account that Debian's package makes: the server refuses to run as root."""

CONFIGURATION = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",  # nobody cuts the power of a test, and a killed console is not a killed server
    "full_page_writes": "off",
}


@dataclass
class Cluster:
    """A running server. ``make`` gives each test a database, and ``drop`` takes it away."""

    programs: Path
    folder: Path
    numbers: count[int] = field(default_factory=count)

    def make(self, template: str | None = None, name: str | None = None) -> str:
        """The URL of a new database, a copy of the template's."""
        name = name or f"test_{next(self.numbers)}"
        like = [] if template is None else ["--template", template]
        self.call("createdb", *like, name)
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://{SUPERUSER}@/{name}?host={self.folder}"

    def drop(self, url: str) -> None:
        self.call("dropdb", "--force", url.partition("@/")[2].partition("?")[0])

    def call(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.programs / program, "-h", self.folder, "-U", SUPERUSER, *arguments],
            check=True,
            capture_output=True,
            cwd=self.folder,
        )


def programs_or_skip() -> Path:
    """The folder of PostgreSQL's programs; skips, and says how to get them, where there is none."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not versions:
        pytest.skip("no PostgreSQL here; on Debian: apt-get install postgresql")
    return versions[-1].parent


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server on an empty cluster, ended and removed at the end."""
    programs = programs_or_skip()
    folder = Path(tempfile.mkdtemp(prefix="moderation-pg-"))
    user: str | None = None
    if os.geteuid() == 0:
        try:
            shutil.chown(folder, UNPRIVILEGED)
        except LookupError:
            shutil.rmtree(folder)
            pytest.skip(f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED}")
        user = UNPRIVILEGED
    data = folder / "data"
    try:
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                SUPERUSER,
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            user=user,
        )
        settings = [part for pair in CONFIGURATION.items() for part in ("-c", "=".join(pair))]
        with (
            (folder / "server.log").open("wb") as log,
            subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, *settings],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                user=user,
            ) as server,
        ):
            cluster = Cluster(programs, folder)
            try:
                eventually(
                    lambda: _answers(cluster, server),
                    within_seconds=120,
                    describe="PostgreSQL answers",
                )
                yield cluster
            finally:
                server.terminate()
                server.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers(cluster: Cluster, server: subprocess.Popen[bytes]) -> bool:
    said = (cluster.folder / "server.log").read_text(errors="replace")
    assert server.poll() is None, f"PostgreSQL ended:\n{said}"
    asked = [cluster.programs / "pg_isready", "-q", "-h", cluster.folder]
    return subprocess.run(asked, check=False).returncode == 0
