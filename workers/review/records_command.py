"""``moderation review export|erase|verify-audit|dsa-export``: what others may ask for."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from workers.review.records import Records

T = TypeVar("T")

AuthorId = Annotated[str, typer.Option("--author", help="The author's id, as posts carry it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("export")(export)
    app.command("erase")(erase)
    app.command("verify-audit")(verify_audit)
    app.command("dsa-export")(dsa_export)


def export(
    author: AuthorId,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; without it, standard output.")
    ] = None,
) -> None:
    """Write what the console holds about an author, as JSON. The audit trail keeps that you did."""
    held = with_records(lambda records: records.author_data.export(author))
    written = json.dumps(held, ensure_ascii=False, indent=2)
    if output is None:
        typer.echo(written)
        return
    output.write_text(f"{written}\n", encoding="utf-8")
    typer.echo(f"{len(held['items'])} items of the author written to {output}")


def erase(
    author: AuthorId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase all content of an author for good. Hashes and decisions stay, without the author."""
    if not yes:
        typer.confirm(f"Erase all content of {author} for good?", abort=True)
    erased = with_records(lambda records: records.erasure.erase_author(author))
    typer.echo(f"{erased} items of the author erased")


def verify_audit(
    anchor: Annotated[
        str | None,
        typer.Option(help="A digest that an earlier run printed: shows whether rows were cut off."),
    ] = None,
) -> None:
    """Check that the audit trail is as it was written. Fails where it was tampered with."""
    found = with_records(lambda records: records.trail.check(anchor))
    if found.broken_at is not None:
        typer.echo(
            f"Row {found.broken_at} does not follow from the {found.rows} rows before it: it was "
            f"changed or added, or a row before it was removed. Compare with a backup.",
            err=True,
        )
    if not found.anchored:
        typer.echo(
            f"No row up to there has the digest {anchor}: rows were removed or rewritten since it "
            f"was noted. Compare with a backup.",
            err=True,
        )
    if not found.sound:
        raise typer.Exit(1)
    typer.echo(f"{found.rows} rows follow from one another. Digest of the last: {found.head}")


def dsa_export(
    folder: Annotated[Path, typer.Argument(help="Where the files go; it is made if need be.")],
) -> None:
    """Write new statements of reasons for the DSA Transparency Database, 100 in a file.

    Each file is the body of one call to the database's endpoint for several statements.
    """
    from workers.review.dsa.export import export_statements
    from workers.review.dsa.terms import terms_of
    from workers.review.settings import ReviewSettings

    terms = terms_of(ReviewSettings())
    count = with_records(lambda records: export_statements(records.statements, terms, folder))
    outside = f"; {count.outside} hold outside the EU and EEA only" if count.outside else ""
    typer.echo(f"{count.statements} statements in {count.files} files in {folder}{outside}")


def with_records(work: Callable[[Records], Coroutine[Any, Any, T]]) -> T:
    """Open the records that the settings name, do the work, close them."""
    import asyncio

    from workers.review.records import open_records
    from workers.review.settings import ReviewSettings

    async def run() -> T:
        async with open_records(ReviewSettings()) as records:
            return await work(records)

    return asyncio.run(run())
