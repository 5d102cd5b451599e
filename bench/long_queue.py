"""A database full of open items, for timing the console."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from schemas import (
    Action,
    Escalation,
    Modality,
    Post,
    Reason,
    ReasonKind,
    Sampling,
    Timings,
    Verdict,
    VerdictStatus,
    Versions,
    verdict_id,
)
from workers.review.store import Database, Item
from workers.review.store.intake import new_item
from workers.review.store.tables import Content, ItemState

MADE: Final = 2_000
"""Items that are made in full."""
QUEUES: Final = ("default", "safety", "spam-wave", "appeals")


def made_escalation(number: int, now: datetime) -> Escalation:
    """An open item as the moderator makes it; text, scores and age vary with the number."""
    luck = random.Random(number)  # noqa: S311 - draws of made-up posts
    post = Post(
        post_id=f"post-{number}",
        author_id=f"author-{number % 20_000}",
        created_at=now,
        text=" ".join(luck.choices(("a", "word", "after", "another", "每", "一", "句"), k=60)),
        language=luck.choice(("en", "zh", "de")),
        reach=luck.randrange(1, 100_000),
    )
    score = luck.uniform(0.4, 0.9)
    waited = timedelta(seconds=luck.randrange(48 * 3_600))
    reason = Reason(
        kind=ReasonKind.MODEL,
        action=Action.REVIEW,
        category="toxicity",
        score=score,
        threshold=0.4,
        shares={Modality.TEXT: 1.0},
    )
    verdict = Verdict(
        verdict_id=verdict_id(post.post_id, 1, "bench", "bench"),
        post_id=post.post_id,
        revision=1,
        author_id=post.author_id,
        status=VerdictStatus.COMPLETE,
        action=Action.REVIEW,
        model_action=Action.REVIEW,
        scores={"toxicity": score, "hate": luck.random() / 2, "spam": luck.random() / 2},
        reasons=(reason,),
        modalities=(Modality.TEXT,),
        versions=Versions(model="bench", policy="bench"),
        timings=Timings(record_age=0.1),
        sampling=Sampling(sampled=False, inclusion_probability=0.0),
        language=post.language,
        decided_at=now,
    )
    return Escalation(
        verdict=verdict,
        post=post,
        queue=luck.choice(QUEUES),
        priority=luck.uniform(0.5, 50.0),
        escalated_at=now - waited,
        due_at=now - waited + timedelta(hours=4),
    )


async def fill(url: str, items: int, wanted: int) -> list[UUID]:
    """Migrate, and write open items past the intake, whose speed is not the question here.

    Some are made in full and the rest are copies under names, authors and ranks of their own.
    Returns the names of some, drawn at random.
    """
    database = Database.from_url(url)
    await database.migrate()
    await database.close()
    engine = create_async_engine(url)
    columns = [column.name for column in Item.__table__.columns]
    now = datetime.now(UTC)
    made = [made_escalation(number, now) for number in range(min(items, MADE))]
    rows = [new_item(each, ItemState.OPEN, now) for each in made]
    async with engine.begin() as connection:
        await connection.execute(
            insert(Item), [{name: getattr(row, name) for name in columns} for row in rows]
        )
        contents = [
            {"verdict_id": each.verdict.verdict_id, "escalation": each.to_bytes().decode()}
            for each in made
        ]
        await connection.execute(insert(Content), contents)
        await _copy(connection, columns, items)
    async with engine.connect() as connection:
        await connection.execute(text("COMMIT"))
        await connection.execute(text("VACUUM ANALYZE"))
        drawn = await connection.scalars(
            text("SELECT verdict_id FROM items ORDER BY random() LIMIT :wanted"),
            {"wanted": wanted},
        )
        names = list(drawn.all())
    await engine.dispose()
    return names


async def _copy(connection: AsyncConnection, columns: Sequence[str], items: int) -> None:
    """Copy the items that are there until there are as many as asked for."""
    changed = {
        "verdict_id": "copy.name",
        "subject": "copy.name",
        "cluster": "copy.name",
        "post_id": "post_id || '-' || copy.number",
        "author_id": "author_id || '-' || copy.number % 50",
        "rank": "rank + random() * 20 - 10",
        "content_hash": "md5(copy.name::text) || md5(copy.number::text)",
    }
    values = ", ".join(changed.get(name, f"item.{name}") for name in columns)
    for statement in (
        (
            "CREATE TEMPORARY TABLE copy ON COMMIT DROP AS SELECT gen_random_uuid() AS name, "
            "verdict_id AS original, number FROM items, generate_series(1, :copies) AS number "
            "LIMIT :missing"
        ),
        (
            f"INSERT INTO items ({', '.join(columns)}) SELECT {values} FROM copy "  # noqa: S608 - names of our own columns; no value is put in
            "JOIN items AS item ON item.verdict_id = copy.original"
        ),
        (
            "INSERT INTO contents (verdict_id, escalation) SELECT copy.name, "
            "replace(content.escalation, copy.original::text, copy.name::text) "
            "FROM copy JOIN contents AS content ON content.verdict_id = copy.original"
        ),
    ):
        asked = {"copies": items // MADE, "missing": max(0, items - MADE)}
        await connection.execute(text(statement), asked if ":copies" in statement else {})
