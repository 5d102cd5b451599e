"""The latest record of each key of a topic, on disk: as many as its partitions hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

from schemas import Message

M = TypeVar("M", bound=Message)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS latest (
    key TEXT PRIMARY KEY,
    partition INTEGER NOT NULL,
    moment REAL NOT NULL,
    value BLOB NOT NULL
) WITHOUT ROWID;
"""

# One statement whatever the number of keys: it is prepared once.
_FIND: Final = """
SELECT key, value FROM latest WHERE key IN (SELECT value FROM json_each(?)) AND moment > ?
"""

# The store is a copy of a topic and is filled anew at each start, so it need not survive a crash.
_FAST: Final = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"


class Change(NamedTuple, Generic[M]):
    """A record of the topic; ``message`` is None when the key was forgotten."""

    partition: int
    key: str
    message: M | None


class TopicStore(Generic[M]):
    """Messages by key, in an SQLite file. Use it on one thread at a time.

    Args:
        path: of the file; what it holds is thrown away.
        message: the topic's value.
        moment: of a message; from then on it ages.
        keep: age after which a message counts no more.
    """

    def __init__(
        self,
        path: Path,
        message: type[M],
        moment: Callable[[M], datetime],
        keep: timedelta,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        # Opened on one thread, used on another, and never on two at once.
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript(_FAST + _SCHEMA)
        self.message = message
        self._moment = moment
        self._keep = keep

    def find(self, keys: Iterable[str], now: datetime) -> dict[str, M]:
        """The latest message under each key; one without any, or an expired one, is absent."""
        rows = self._database.execute(_FIND, (json.dumps([*keys]), (now - self._keep).timestamp()))
        return {key: self.message.from_bytes(value) for key, value in rows}

    def apply(self, changes: Iterable[Change[M]]) -> None:
        """Take in records of the topic, in their order."""
        database = self._database
        database.execute("BEGIN")
        for partition, key, message in changes:
            if message is None:
                database.execute("DELETE FROM latest WHERE key = ?", (key,))
            else:
                moment = self._moment(message).timestamp()
                database.execute(
                    "INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)",
                    (key, partition, moment, message.to_bytes()),
                )
        database.execute("COMMIT")

    def keep_only(self, partitions: Collection[int], now: datetime) -> None:
        """Forget what came from other partitions, and what has expired."""
        marks = ",".join("?" * len(partitions))
        self._database.execute(
            f"DELETE FROM latest WHERE partition NOT IN ({marks}) OR moment <= ?",  # noqa: S608 - question marks alone are put in
            (*partitions, (now - self._keep).timestamp()),
        )

    def __len__(self) -> int:
        (count,) = self._database.execute("SELECT count(*) FROM latest").fetchone()
        return int(count)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
