"""What names or reaches a person is masked for everybody whose role needs no more."""

from __future__ import annotations

import pytest

from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import escalation, post
from tests.workers.review.web.conftest import NewVisitor
from workers.review.app import ReviewProcess
from workers.review.store import Role

ITEM = escalation().verdict.verdict_id


@pytest.mark.parametrize("role", Role)
async def test_only_the_roles_that_may_see_personal_data_get_it(
    process: ReviewProcess, new_visitor: NewVisitor, role: Role
) -> None:
    await process.parts.accounts.add("somebody", PASSWORD, role)
    await process.parts.intake.record(
        [escalation(post(text="Tell @jo or jo@example.org, you muppet."))]
    )
    async with new_visitor() as visitor:
        await visitor.sign_in("somebody")
        page = (await visitor.get(f"/items/{ITEM}")).text

    assert "you muppet" in page
    seen = role in {Role.SENIOR, Role.ADMIN}
    assert ("jo@example.org" in page) is seen
    assert ("masked for your role" in page) is not seen
