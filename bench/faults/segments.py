"""What the broker's own log files say of transactions, record by record.

Clients hide it: a reader of committed records sees no aborted one, and no client hands out the
markers that end a transaction. So the files are read (record batches of magic 2, as
https://kafka.apache.org/documentation/#recordbatch lays them out).
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from bench.faults.facts import Place, Transactions

_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
_LENGTH_END: Final = 12
"""Where the bytes begin that a batch's length counts: after its first offset and the length."""

_MAGIC: Final = 2
_TRANSACTIONAL: Final = 0x10
_CONTROL: Final = 0x20
_MARKER: Final = struct.Struct(">hh")
_ABORT: Final = 0


class Batch(NamedTuple):
    """One batch of a log file. ``marker`` is how it ends its producer's transaction, if it does."""

    first: int
    last: int
    producer: int
    transactional: bool
    marker: int | None


@dataclass(slots=True)
class Offsets:
    """Of one partition, by what became of them."""

    aborted: set[int] = field(default_factory=set)
    unended: set[int] = field(default_factory=set)
    outside: set[int] = field(default_factory=set)


def read_transactions(records_dir: Path, topics: Iterable[str]) -> Transactions:
    """What became of every record of the topics.

    Args:
        records_dir: ``log.dirs`` of the broker; it may run, as what it has taken is in the files.
        topics: full names.
    """
    found: dict[str, set[Place]] = {"aborted": set(), "unended": set(), "outside": set()}
    for topic in topics:
        for folder in sorted(records_dir.glob(f"{topic}-*")):
            name, _, partition = folder.name.rpartition("-")
            if name != topic or not partition.isdecimal():
                continue
            offsets = classify(read_batches(folder))
            for kind, places in found.items():
                places.update(Place(topic, int(partition), o) for o in getattr(offsets, kind))
    return Transactions(**{kind: frozenset(places) for kind, places in found.items()})


def classify(batches: Iterable[Batch]) -> Offsets:
    """Follow each producer from its first record to the marker."""
    offsets = Offsets()
    begun: dict[int, set[int]] = defaultdict(set)
    for batch in batches:
        if batch.marker is not None:
            ended = begun.pop(batch.producer, set())
            if batch.marker == _ABORT:
                offsets.aborted |= ended
        elif batch.transactional:
            begun[batch.producer].update(range(batch.first, batch.last + 1))
        else:
            offsets.outside.update(range(batch.first, batch.last + 1))
    offsets.unended.update(*begun.values())
    return offsets


def read_batches(folder: Path) -> Iterator[Batch]:
    """The batches of a partition's files, in their order.

    Raises:
        ValueError: a file holds batches of another version.
    """
    for log in sorted(folder.glob("*.log")):
        content, at = log.read_bytes(), 0
        # The last batch may still be on its way into the file.
        while at + _HEADER.size <= len(content):
            first, length, _, magic, _, attributes, span, _, _, producer, *_ = _HEADER.unpack_from(
                content, at
            )
            end = at + _LENGTH_END + length
            if end > len(content):
                break
            if magic != _MAGIC:
                raise ValueError(f"{log} holds a batch of magic {magic} at byte {at}")
            control = attributes & _CONTROL
            yield Batch(
                first=first,
                last=first + span,
                producer=producer,
                transactional=bool(attributes & _TRANSACTIONAL),
                marker=_marker(content, at + _HEADER.size) if control else None,
            )
            at = end


def _marker(content: bytes, at: int) -> int:
    """The kind of a control record: abort or commit."""
    at = _after_varint(content, at)  # length of the record
    at += 1  # attributes
    for _ in ("timestamp", "offset", "length of the key"):
        at = _after_varint(content, at)
    _, kind = _MARKER.unpack_from(content, at)
    return int(kind)


def _after_varint(content: bytes, at: int) -> int:
    while content[at] & 0x80:
        at += 1
    return at + 1
