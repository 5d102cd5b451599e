"""The dead letters that the topic holds, each under an id by which an operator names it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from schemas import TOPICS, DeadLetter, ErrorClass
from workers.dead_letters.errors import DeadLettersError
from workers.personal_data import masked_line, masked_preview
from workers.settings import KafkaSettings
from workers.streams import read_topic

KEY_DIGITS: Final = 8
"""Hexadecimal digits of a key's digest: one author in four thousand million has the same."""


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A dead letter, and where it stands on its topic."""

    partition: int
    offset: int
    letter: DeadLetter

    @property
    def id(self) -> str:
        """As an operator names it."""
        return f"{self.partition}:{self.offset}"

    @property
    def origin(self) -> str:
        """Where the record first stood."""
        letter = self.letter
        return masked_line(f"{letter.topic}/{letter.partition}/{letter.offset}")

    @property
    def key(self) -> str:
        """The key's digest: the same author is recognised, and not named."""
        if self.letter.key is None:
            return "none"
        return hashlib.sha256(self.letter.key).hexdigest()[:KEY_DIGITS]

    @property
    def reason(self) -> str:
        """Why it was set aside."""
        return masked_line(self.letter.reason)

    @property
    def headers(self) -> str:
        """Names of the record's headers, by comma; their values may hold anything."""
        return masked_line(", ".join(header.name for header in self.letter.headers)) or "none"

    def preview(self, characters: int) -> str:
        """The beginning of the record, masked."""
        return masked_preview(self.letter.value, characters)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters are meant; without any word, all."""

    ids: Collection[str] = ()
    error_class: ErrorClass | None = None
    since: datetime | None = None

    def holds(self, stored: StoredLetter) -> bool:
        """Whether the letter is one of them."""
        letter = stored.letter
        return (
            (not self.ids or stored.id in self.ids)
            and (self.error_class is None or letter.error_class is self.error_class)
            and (self.since is None or letter.failed_at >= self.since)
        )


async def read_letters(kafka: KafkaSettings, choice: Choice) -> list[StoredLetter]:
    """The letters that are meant, in the order in which they were set aside.

    Raises:
        DeadLettersError: one of the ids is not on the topic, or a record there is no dead letter.
        StreamsError: the broker does not hand them out.
    """
    found = []
    async for record in read_topic(kafka, TOPICS.dead_letter, client_id="moderation-dead-letters"):
        try:
            letter = DeadLetter.from_bytes(record.value or b"")
        except ValidationError:
            raise DeadLettersError(
                f"{record.partition}:{record.offset} of {kafka.topic(TOPICS.dead_letter)} is no "
                "dead letter of the contract; who wrote it?"
            ) from None
        stored = StoredLetter(record.partition, record.offset, letter)
        if choice.holds(stored):
            found.append(stored)
    missing = set(choice.ids) - {stored.id for stored in found}
    if missing:
        raise DeadLettersError(
            f"no dead letter {', '.join(sorted(missing))}: `moderation dead-letters list` shows "
            "the ids; what is older than the topic's retention is gone"
        )
    return sorted(found, key=lambda stored: stored.letter.failed_at)
