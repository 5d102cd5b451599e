"""Admins keep accounts and tokens by programs, and what is secret is shown once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.workers.review.conftest import MovableClock
from tests.workers.review.web.api.conftest import NewProgram
from tests.workers.review.web.conftest import NAME, NewVisitor
from workers.review.app import ReviewProcess
from workers.review.store import Role


@pytest.fixture
async def admin(new_program: NewProgram) -> httpx.AsyncClient:
    return await new_program(Role.ADMIN)


async def made(admin: httpx.AsyncClient, name: str, role: Role = Role.REVIEWER) -> dict[str, Any]:
    answer = await admin.post("/accounts", json={"name": name, "role": role})
    assert answer.status_code == 201
    account: dict[str, Any] = answer.json()
    return account


async def token_of(admin: httpx.AsyncClient, account: Mapping[str, Any]) -> dict[str, Any]:
    answer = await admin.post("/tokens", json={"account_id": account["account_id"]})
    assert answer.status_code == 201
    token: dict[str, Any] = answer.json()
    return token


async def opens(client: httpx.AsyncClient, token: str, path: str = "/queues") -> int:
    """What a token gets."""
    answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


async def trail(admin: httpx.AsyncClient) -> str:
    return (await admin.get("/audit", params={"limit": 100})).text


async def newest(admin: httpx.AsyncClient) -> dict[str, Any]:
    """The newest row of the trail."""
    row: dict[str, Any] = (await admin.get("/audit", params={"limit": 1})).json()[0]
    return row


async def test_a_new_account_signs_in_with_the_password_of_the_answer(
    admin: httpx.AsyncClient, new_visitor: NewVisitor
) -> None:
    ben = await made(admin, "ben", Role.SENIOR)
    row = await newest(admin)
    assert (row["event"], row["detail"]) == ("account", {"of": ben["pseudonym"], "add": "senior"})
    assert row["actor"] == (await admin.get("/accounts")).json()[1]["pseudonym"]
    async with new_visitor() as visitor:
        assert (await visitor.sign_in("ben", ben["password"])).status_code == 303
    assert ben["password"] not in await trail(admin)
    assert ben["password"] not in (await admin.get("/accounts")).text


@pytest.mark.parametrize(
    ("wanted", "status", "said"),
    [
        ({"name": NAME}, 409, "choose another name"),
        ({"name": "Ada Lovelace"}, 422, "body.name"),
        ({"name": "ben", "role": "king"}, 422, "body.role"),
        ({"name": "ben", "password": "of mine"}, 422, "body.password"),
    ],
)
async def test_an_account_that_cannot_be_made_says_why(
    admin: httpx.AsyncClient, wanted: dict[str, str], status: int, said: str
) -> None:
    refused = await admin.post("/accounts", json=wanted)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    assert said in refused.json()["detail"]


async def test_a_new_password_ends_the_logins_of_the_old_one(
    admin: httpx.AsyncClient, new_visitor: NewVisitor
) -> None:
    ben = await made(admin, "ben")
    async with new_visitor() as inside, new_visitor() as outside:
        await inside.sign_in("ben", ben["password"])
        assert (await inside.get("/")).status_code == 200
        reset = await admin.post(f"/accounts/{ben['account_id']}/password")
        assert (await newest(admin))["detail"] == {"of": ben["pseudonym"], "set": "password"}
        assert (await inside.get("/")).status_code == 303
        assert (await outside.sign_in("ben", ben["password"])).status_code == 401
        assert (await outside.sign_in("ben", reset.json()["password"])).status_code == 303
    assert reset.json()["password"] not in await trail(admin)
    assert (await admin.post(f"/accounts/{uuid4()}/password")).status_code == 409


async def test_a_closed_account_is_out_and_its_tokens_stay_out(
    admin: httpx.AsyncClient, new_visitor: NewVisitor
) -> None:
    ben = await made(admin, "ben")
    token = (await token_of(admin, ben))["token"]
    path = f"/accounts/{ben['account_id']}/active"
    async with new_visitor() as visitor:
        await visitor.sign_in("ben", ben["password"])
        assert (await admin.put(path, json={"active": False})).status_code == 204
        assert (await newest(admin))["detail"] == {"of": ben["pseudonym"], "set": "closed"}
        assert (await visitor.get("/")).status_code == 303
        assert (await visitor.sign_in("ben", ben["password"])).status_code == 401
        assert await opens(admin, token) == 401
        refused = await admin.post("/tokens", json={"account_id": ben["account_id"]})
        assert refused.status_code == 409
        await admin.put(path, json={"active": True})
        assert (await visitor.sign_in("ben", ben["password"])).status_code == 303
    assert await opens(admin, token) == 401


async def test_the_last_admin_can_neither_be_closed_nor_step_down(
    process: ReviewProcess, admin: httpx.AsyncClient
) -> None:
    ada = await process.parts.accounts.named(NAME)
    (other,) = [
        one
        for one in (await admin.get("/accounts")).json()
        if one["role"] == "admin" and one["name"] != NAME
    ]
    closed = await admin.put(f"/accounts/{ada.account_id}/active", json={"active": False})
    assert closed.status_code == 204
    mine = f"/accounts/{other['account_id']}"
    for refused in (
        await admin.put(f"{mine}/active", json={"active": False}),
        await admin.put(f"{mine}/role", json={"role": "reviewer"}),
    ):
        assert refused.status_code == 409
        assert "only admin" in refused.json()["detail"]


@pytest.mark.parametrize(("role", "status"), [("auditor", 204), ("king", 422)])
async def test_admins_change_roles(new_program: NewProgram, role: str, status: int) -> None:
    admin, other = await new_program(Role.ADMIN), await new_program(Role.REVIEWER)
    (someone,) = [
        each for each in (await admin.get("/accounts")).json() if each["role"] == "reviewer"
    ]
    assert "password_hash" not in someone
    path = f"/accounts/{someone['account_id']}/role"
    assert (await other.put(path, json={"role": "admin"})).status_code == 403
    assert (await admin.put(path, json={"role": role})).status_code == status
    assert (await other.get("/figures")).status_code == (200 if role == "auditor" else 403)


async def test_a_token_does_what_its_account_may_until_it_is_revoked(
    admin: httpx.AsyncClient,
) -> None:
    ben = await made(admin, "ben")
    token = await token_of(admin, ben)
    issued = (await newest(admin))["detail"]
    assert (issued["set"], issued["of"]) == ("issued", ben["pseudonym"])
    assert await opens(admin, token["token"]) == 200
    assert await opens(admin, token["token"], "/tokens") == 403

    listed = (await admin.get("/tokens")).json()
    assert [one["token_id"] for one in listed].count(token["token_id"]) == 1
    assert token["token"] not in str(listed)
    assert (await admin.delete(f"/tokens/{token['token_id']}")).status_code == 204
    revoked = await newest(admin)
    assert revoked["detail"] == {"set": "revoked", "token": token["token_id"]}
    assert revoked["actor"] is not None
    assert await opens(admin, token["token"]) == 401
    assert token["token_id"] not in (await admin.get("/tokens")).text
    assert (await admin.delete(f"/tokens/{token['token_id']}")).status_code == 409
    assert not re.search(r"moderation_[\w-]{20,}", await trail(admin))


async def test_a_token_makes_none_that_outlasts_it(
    admin: httpx.AsyncClient, clock: MovableClock
) -> None:
    """The caller's own is of a day."""
    ben = await made(admin, "ben")
    longer = await admin.post("/tokens", json={"account_id": ben["account_id"], "days": 2})
    assert longer.status_code == 409
    assert "makes none that lasts longer" in longer.json()["detail"]
    clock.advance(timedelta(hours=1))
    token = await token_of(admin, ben)
    assert token["expires_at"].startswith("2026-05-05T12:00:00")
    over = await admin.post("/tokens", json={"account_id": ben["account_id"], "days": 0})
    assert over.status_code == 422
