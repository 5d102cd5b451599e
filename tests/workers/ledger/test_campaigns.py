"""Campaigns: who is told of how many authors and posts, whatever order texts come in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from schemas import Action, Campaign, Verdict, VerdictSource, VerdictStatus
from tests.workers.ledger.records import NOON, a_verdict
from workers.ledger.campaign_watch import CampaignWatch
from workers.ledger.campaigns import MAX_REMEMBERED, CampaignSeen, TextRow, TextSeen
from workers.ledger.metrics import LedgerMetrics
from workers.ledger.state import MAX_CAMPAIGNS, AuthorState

WINDOW = timedelta(hours=6)
KEY = "0123456789abcdef"
FEWEST = 3


class Watch:
    """A watch over a table that is a dictionary, and the authors' rows that it leads to."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}
        self.authors: dict[str, AuthorState] = {}
        self.registry = CollectorRegistry()
        self._watch = CampaignWatch(self.table, FEWEST, WINDOW, LedgerMetrics(self.registry))

    def take(self, verdict: Verdict, *, crash: bool = False) -> list[str]:
        """Who was told."""
        told = []
        for seen in TextSeen.of(verdict):
            row, messages = self._watch.enter(seen)
            if crash:
                return []
            for message in messages:
                known = self.authors.get(message.author_id, AuthorState())
                self.authors[message.author_id] = known.with_campaign(message)
                told.append(message.author_id)
            self._watch.told(seen, row)
        return told

    def campaign(self, author: str) -> Campaign | None:
        return self.authors.get(author, AuthorState()).signals(author).campaign

    def found(self) -> float | None:
        return self.registry.get_sample_value("moderation_ledger_campaigns_total")


def a_text(number: int, *, author: int | None = None, after: timedelta | None = None) -> Verdict:
    """The text's post ``number``, a minute after the last one, by an author of its own."""
    return a_verdict(
        post=f"post-{number}",
        author=f"author-{number if author is None else author}",
        after=timedelta(minutes=number) if after is None else after,
        text_keys=(KEY,),
    )


def after(*verdicts: Verdict) -> Watch:
    watch = Watch()
    for verdict in verdicts:
        watch.take(verdict)
    return watch


def extent(campaign: Campaign | None) -> tuple[int, int] | None:
    return None if campaign is None else (campaign.authors, campaign.posts)


def test_authors_and_posts_are_counted_once_each() -> None:
    watch = after(a_text(0), a_text(1), a_text(1), a_text(2), a_text(3, author=2))

    assert extent(watch.campaign("author-2")) == (3, 4)


def test_fewer_authors_are_no_campaign_however_much_they_post() -> None:
    watch = after(*(a_text(number, author=number % 2) for number in range(20)))

    assert watch.authors == {}
    assert watch.found() == 0


def test_who_posted_first_is_told_when_the_campaign_comes_up_and_whenever_it_doubles() -> None:
    watch = Watch()
    told = [watch.take(a_text(number)) for number in range(7)]

    assert [len(one) for one in told] == [0, 0, 3, 1, 1, 6, 1]
    assert extent(watch.campaign("author-0")) == (6, 6)
    assert watch.found() == 1


def test_texts_out_of_the_window_count_no_more() -> None:
    late = [a_text(number, after=WINDOW + timedelta(minutes=number)) for number in (2, 3, 4)]
    watch = after(a_text(0), a_text(1), *late)

    assert extent(watch.campaign("author-4")) == (3, 3)


def test_a_campaign_that_does_not_go_on_ends() -> None:
    watch = after(*map(a_text, range(3)))
    author = watch.authors["author-0"]

    assert author.signals("author-0").campaign is not None
    later = author.by(NOON + timedelta(minutes=2) + WINDOW)
    assert later.signals("author-0").campaign is None


def test_a_person_a_withdrawal_and_a_post_without_keys_say_nothing_of_texts() -> None:
    human = a_verdict(Action.REMOVE, source=VerdictSource.HUMAN, text_keys=(KEY,))
    withdrawn = a_verdict(status=VerdictStatus.WITHDRAWN, text_keys=(KEY,))

    assert [TextSeen.of(one) for one in (human, withdrawn, a_verdict())] == [(), (), ()]


def test_a_row_stays_small_and_counts_end_there() -> None:
    watch = after(*map(a_text, range(3 * MAX_REMEMBERED)))
    row = TextRow.from_bytes(watch.table[KEY.encode()])

    assert row.size == (MAX_REMEMBERED, MAX_REMEMBERED)
    assert f"author-{3 * MAX_REMEMBERED - 1}" in row.authors  # the newest stay


def test_after_a_crash_between_the_row_and_the_telling_all_are_told_again() -> None:
    watch = after(a_text(0), a_text(1))
    watch.take(a_text(2), crash=True)

    assert watch.take(a_text(2)) == ["author-0", "author-1", "author-2"]
    assert extent(watch.campaign("author-0")) == (3, 3)


def test_a_late_text_that_is_too_old_makes_nobody_miss_the_news() -> None:
    watch = after(a_text(0), a_text(1))
    watch.take(a_text(2), crash=True)

    assert len(watch.take(a_text(3, after=-2 * WINDOW))) == 3


def test_an_author_remembers_the_latest_campaigns_and_tells_the_largest() -> None:
    author = AuthorState()
    for number in range(2 * MAX_CAMPAIGNS):
        campaign = Campaign(
            authors=50 - number, posts=60, until=NOON + WINDOW + timedelta(minutes=number)
        )
        author = author.with_campaign(
            CampaignSeen(
                author_id="author-1", text_key=f"{number:016x}", campaign=campaign, decided_at=NOON
            )
        )

    assert len(author.campaigns) == MAX_CAMPAIGNS
    assert extent(author.signals("author-1").campaign) == (50 - MAX_CAMPAIGNS, 60)


@st.composite
def texts(draw: st.DrawFn) -> list[Verdict]:
    numbers = st.integers(0, 11)
    return draw(
        st.lists(
            st.builds(
                lambda post, minutes: a_text(
                    post, author=post // 2, after=timedelta(minutes=minutes)
                ),
                numbers,
                st.integers(0, 600),
            ),
            min_size=1,
            max_size=30,
        )
    )


@settings(deadline=None)
@given(texts(), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_what_is_remembered(
    verdicts: list[Verdict], random: Random
) -> None:
    def remembered(some: Iterable[Verdict]) -> tuple[object, object]:
        row = TextRow.from_bytes(after(*some).table[KEY.encode()])
        return row.authors, row.posts

    again = [*verdicts, *random.sample(verdicts, k=len(verdicts) // 2)]
    random.shuffle(again)
    assert remembered(again) == remembered(verdicts)


@settings(deadline=None)
@given(texts())
def test_a_replay_over_what_is_remembered_changes_nothing(verdicts: list[Verdict]) -> None:
    watch = after(*verdicts)
    table = dict(watch.table)

    for verdict in verdicts:
        watch.take(verdict)
    assert watch.table == table
    told = [campaign for name in watch.authors if (campaign := watch.campaign(name)) is not None]
    assert all(one.authors <= len({it.author_id for it in verdicts}) for one in told)
    assert all(one.posts <= len({it.post_id for it in verdicts}) for one in told)
