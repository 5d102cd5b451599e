"""Every route, every role: who gets in, and who is turned away."""

from __future__ import annotations

import pytest

from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import escalation
from tests.workers.review.web.conftest import NewVisitor, Visitor
from workers.review.app import ReviewProcess
from workers.review.store import Role
from workers.review.web.permissions import PERMISSIONS, may

ITEM = escalation().verdict.verdict_id
EVERYBODY = set(Role)
DECIDERS = {Role.REVIEWER, Role.SENIOR, Role.ADMIN}

WHO_MAY = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/queue"): EVERYBODY,
    ("GET", "/items/{verdict_id}"): EVERYBODY,
    ("GET", "/items/{verdict_id}/media/{modality}/{index}"): EVERYBODY,
    ("POST", "/next"): DECIDERS,
    ("POST", "/items/{verdict_id}/claim"): DECIDERS,
    ("POST", "/items/{verdict_id}/heartbeat"): DECIDERS,
    ("POST", "/items/{verdict_id}/release"): DECIDERS,
    ("POST", "/items/{verdict_id}/decide"): DECIDERS,
    ("GET", "/figures"): EVERYBODY - {Role.REVIEWER},
    ("GET", "/figures.csv"): EVERYBODY - {Role.REVIEWER},
    ("GET", "/audit"): {Role.AUDITOR, Role.ADMIN},
    ("GET", "/accounts"): {Role.ADMIN},
    ("POST", "/accounts/{account_id}/role"): {Role.ADMIN},
    ("POST", "/logout"): EVERYBODY,
}
"""Written again on purpose: a slip in the console's own table fails here."""
OPEN_TO_ANYONE = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/metrics"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}


def routes(process: ReviewProcess) -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, methods in process.app.openapi()["paths"].items()
        for method in methods
    }


def test_every_route_has_an_entry_and_every_entry_a_route(process: ReviewProcess) -> None:
    assert routes(process) == set(PERMISSIONS) == set(WHO_MAY) | OPEN_TO_ANYONE


def test_a_route_without_an_entry_is_closed_to_everybody() -> None:
    assert not any(may(role, "GET", "/forgotten") for role in Role)


async def test_a_page_that_the_table_forgot_turns_an_admin_away(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    process.app.add_api_route("/forgotten", lambda: "secret")
    assert (await reviewer.get("/forgotten")).status_code == 403


@pytest.mark.parametrize("role", Role)
async def test_every_role_gets_what_its_row_says_and_nothing_else(
    process: ReviewProcess, new_visitor: NewVisitor, role: Role
) -> None:
    await process.intake.record([escalation()])
    account = await process.accounts.add("somebody", PASSWORD, role)
    got_in = set()
    async with new_visitor() as visitor:
        await visitor.sign_in("somebody")
        for method, path in WHO_MAY:  # signing out comes last
            filled = path.format(
                verdict_id=ITEM, modality="image", index=0, account_id=account.account_id
            )
            form = {"csrf": visitor.csrf, "claim": "1", "action": "allow", "role": role}
            response = await visitor.http.request(
                method, filled, data=form if method == "POST" else None
            )
            assert response.status_code != 401
            if response.status_code != 403:
                got_in.add((method, path))

    assert got_in == {route for route, roles in WHO_MAY.items() if role in roles}


@pytest.mark.parametrize("role", [Role.POLICY, Role.AUDITOR])
async def test_who_may_not_decide_is_offered_nothing_to_decide_with(
    process: ReviewProcess, new_visitor: NewVisitor, role: Role
) -> None:
    await process.intake.record([escalation()])
    await process.accounts.add("somebody", PASSWORD, role)
    async with new_visitor() as visitor:
        await visitor.sign_in("somebody")
        queue, item = await visitor.get("/"), await visitor.get(f"/items/{ITEM}")
    assert "/next" not in queue.text
    assert "/claim" not in item.text
    assert "does not decide" in item.text


async def test_a_new_role_holds_from_the_next_request_on(
    process: ReviewProcess, reviewer: Visitor, new_visitor: NewVisitor
) -> None:
    ben = await process.accounts.add("ben", PASSWORD)
    async with new_visitor() as visitor:
        await visitor.sign_in("ben")
        await reviewer.get("/accounts")
        await reviewer.post(f"/accounts/{ben.account_id}/role", role="auditor")
        assert (await visitor.post("/next")).status_code == 403


async def test_the_last_admin_stays_one(process: ReviewProcess, reviewer: Visitor) -> None:
    (ada,) = await process.accounts.everybody()
    response = await reviewer.post(f"/accounts/{ada.account_id}/role", role="reviewer")
    assert response.status_code == 409
    assert "only admin" in response.text
    unknown = await reviewer.post(f"/accounts/{ada.account_id}/role", role="king")
    assert unknown.status_code == 400
