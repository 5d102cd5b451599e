"""Command line of the review console: ``moderation review …`` and ``moderation review-user …``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from workers.review.records_command import register as register_records
from workers.review.roles import Role

if TYPE_CHECKING:
    from workers.review.app import Access, ReviewProcess
    from workers.review.store import Accounts

Password = Annotated[
    str | None,
    typer.Option(
        envvar="MODERATION_REVIEW_USER_PASSWORD",
        help="At least 12 characters. Without it, one is generated and printed.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of the review console."""
    console = typer.Typer(
        invoke_without_command=True,
        callback=review,
    )
    console.command("migrate")(migrate)
    register_records(console)
    app.add_typer(console, name="review")
    users = typer.Typer(no_args_is_help=True, help="Accounts of the review console.")
    users.command("add")(add_user)
    users.command("password")(set_password)
    users.command("role")(set_role)
    users.command("close")(close_account)
    users.command("open")(open_account)
    users.command("token")(issue_token)
    users.command("revoke")(revoke_token)
    app.add_typer(users, name="review-user")


def review(context: typer.Context) -> None:
    """The review console. Without a command: serve it, escalations in, people's decisions out."""
    if context.invoked_subcommand is not None:
        return
    import asyncio

    from workers.review.errors import ReviewError
    from workers.review.server import serve
    from workers.review.settings import ReviewSettings
    from workers.settings import KafkaSettings
    from workers.streams import LogFormat, configure_logging

    settings = ReviewSettings()
    log_format: LogFormat = "json" if settings.json_logs else "text"
    configure_logging("review", level=settings.log_level, log_format=log_format)
    try:
        asyncio.run(serve(settings, KafkaSettings(), _announce))
    except ReviewError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def migrate() -> None:
    """Bring the database to the newest schema and end: for a job that runs before the consoles.

    A console does so too when it starts; where the database is there already, nothing changes.
    """
    import asyncio

    from workers.review.app import open_access
    from workers.review.settings import ReviewSettings

    async def run() -> None:
        async with open_access(ReviewSettings()):
            typer.echo("The database has the newest schema.")

    asyncio.run(run())


def add_user(
    name: str,
    password: Password = None,
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.REVIEWER,
) -> None:
    """Make an account."""
    chosen, generated = _password(password)
    _with_accounts(lambda accounts: accounts.add(name, chosen, role))
    _print_credentials(name, chosen if generated else None)


def set_password(name: str, password: Password = None) -> None:
    """Give a reviewer a new password; their logins end."""
    chosen, generated = _password(password)

    async def change(accounts: Accounts) -> None:
        await accounts.set_password((await accounts.named(name)).account_id, chosen)

    _with_accounts(change)
    _print_credentials(name, chosen if generated else None)


def set_role(name: str, role: Role) -> None:
    """Give an account another role."""

    async def change(accounts: Accounts) -> None:
        await accounts.set_role((await accounts.named(name)).account_id, role)

    _with_accounts(change)
    print(f"Account {name} is {role} now.", flush=True)


def close_account(name: str) -> None:
    """Close an account: nobody comes in with it, and its logins and tokens end."""
    _with_accounts(lambda accounts: _set_active(accounts, name, active=False))
    print(f"Account {name} is closed.", flush=True)


def open_account(name: str) -> None:
    """Open a closed account again. Its tokens stay ended."""
    _with_accounts(lambda accounts: _set_active(accounts, name, active=True))
    print(f"Account {name} is open.", flush=True)


async def _set_active(accounts: Accounts, name: str, *, active: bool) -> None:
    await accounts.set_active((await accounts.named(name)).account_id, active=active)


def issue_token(
    name: str,
    label: Annotated[str, typer.Option(help="What it is for.")] = "api",
    days: Annotated[int, typer.Option(min=1, max=3650, help="Until it is over.")] = 90,
) -> None:
    """Make a token for the API; it may do what the account's role may."""

    async def issue(access: Access) -> None:
        account = await access.accounts.named(name)
        token, secret = await access.tokens.issue(
            account.account_id, label, lifetime=timedelta(days=days)
        )
        print(f"Token {token.token_id} of {name} until {token.expires_at:%Y-%m-%d}:", flush=True)
        print(f"{secret} (shown this once)", flush=True)

    _with_access(issue)


def revoke_token(token_id: UUID) -> None:
    """End a token of the API at once."""
    _with_access(lambda access: access.tokens.revoke(token_id))
    print(f"Token {token_id} is revoked.", flush=True)


def _announce(process: ReviewProcess, url: str) -> None:
    print(f"Review console: {url}", flush=True)
    if process.first_account:
        _print_credentials(process.first_account.name, process.first_account.password)


def _print_credentials(name: str, password: str | None) -> None:
    shown = f"password {password} (shown this once)" if password else "the password that you gave"
    print(f"Account {name}, {shown}", flush=True)


def _password(given: str | None) -> tuple[str, bool]:
    from workers.review.store.credentials import generated_password

    return (given, False) if given else (generated_password(), True)


def _with_accounts(change: Callable[[Accounts], Coroutine[Any, Any, object]]) -> None:
    _with_access(lambda access: change(access.accounts))


def _with_access(change: Callable[[Access], Coroutine[Any, Any, object]]) -> None:
    import asyncio

    from workers.review.app import open_access
    from workers.review.errors import AccountError
    from workers.review.settings import ReviewSettings

    async def run() -> None:
        async with open_access(ReviewSettings()) as access:
            await change(access)

    try:
        asyncio.run(run())
    except AccountError as error:
        raise typer.BadParameter(str(error)) from None
