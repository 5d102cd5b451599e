"""What a reader gives: a post as its repository tells it, before the common rules."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from moderation.training.datasets.errors import DatasetError


@dataclass(frozen=True, slots=True)
class RawPost:
    """One post.

    Attributes:
        name: unique in its set; with the set's name before it, it becomes the row's id.
        split: the set's own, or None: then it is chosen by hash of ``group``.
        group: what must share a split; the text or the name when left out.
    """

    name: str
    text: str | None = None
    image: Path | None = None
    audio: Path | None = None
    labels: Mapping[str, int] = field(default_factory=dict)
    lang: str = ""
    split: str | None = None
    event: str = ""
    group: str = ""


def table_rows(
    path: Path, *, delimiter: str = ",", encoding: str = "utf-8-sig"
) -> Iterator[dict[str, str]]:
    """The rows of a table with a heading.

    Raises:
        DatasetError: there is no such file.
    """
    csv.field_size_limit(2**24)  # forum posts are longer than the default of 128 KiB
    with open_text(path, encoding=encoding) as lines:
        yield from csv.DictReader(lines, delimiter=delimiter)


def open_text(path: Path, *, encoding: str = "utf-8") -> TextIO:
    """Open a text file of a clone.

    Raises:
        DatasetError: there is no such file.
    """
    return require(path).open(encoding=encoding, newline="")


def require(path: Path) -> Path:
    """The path, if it exists.

    Raises:
        DatasetError: it does not.
    """
    if not path.exists():
        raise DatasetError(
            f"{path} is missing; give the folder of a clone of the repository that "
            "`moderation dataset list` names"
        )
    return path
