"""What names or reaches a person is masked; what people say to each other is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import escalation, post
from tests.workers.review.web.conftest import NewVisitor
from workers.review.app import ReviewProcess
from workers.review.store import Role
from workers.review.web.personal_data import masked

ITEM = escalation().verdict.verdict_id


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Write to jo.smith+x@mail.example.org!", "Write to [mail address]!"),
        ("jo (at) example (dot) org", "[mail address]"),
        ("联系我abc@qq.com谢谢", "联系我[mail address]谢谢"),
        ("Ask @jo_smith.", "Ask [handle]."),
        ("＠小明", "[handle]"),
        ("Call +44 20 7946 0018 now", "Call [phone number] now"),
        ("Call (030) 1234-5678", "Call [phone number]"),
        ("电话13800138000", "电话[phone number]"),
        ("+49 1234567", "[phone number]"),
    ],
)
def test_what_reaches_a_person_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "You are a muppet and everybody knows it.",
        "In 2024 and 2025 it cost 1,299.99 €",
        "At 12:30, 50 % off",
        "a @ b",
        "mail me at home",
        "",
    ],
)
def test_what_people_say_is_left_alone(text: str) -> None:
    assert masked(text) == text


@given(
    before=st.text(max_size=40),
    local=st.from_regex(r"[a-z][a-z0-9.]{0,20}[a-z]", fullmatch=True),
    domain=st.from_regex(r"[a-z]{2,20}\.(org|com|example)", fullmatch=True),
)
def test_no_address_survives_in_any_company(before: str, local: str, domain: str) -> None:
    assert f"{local}@{domain}" not in masked(f"{before} {local}@{domain} and so on")


@pytest.mark.parametrize("role", Role)
async def test_only_the_roles_that_may_see_personal_data_get_it(
    process: ReviewProcess, new_visitor: NewVisitor, role: Role
) -> None:
    await process.accounts.add("somebody", PASSWORD, role)
    await process.intake.record([escalation(post(text="Tell @jo or jo@example.org, you muppet."))])
    async with new_visitor() as visitor:
        await visitor.sign_in("somebody")
        page = (await visitor.get(f"/items/{ITEM}")).text

    assert "you muppet" in page
    seen = role in {Role.SENIOR, Role.ADMIN}
    assert ("jo@example.org" in page) is seen
    assert ("masked for your role" in page) is not seen
