"""What a platform produces: a post, a new revision of one, or its withdrawal."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.base import (
    Base64,
    Identifier,
    Instant,
    Message,
    Name,
    Part,
    PostText,
)

MAX_IMAGES: Final = 16
MAX_AUDIO: Final = 4
MAX_INLINE_BYTES: Final = 512 * 1024
"""Bytes of one inline medium. Base64 of two such still fits Kafka's default of 1 MiB a record only
barely, so anything larger goes by reference (the claim-check pattern)."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
MediaType = Annotated[str, StringConstraints(max_length=100, pattern=r"^[\w.+-]+/[\w.+-]+$")]
ObjectKey = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
MediaUrl = Annotated[str, StringConstraints(max_length=2048, pattern=r"^https://")]
LanguageTag = Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z0-9-]+$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Op(StrEnum):
    """What the record asks for."""

    UPSERT = "upsert"
    DELETE = "delete"


class Media(Part):
    """A picture or a sound: inline, or by reference to an object store or an https address.

    Exactly one of ``data``, ``key`` and ``url`` is set. A reference should carry ``sha256``, so
    that what is judged is what was posted.
    """

    data: Annotated[Base64, Field(max_length=MAX_INLINE_BYTES)] | None = None
    key: ObjectKey | None = None
    url: MediaUrl | None = None
    sha256: Sha256 | None = None
    media_type: MediaType | None = None

    @model_validator(mode="after")
    def _exactly_one_source(self) -> Self:
        given = [name for name in ("data", "key", "url") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"set exactly one of data, key and url; got {', '.join(given) or 'none'}"
            )
        return self


class Post(Message):
    """A user's post. Keyed by ``author_id`` on the topic ``posts``.

    ``revision`` grows by one with each edit; the verdict of the newest revision is the effective
    one. ``op: delete`` withdraws the post and carries no content.
    """

    post_id: Identifier
    revision: Annotated[int, Field(ge=1, le=2**53)] = 1
    op: Op = Op.UPSERT
    author_id: Identifier
    created_at: Instant
    surface: Name = "feed"
    language: LanguageTag | None = None
    region: RegionCode | None = None
    text: PostText | None = None
    images: Annotated[tuple[Media, ...], Field(max_length=MAX_IMAGES)] = ()
    audio: Annotated[tuple[Media, ...], Field(max_length=MAX_AUDIO)] = ()
    reach: Annotated[int, Field(ge=0, le=2**53)] = 0

    @model_validator(mode="after")
    def _content_fits_op(self) -> Self:
        has_content = bool(self.text or self.images or self.audio)
        if self.op is Op.DELETE and has_content:
            raise ValueError("op is delete: leave text, images and audio out")
        if self.op is Op.UPSERT and not has_content:
            raise ValueError("a post needs text, images or audio; to withdraw it set op to delete")
        return self
