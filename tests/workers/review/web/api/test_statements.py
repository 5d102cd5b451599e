"""Programs read statements of reasons, page by page, in the words of the database."""

from __future__ import annotations

from uuid import uuid4

from schemas import Action
from tests.workers.review.samples import post, verdict
from tests.workers.review.web.api.conftest import NewProgram
from workers.review.app import ReviewProcess
from workers.review.dsa.statement import StatementOfReasons
from workers.review.store import Role


async def test_pages_hold_every_statement_once(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    restricted = [verdict(post(f"p-{number}"), action=Action.REMOVE) for number in range(5)]
    await process.parts.statements.record(restricted)
    program = await new_program(Role.AUDITOR)
    seen: list[str] = []
    where: dict[str, str | int] = {"limit": 2}
    while (page := (await program.get("/statements", params=where)).json())["next"]:
        for one in page["statements"]:
            StatementOfReasons.model_validate(one)
            seen.append(one["puid"])
        where["after"] = page["next"]
    assert len(seen) == len(set(seen)) == 5
    assert page["statements"] == []
    beyond = await program.get("/statements", params={"after": str(uuid4())})
    assert beyond.json() == {"statements": [], "next": None}


async def test_what_holds_outside_europe_only_is_left_out_and_passed_over(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    hidden = verdict(post("p-1"), action=Action.ALLOW, geo_limit=("US",))
    await process.parts.statements.record([hidden])
    program = await new_program(Role.POLICY)
    page = (await program.get("/statements")).json()
    assert page["statements"] == []
    assert page["next"] is not None
