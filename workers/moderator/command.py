"""Command line of the GPU worker."""

from __future__ import annotations

import sys

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of the GPU worker."""
    app.command("worker")(worker)


def worker() -> None:
    """Judge posts: consume `posts`, produce `verdicts`, `escalations` and dead letters.

    Settings come from the environment (`MODERATION_WORKER_…`, `MODERATION_KAFKA_…`); README lists
    them. SIGTERM drains, commits and ends with code 0; an error ends with code 1.
    """
    from workers.moderator.process import run

    sys.exit(run())
