"""A policy as it travels to the workers: the file, its lists and its cases, in one piece."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.base import Instant, Message, Part

FilePath = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^/\\\x00][^\\\x00]*$")
]
"""Relative to the policy's folder, with forward slashes."""


class PolicyFile(Part):
    """One file, byte for byte when its text is encoded as UTF-8."""

    path: FilePath
    text: str


class PolicyBundle(Message):
    """A policy with all that belongs to it. Keyed by its name on the compacted ``policies``."""

    name: Annotated[str, Field(min_length=1)]
    """Of the policy, as its file says."""
    version: str
    """``name@sha256:…``, as verdicts will carry it: over the policy and its lists."""
    policy: PolicyFile
    cases: PolicyFile
    lists: tuple[PolicyFile, ...] = ()
    content_hash: str
    """:func:`bundle_hash` of all files: a bundle that was cut or changed is refused."""
    published_at: Instant

    @property
    def files(self) -> tuple[PolicyFile, ...]:
        """All of them."""
        return (self.policy, self.cases, *self.lists)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        found = bundle_hash(self.files)
        if found != self.content_hash:
            raise ValueError(f"content_hash says {self.content_hash}, the files are {found}")
        return self


def bundle_hash(files: Iterable[PolicyFile]) -> str:
    """``sha256:…`` over paths and contents, whatever the order of the files."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda one: one.path):
        for part in (file.path.encode(), file.text.encode()):
            # Lengths keep apart what would run together.
            digest.update(b"%d:" % len(part))
            digest.update(part)
    return f"sha256:{digest.hexdigest()}"
