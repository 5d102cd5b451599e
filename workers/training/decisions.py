"""The wiring of ``moderation decisions``."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path

import typer
from aiokafka.errors import KafkaError
from rich.console import Console

from moderation.evaluation import write_manifest
from moderation.media import CompositeFetcher, FolderFetcher, HttpsFetcher, MediaLimits
from workers.settings import KafkaSettings
from workers.streams import StreamsError
from workers.training.decision_records import DecidedPosts, read_dumps, read_topics
from workers.training.decision_rows import DecidedRows, decided_rows
from workers.training.terminal import plain_errors


def write_decisions(
    output: Path, *, dumps: Sequence[Path], media_root: Path | None, media_hosts: Collection[str]
) -> None:
    """Read, label, write, and say what became of the decisions."""
    console = Console(stderr=True)
    try:
        with plain_errors(console):
            known, decided = asyncio.run(
                _decided(output, dumps=dumps, media_root=media_root, media_hosts=media_hosts)
            )
    except (KafkaError, StreamsError) as error:
        console.print(f"[red]error:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error
    write_manifest(output, decided.rows)
    console.print(f"{len(decided.rows)} of {len(known.decisions)} decisions written to {output}")
    for reason, count in decided.left_out.items():
        console.print(f"left out, {reason}: {count}", highlight=False)
    if known.unreadable:
        console.print(f"records that break the contract: {known.unreadable}", highlight=False)


async def _decided(
    output: Path, *, dumps: Sequence[Path], media_root: Path | None, media_hosts: Collection[str]
) -> tuple[DecidedPosts, DecidedRows]:
    known = read_dumps(dumps) if dumps else await read_topics(KafkaSettings())
    limits = MediaLimits()
    async with HttpsFetcher(media_hosts, limits=limits) as web:
        store = FolderFetcher(media_root, limits) if media_root else None
        fetcher = CompositeFetcher(store=store, web=web)
        media = output.parent / f"{output.name.split('.')[0]}-media"
        return known, await decided_rows(known, media=media, fetcher=fetcher, limits=limits)
