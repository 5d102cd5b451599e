"""What an author may ask for, by programs: page by page, kept in the trail, admins alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from schemas import Action
from tests.workers.review.conftest import MovableClock
from tests.workers.review.samples import appeal, escalation, post, verdict
from tests.workers.review.web.api.conftest import NewProgram
from workers.review.app import ReviewProcess
from workers.review.store import Role

EVE = {"author_id": "eve-1"}
POSTS = [post(f"e-{number}", author_id="eve-1") for number in range(3)]


@pytest.fixture(autouse=True)
async def _posts_of_two(process: ReviewProcess, clock: MovableClock) -> None:
    await process.parts.intake.record([escalation(POSTS[0]), escalation(POSTS[1])])
    clock.advance(timedelta(minutes=1))
    await process.parts.intake.record([escalation(POSTS[2]), escalation(post("m-1"))])
    removed = post("e-9", author_id="eve-1")
    await process.parts.appeals.record([appeal(verdict(removed, action=Action.REMOVE), removed)])


async def test_pages_hold_all_of_an_author_and_nothing_of_others(new_program: NewProgram) -> None:
    admin = await new_program(Role.ADMIN)
    where: dict[str, object] = {"limit": 2}
    pages = []
    while True:
        page = (await admin.post("/authors/export", json=EVE | where)).json()
        pages.append(page)
        if page["next"] is None:
            break
        where["after"] = page["next"]

    held = [item["post_id"] for page in pages for item in page["items"]]
    assert sorted(held) == ["e-0", "e-1", "e-2", "e-9"]
    assert [len(page["appeals"]) for page in pages] == [1, *[0] * (len(pages) - 1)]
    assert pages[0]["appeals"][0]["statement"] == "It was a joke among friends."
    first = pages[0]["items"][0]
    assert first["escalation"]["post"]["text"] == POSTS[0].text
    assert first["decision"] is None
    beyond = await admin.post("/authors/export", json=EVE | {"after": str(uuid4())})
    assert beyond.json()["items"] == []


async def test_a_decision_is_told_under_a_pseudonym(new_program: NewProgram) -> None:
    admin, reviewer = await new_program(Role.ADMIN), await new_program(Role.REVIEWER)
    item = escalation(POSTS[0]).verdict.verdict_id
    number = (await reviewer.post(f"/items/{item}/claim")).json()["number"]
    await reviewer.post(f"/items/{item}/decision", json={"claim": number, "action": "allow"})
    page = (await admin.post("/authors/export", json=EVE)).json()
    (told,) = [one["decision"] for one in page["items"] if one["decision"]]
    assert told["action"] == "allow"
    assert told["reviewer"].startswith("reviewer-")
    assert page["next"] is None


async def test_an_author_is_erased_and_the_trail_says_by_whom_and_not_who(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    admin = await new_program(Role.ADMIN)
    await admin.post("/authors/export", json=EVE)
    assert (await admin.post("/authors/erase", json=EVE)).json() == {"items": 4}
    left = (await admin.post("/authors/export", json=EVE)).json()
    assert (left["items"], left["appeals"]) == ([], [])
    assert len(await process.parts.queue.open_items()) == 1

    rows = (await admin.get("/audit", params={"limit": 100})).json()
    asked = [row for row in rows if row["event"] == "export"]
    assert [row["detail"] for row in asked] == [{"items": "0"}, {"items": "4"}]
    (erased,) = [row for row in rows if row["detail"] == {"items": "4"} and row not in asked]
    assert erased["event"] == "erase"
    assert erased["actor"] == asked[0]["actor"] is not None
    assert "eve-1" not in str(rows)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_nobody_else_gets_or_erases_an_authors_data(
    process: ReviewProcess, new_program: NewProgram, role: Role
) -> None:
    program = await new_program(role)
    for path in ("/authors/export", "/authors/erase"):
        refused = await program.post(path, json=EVE)
        assert refused.status_code == 403
        assert role in refused.json()["detail"]
    assert len(await process.parts.queue.open_items()) > 1


async def test_a_name_that_is_none_is_refused(new_program: NewProgram) -> None:
    admin = await new_program(Role.ADMIN)
    for wanted in ({}, {"author_id": ""}, {"author_id": "e v e"}, EVE | {"limit": 1_000}):
        assert (await admin.post("/authors/export", json=wanted)).status_code == 422
    assert (await admin.post("/authors/erase", json={"author": "eve"})).status_code == 422
