"""A change of a bank: a line of one of its files.

``delta.jsonl`` holds the additions since the base, ``words.jsonl`` what people said of matches.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from rules.banks.errors import BankError

DELTA_FILE: Final = "delta.jsonl"
WORDS_FILE: Final = "words.jsonl"


class Change(BaseModel):
    """An addition, or a word: on an entry (``confirm``, ``deny``) or on the bank (``trust``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["add", "confirm", "deny", "trust"]
    entry: str = ""
    """Its id; empty where the whole bank is meant."""
    rows: list[str] = []
    """Of an addition: rows in hexadecimal (the bytes of float32 numbers for an embedding)."""
    by: str = ""
    decision: str = ""
    """Id of the decision in which a reviewer said so: said again it counts once. A curator's word
    has none."""

    @property
    def line(self) -> str:
        """As a file has it."""
        return json.dumps(self.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n"


def read_changes(path: Path) -> list[Change]:
    """The changes that a file holds, in order; none where there is no file.

    Raises:
        BankError: a line cannot be read.
    """
    if not path.exists():
        return []
    changes = []
    # Not splitlines(): an id may hold one of the other characters that end a line for it.
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    for number, line in enumerate(lines if any(lines) else (), start=1):
        try:
            changes.append(Change.model_validate_json(line))
        except ValidationError as error:
            raise BankError(f"{path}:{number}: this is no change of a bank: {error}") from error
    return changes
