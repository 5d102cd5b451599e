"""A wave of near-identical escalations makes clusters of a size that one decision can cover."""

from __future__ import annotations

from tests.workers.review.conftest import Store
from tests.workers.review.samples import escalation, post
from workers.review.store.clusters import MOST_MEMBERS

SPAM = "This one weird trick made me rich in a week; write to me and I tell you how it is done."


async def test_a_full_cluster_takes_no_more_and_another_begins(store: Store) -> None:
    copies = [escalation(post(f"c-{number}", text=SPAM)) for number in range(MOST_MEMBERS + 2)]
    await store.intake.record(copies)
    gathered = await store.queue.gathered(await store.queue.open_items())
    assert sorted(each.others for each in gathered.values()) == [1, MOST_MEMBERS - 1]
