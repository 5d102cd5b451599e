"""``moderation rollout``: try another model beside the live one, promote it, take it back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from workers.rollout.limits import MAX_CHANGED, MIN_POSTS, Limits

LOCAL_WORKER: Final = ("127.0.0.1:9101",)
"""With its default settings."""

Addresses: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WORKER]...",
        help="host:port of each worker; that of this machine if left out.",
        envvar="MODERATION_STATUS_ADDRESSES",
    ),
]
Group: TypeAlias = Annotated[
    str, typer.Option(envvar="MODERATION_WORKER_GROUP", help="Consumer group of the workers.")
]
By: TypeAlias = Annotated[
    str, typer.Option(envvar="USER", help="Who asks, for the record; the login name if left out.")
]
MinPosts: TypeAlias = Annotated[
    int, typer.Option(min=0, help="Posts that must have been scored by both models.")
]
MaxChanged: TypeAlias = Annotated[
    float, typer.Option(min=0, max=1, help="Share of them that may get another action.")
]


def register(app: typer.Typer) -> None:
    """Add ``moderation rollout`` with its commands."""
    rollout = typer.Typer(
        no_args_is_help=True, help="Try another model beside the live one, promote it, go back."
    )
    rollout.command("start")(start)
    rollout.command("status")(status)
    rollout.command("promote")(promote)
    rollout.command("rollback")(rollback)
    app.add_typer(rollout, name="rollout")


def start(
    folder: Annotated[
        Path, typer.Argument(help="The model's folder; the workers have one of the same name.")
    ],
    *,
    compared: Annotated[
        float, typer.Option(min=0.0001, max=1, help="Share of the posts that both models score.")
    ] = 0.1,
    group: Group = "moderator",
    by: By = "operator",
) -> None:
    """Have the workers load a model and compare it with the live one. It judges no post yet.

    Settings: MODERATION_KAFKA_*.
    """
    from workers.rollout.work import started_or_exit

    typer.echo(started_or_exit(folder, compared, group, by))


def status(
    addresses: Addresses = None,
    *,
    min_posts: MinPosts = MIN_POSTS,
    max_changed: MaxChanged = MAX_CHANGED,
    group: Group = "moderator",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object only.")] = False,
) -> None:
    """Show who judges what, how the two models compare, and what speaks against the next stage.

    Settings: MODERATION_KAFKA_*.
    """
    from workers.rollout.work import show_or_exit

    limits = Limits(min_posts, max_changed)
    show_or_exit(addresses or LOCAL_WORKER, limits, group, as_json=json)


def promote(
    addresses: Addresses = None,
    *,
    min_posts: MinPosts = MIN_POSTS,
    max_changed: MaxChanged = MAX_CHANGED,
    group: Group = "moderator",
    by: By = "operator",
    force: Annotated[
        bool, typer.Option("--force", help="Whatever speaks against it; it is told.")
    ] = False,
) -> None:
    """Let the candidate judge more posts: 1 %, 10 %, 50 %, all; once more lets the old model go.

    Refused, with the reasons and exit code 1, where too few posts are compared, too many get
    another action, a model failed, or a worker has not got the candidate.

    Settings: MODERATION_KAFKA_*.
    """
    from workers.rollout.work import promoted_or_exit

    limits = Limits(min_posts, max_changed)
    typer.echo(promoted_or_exit(addresses or LOCAL_WORKER, limits, group, by, force=force))


def rollback(*, group: Group = "moderator", by: By = "operator") -> None:
    """Take the candidate back at once; after its end, put the model before it in force again.

    Settings: MODERATION_KAFKA_*.
    """
    from workers.rollout.work import rolled_back_or_exit

    typer.echo(rolled_back_or_exit(group, by))
