"""Settings of the review console."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from workers.settings import settings_config


class ReviewSettings(BaseSettings):
    """Where the console listens, what it keeps, and how long a reviewer may hold an item."""

    model_config = settings_config("MODERATION_REVIEW_")

    host: str = Field("127.0.0.1", description="Address that the console listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port; 0 picks a free one.")
    database_url: str = Field(
        "sqlite+aiosqlite:///review-data/review.db",
        repr=False,
        description="SQLAlchemy URL: `sqlite+aiosqlite:///FILE` or "
        "`postgresql+asyncpg://USER:PASSWORD@HOST/NAME`.",
    )
    media_dir: Path | None = Field(
        None, description="Folder of the object store that media keys are relative to."
    )
    max_media_bytes: int = Field(
        32 * 1024 * 1024, ge=1, description="Largest medium that is shown, in bytes."
    )
    account_name: str = Field(
        "reviewer",
        pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$",
        description="Login name of the account that the first start makes.",
    )
    account_password: SecretStr | None = Field(
        None,
        min_length=12,
        description="Its password; when empty, one is generated and printed once.",
    )
    behind_https: bool = Field(
        False,
        description="Set when browsers reach the console by https: cookies become Secure "
        "and HSTS is sent.",
    )
    session_hours: float = Field(10.0, gt=0, description="Hours until a login ends: one shift.")
    lease_seconds: float = Field(
        120.0,
        ge=10,
        description="Seconds that a claim holds without a heartbeat; the open page sends one "
        "every quarter of it.",
    )
    login_failures_allowed: int = Field(
        5, ge=1, description="Failed logins of one name from one address in 15 minutes."
    )
