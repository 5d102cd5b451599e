"""Statements into files, each of which is one call to the Transparency Database's API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workers.review.dsa.statement import StatementOfReasons
from workers.review.dsa.writing import Terms, write_statement
from workers.review.store import Statements

BATCH_STATEMENTS: Final = 100
"""Of one call to the endpoint that takes several; the API refuses more."""


@dataclass(frozen=True, slots=True)
class ExportCount:
    """What an export wrote."""

    files: int = 0
    statements: int = 0
    outside: int = 0
    """Restrictions that hold in no country of the EU or EEA; they are reported to nobody."""


async def export_statements(statements: Statements, terms: Terms, folder: Path) -> ExportCount:
    """Write every statement that was not exported before, in files of :data:`BATCH_STATEMENTS`.

    The order is: write a file whole, then note its statements as exported. A crash between the two
    writes the same statements again under the same names (``puid``), of which the database takes
    none twice; the file has the same name then, too, as it is called after the first of them.
    """
    count = ExportCount()
    while rows := await statements.unexported(BATCH_STATEMENTS):
        written = [write_statement(row, terms) for row in rows]
        reported = [statement for statement in written if statement is not None]
        if reported:
            _write(folder, reported)
        await statements.mark_exported(rows)
        count = ExportCount(
            count.files + bool(reported),
            count.statements + len(reported),
            count.outside + len(rows) - len(reported),
        )
    return count


def _write(folder: Path, statements: Sequence[StatementOfReasons]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    body = {"statements": [statement.payload() for statement in statements]}
    file = folder / f"statements-{statements[0].puid}.json"
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    unfinished.replace(file)
