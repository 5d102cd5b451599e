"""How a policy's files stand on the disk at one moment, to tell whether they have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rules import PolicyError, find_policy, policy_files

Stamp = tuple[int, int, int] | None
"""Time of change in ns, size in bytes, inode; ``None`` where there is no file."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files that a policy consists of, whether or not they exist or can be used."""

    files: tuple[Path, ...]
    stamps: tuple[Stamp, ...]
    digest: str
    """Over their contents."""

    @property
    def is_stale(self) -> bool:
        """Whether a file was touched since; what it says may be the same."""
        return _stamps(self.files) != self.stamps


def snapshot_of(place: Path) -> Snapshot:
    """The snapshot of a policy file, or of the policy in a folder."""
    files = _files(place)
    # Stamps first: what changes while the contents are read is stale at the next look.
    stamps = _stamps(files)
    return Snapshot(files, stamps, _digest(files))


def _files(place: Path) -> tuple[Path, ...]:
    """What to look at; the folder itself too, which tells of files that come and go."""
    try:
        folder = (place,) if place.is_dir() else ()
        return (*folder, *policy_files(find_policy(place)))
    except PolicyError:
        return (place, *sorted(place.glob("*.yaml")))
    except OSError:  # nobody lets us look: that is a change too, which the loader will tell
        return (place,)


def _stamps(files: Sequence[Path]) -> tuple[Stamp, ...]:
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = _content(file)
        digest.update(f"{file}:{-1 if content is None else len(content)}:".encode())
        digest.update(content or b"")
    return digest.hexdigest()


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
