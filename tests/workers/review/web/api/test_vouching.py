"""Of near-identical posts that one decision covers, a person vouches for what they could see."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from schemas import (
    TOPICS,
    Escalation,
    Media,
    Modality,
    NotScanned,
    NotScannedReason,
    ReviewDecision,
    Verdict,
    VerdictStatus,
)
from tests.workers.review.conftest import QUICK_HASHER, MovableClock
from tests.workers.review.samples import escalation, photo, post
from tests.workers.review.web.api.conftest import NewProgram
from tests.workers.review.web.conftest import Visitor
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess, review_process
from workers.review.store import Role

CAT, AGAIN = photo("cat"), photo("cat", kind="JPEG", quality=40)
OUT_OF_REACH = NotScanned(modality=Modality.IMAGE, index=0, reason=NotScannedReason.MISSING)


def of_the_store(name: str, picture: bytes, priority: float) -> Escalation:
    """A post with a picture of the object store, which the machine could not get."""
    kept = Media(key=name, sha256=hashlib.sha256(picture).hexdigest())
    return escalation(
        post(name, text=None, images=(kept,)),
        priority=priority,
        status=VerdictStatus.DEGRADED,
        not_scanned=(OUT_OF_REACH,),
    )


ONE, OTHER = of_the_store("one", CAT, 2.0), of_the_store("other", AGAIN, 1.0)
FIRST, SECOND = ONE.verdict.verdict_id, OTHER.verdict.verdict_id


@pytest.fixture(params=[None, "one", "other"])
async def lost(
    request: pytest.FixtureRequest,
    settings: ReviewSettings,
    process: ReviewProcess,
    clock: MovableClock,
) -> str | None:
    """The picture that is gone from the object store since the items arrived, if any."""
    folder = settings.media_dir or Path()
    (folder / "one").write_bytes(CAT)
    (folder / "other").write_bytes(AGAIN)
    # By another console: this one remembers no picture, as after a restart.
    async with review_process(settings, None, clock=clock, hasher=QUICK_HASHER) as before:
        await before.parts.intake.record([ONE, OTHER])
    gone: str | None = request.param
    if gone is not None:
        (folder / gone).unlink()
    del process  # which made the first account
    return gone


async def vouched_for(process: ReviewProcess) -> set[str]:
    """Posts whose content goes out as seen, with a verdict that is complete."""
    rows = await process.parts.outbox.unsent(10)
    decisions = [
        ReviewDecision.from_bytes(row.value)
        for row in rows
        if row.topic == TOPICS.review_decisions.name
    ]
    verdicts = [Verdict.from_bytes(row.value) for row in rows if row.topic == TOPICS.verdicts.name]
    assert len(decisions) == len(verdicts) == 2
    seen = {told.post_id for told in decisions if told.content_hash is not None}
    complete = {told.post_id for told in verdicts if told.status is VerdictStatus.COMPLETE}
    assert seen == complete
    assert all(told.not_scanned for told in verdicts if told.post_id not in seen)
    return seen


async def test_by_the_page(process: ReviewProcess, reviewer: Visitor, lost: str | None) -> None:
    number = await reviewer.claim(FIRST)
    form = {"claim": number, "action": "allow", "alike": str(SECOND)}
    assert (await reviewer.post(f"/items/{FIRST}/decide", **form)).status_code == 303
    assert await vouched_for(process) == {"one", "other"} - {lost}


async def test_by_the_api(
    process: ReviewProcess, new_program: NewProgram, lost: str | None
) -> None:
    program = await new_program(Role.REVIEWER)
    number = (await program.post(f"/items/{FIRST}/claim")).json()["number"]
    beside = (await program.get(f"/items/{FIRST}")).json()["alike_items"]
    assert [(one["item_id"], one["shown"]) for one in beside] == [(str(SECOND), True)]
    wanted = {"claim": number, "action": "allow", "alike": [str(SECOND)]}
    taken = await program.post(f"/items/{FIRST}/decision", json=wanted)
    assert taken.json()["alike"] == [str(SECOND)]
    assert await vouched_for(process) == {"one", "other"} - {lost}


async def test_of_the_very_same_content_one_look_is_enough(
    settings: ReviewSettings, process: ReviewProcess, reviewer: Visitor
) -> None:
    """Its own copy may be gone: the bytes are those that were shown."""
    folder = settings.media_dir or Path()
    (folder / "one").write_bytes(CAT)
    copy = Media(key="elsewhere", sha256=hashlib.sha256(CAT).hexdigest())
    same = of_the_store("other", CAT, 1.0).model_copy(
        update={"post": post("other", text=None, images=(copy,))}
    )
    await process.parts.intake.record([ONE, same])
    number = await reviewer.claim(FIRST)
    form = {"claim": number, "action": "allow", "alike": str(SECOND)}
    await reviewer.post(f"/items/{FIRST}/decide", **form)
    assert await vouched_for(process) == {"one", "other"}
