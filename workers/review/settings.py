"""Settings of the review console."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from schemas.taxonomy import Category
from workers.review.dsa.vocabulary import EU_COUNTRIES, StatementCategory, Territory
from workers.review.sign_in_settings import SignInSettings
from workers.settings import settings_config


class ReviewSettings(SignInSettings):
    """Where the console listens, what it keeps, and how long a reviewer may hold an item."""

    model_config = settings_config("MODERATION_REVIEW_")

    host: str = Field("127.0.0.1", description="Address that the console listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port; 0 picks a free one.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe level that is logged."
    )
    json_logs: bool = Field(False, description="Write log lines as JSON objects.")
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
    content_days: float = Field(
        180.0,
        gt=0,
        description="Days that a post's content is kept after it was escalated; then only hashes "
        "and the decision stay.",
    )
    appeal_days: float = Field(
        184.0,
        gt=0,
        description="Days in which a verdict can be contested; DSA article 20 asks for six months.",
    )
    terms_name: str = Field(
        "Community guidelines",
        min_length=1,
        max_length=200,
        description="What statements of reasons say that restrictions rest on.",
    )
    terms_url: str | None = Field(
        None, pattern=r"^https://", description="Where the terms can be read."
    )
    territories: Annotated[tuple[Territory, ...], NoDecode] = Field(
        EU_COUNTRIES,
        min_length=1,
        description="EU and EEA countries in which the platform offers its service, by comma.",
    )
    statement_categories: dict[str, StatementCategory] = Field(
        default_factory=dict,
        description="The Transparency Database's category for categories that the policy adds, "
        "as JSON.",
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
    undo_seconds: float = Field(
        10.0,
        ge=0,
        description="Seconds in which a decision can be undone; it is sent after them. "
        "0: at once, for good.",
    )
    second_opinion_rate: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of decisions on which a second reviewer gives a blind opinion.",
    )
    golden_rate: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Share of *Take the next* that hands out a golden post, where there is one.",
    )
    items_a_day: int = Field(
        600, ge=0, description="Items that a person may take on a day (UTC); 0: no cap."
    )
    grave_items_a_day: int = Field(
        120, ge=0, description="Of the grave categories, as many; 0: no cap."
    )
    grave_categories: Annotated[tuple[Category, ...], NoDecode] = Field(
        ("violence", "sexual", "self_harm"),
        description="Categories that are counted as grave, by comma.",
    )
    restricted_categories: Annotated[tuple[Category, ...], NoDecode] = Field(
        ("self_harm",),
        description="Categories that only those reviewers get who agreed to it, by comma.",
    )
    break_after_minutes: float = Field(
        90.0, ge=0, description="Minutes of work after which a break is due; 0: never."
    )
    break_minutes: float = Field(
        10.0, gt=0, description="Minutes without a new item that make a break."
    )
    webhook_attempts: int = Field(
        12,
        ge=1,
        description="Tries to deliver a webhook, at growing distances; 12 take some six hours.",
    )
    login_failures_allowed: int = Field(
        5, ge=1, description="Failed logins of one name from one address in 15 minutes."
    )
    logins_per_minute: int = Field(
        30, ge=1, description="Tries to log in that one address has a minute, right or wrong."
    )
    requests_per_minute: int = Field(
        600,
        ge=1,
        description="Requests that one login has a minute; an open page sends some 16.",
    )

    @field_validator("territories", "grave_categories", "restricted_categories", mode="before")
    @classmethod
    def _by_comma(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(code.strip() for code in value.split(",") if code.strip())
        return value

    def for_the_record(self) -> dict[str, str]:
        """Every setting that is no secret, for the audit trail."""
        secret = {
            name
            for name, field in type(self).model_fields.items()
            if not field.repr or field.annotation == SecretStr | None
        }
        return {name: str(value) for name, value in self.model_dump(exclude=secret).items()}
