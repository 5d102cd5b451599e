"""Files of JSON lines: plain, gzipped, or the standard streams."""

from __future__ import annotations

import codecs
import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Final, TypeVar, cast

from workers.offline.errors import InputError

STANDARD_STREAM: Final = Path("-")

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank. ``place`` is ``FILE:NUMBER``, for messages."""

    place: str
    raw: bytes


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a file; ``-`` is standard input, a name ending in ``.gz`` is gzipped.

    Raises:
        InputError: the file cannot be read.
    """
    name = "<stdin>" if path == STANDARD_STREAM else str(path)
    try:
        with _open_input(path) as file:
            for number, raw in enumerate(file, start=1):
                line = raw.removeprefix(codecs.BOM_UTF8).strip()
                if line:
                    yield Line(f"{name}:{number}", line)
    except FileNotFoundError:
        raise InputError(
            f"{name} does not exist; name a file of JSON lines, or - for stdin"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name} cannot be read: {error}") from error


def count_lines(path: Path) -> int | None:
    """How many lines :func:`read_lines` will give, or None for standard input.

    Raises:
        InputError: the file cannot be read.
    """
    return None if path == STANDARD_STREAM else sum(1 for _ in read_lines(path))


def open_output(path: Path) -> AbstractContextManager[IO[str]]:
    """Open a file for UTF-8 lines; ``-`` is standard output, ``.gz`` is gzipped.

    Raises:
        InputError: it cannot be written.
    """
    if path == STANDARD_STREAM:
        return nullcontext(sys.stdout)
    try:
        if path.suffix == ".gz":
            return cast("IO[str]", gzip.open(path, "wt", encoding="utf-8"))
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; check --output") from error


def folder_of(path: Path) -> Path:
    """What paths in the file are relative to: its folder, or the current one for a stream."""
    return Path.cwd() if path == STANDARD_STREAM else path.resolve().parent


def in_chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of the given size; the last may be shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _open_input(path: Path) -> AbstractContextManager[IO[bytes]]:
    if path == STANDARD_STREAM:
        return nullcontext(sys.stdin.buffer)
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")
