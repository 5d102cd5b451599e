"""A PostgreSQL of one's own for benches and tests: Debian's programs, a folder, no port."""

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
from typing import Final

DEBIAN: Final = Path("/usr/lib/postgresql")
SUPERUSER: Final = "moderation"
UNPRIVILEGED: Final = "postgres"
"""The account that Debian's package makes: the server refuses to run as root."""
START_SECONDS: Final = 120

CONFIGURATION: Final = {
    "listen_addresses": "",  # a socket in the folder is enough
    "max_connections": "200",
    "fsync": "off",  # nobody cuts its power, and a killed console is not a killed server
    "full_page_writes": "off",
}


class PostgresMissingError(Exception):
    """There is no PostgreSQL here, or nobody who may run it; the message says what to do."""


@dataclass
class Cluster:
    """A running server. ``make`` gives a database, and ``drop`` takes it away."""

    programs: Path
    folder: Path
    numbers: count[int] = field(default_factory=count)

    def make(self, template: str | None = None, name: str | None = None) -> str:
        """The URL of a new database, a copy of the template's."""
        name = name or f"made_{next(self.numbers)}"
        like = [] if template is None else ["--template", template]
        self.call("createdb", *like, name)
        return f"postgresql+asyncpg://{SUPERUSER}@/{name}?host={self.folder}"

    def drop(self, url: str) -> None:
        """Remove the database of the URL, whoever is connected."""
        self.call("dropdb", "--force", url.partition("@/")[2].partition("?")[0])

    def call(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's client programs."""
        subprocess.run(  # noqa: S603 - a program of PostgreSQL's, with arguments of ours
            [self.programs / program, "-h", self.folder, "-U", SUPERUSER, *arguments],
            check=True,
            capture_output=True,
            cwd=self.folder,
        )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server on an empty cluster, ended and removed at the end.

    Raises:
        PostgresMissingError: it is not installed, or there is nobody to run it.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="moderation-pg-"))
    try:
        user = _own(folder)
        data = folder / "data"
        settings = " ".join(f"-c {name}='{value}'" for name, value in CONFIGURATION.items())
        steps: tuple[list[str | Path], ...] = (
            ["initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-N", "-E", "UTF8",
             "--locale=C"],
            ["pg_ctl", "-D", data, "-w", "-t", str(START_SECONDS), "-l", folder / "log",
             "-o", f"-k {folder} {settings}", "start"],
        )  # fmt: skip
        for arguments in steps:
            _run(programs, arguments, folder, user)
        try:
            yield Cluster(programs, folder)
        finally:
            _run(programs, ["pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not versions:
        raise PostgresMissingError("no PostgreSQL here; on Debian: apt-get install postgresql")
    return versions[-1].parent


def _own(folder: Path) -> str | None:
    """Give the folder to whoever is to run the server; None where that is ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        shutil.chown(folder, UNPRIVILEGED)
    except LookupError:
        raise PostgresMissingError(
            f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED}; run as another"
        ) from None
    return UNPRIVILEGED


def _run(programs: Path, arguments: list[str | Path], folder: Path, user: str | None) -> None:
    name, *rest = arguments
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, with arguments of ours
        [programs / name, *rest],
        check=False,
        # Not a pipe: the server keeps it open for as long as it runs.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        user=user,
    )
    if done.returncode:
        log = folder / "log"
        said = log.read_text(errors="replace") if log.exists() else "it left no log"
        raise PostgresMissingError(f"{name} ended with {done.returncode}: {said}")
