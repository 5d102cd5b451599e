"""Answers go to their topics under their keys, and count only once the broker has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)

from schemas import RETRY_HEADER, Action, DeadLetter, ErrorClass, Escalation, Retry, Verdict
from tests.support.waiting import eventually_async
from tests.workers.moderator.delivering import Delivering
from tests.workers.moderator.making import (
    NOON,
    PLACE,
    VERSIONS,
    make_decision,
    make_post,
    make_record,
)
from workers.moderator.answers import Answer
from workers.moderator.errors import BrokerLostError
from workers.moderator.judge import Circumstances, Judgement, judge, withdrawal
from workers.moderator.records import Record, dead_letter


@dataclass
class ScriptedCommits:
    """Takes commits, or refuses them."""

    refusal: KafkaError | None = None
    committed: dict[TopicPartition, int] = field(default_factory=dict)

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.committed |= offsets


@dataclass
class House(Delivering):
    """Takes records in, and answers them."""

    commits: ScriptedCommits = field(default_factory=ScriptedCommits)
    topic_prefix: str = "t."

    def take(self, value: bytes = b"{}", **fields: object) -> Record:
        """A record that was taken in."""
        offset = self.watermarks[PLACE].position + self.watermarks[PLACE].span
        epoch = self.watermarks.begin(PLACE, offset)
        self.in_flight.take(1, len(value))
        return make_record(value, offset, epoch=epoch, **fields)

    async def deliver(self, *answers: Answer) -> None:
        await self.delivery.deliver(answers)


def judgement(action: Action = Action.ALLOW) -> Judgement:
    by = Circumstances(versions=VERSIONS, now=NOON)
    return judge(make_post(), (), make_decision(action), by)


async def test_verdict_and_escalation_go_out_under_the_post_id() -> None:
    house = House()
    await house.deliver(Answer(house.take(), judgement(Action.REVIEW)))
    (verdict, escalation) = house.producer.sent
    assert verdict[:2] == ("t.verdicts", b"post-1")
    assert escalation[:2] == ("t.escalations", b"post-1")
    assert Escalation.from_bytes(escalation[2]).verdict == Verdict.from_bytes(verdict[2])


async def test_verdict_on_an_overtaken_revision_never_replaces_the_effective_one() -> None:
    house = House()
    by = Circumstances(versions=VERSIONS, now=NOON)
    overtaken = withdrawal(make_post(revision=3), by, superseded_by=4)
    await house.deliver(Answer(house.take(), overtaken))
    ((topic, key, _, _),) = house.producer.sent
    assert (topic, key) == ("t.verdicts", b"post-1#3")


async def test_dead_letter_goes_out_under_the_key_of_its_record() -> None:
    house = House()
    record = house.take(b"broken", key=b"\xff\x00")
    await house.deliver(Answer(record, dead_letter(record, ErrorClass.NOT_JSON, "no JSON", NOON)))
    ((topic, key, value, _),) = house.producer.sent
    assert (topic, key) == ("t.posts.dead-letter", b"\xff\x00")
    assert DeadLetter.from_bytes(value).value == b"broken"


async def test_post_that_is_put_off_goes_out_as_it_came_with_what_is_known_of_it() -> None:
    house = House()
    record = house.take(b"the post", key=b"author", headers=(("x-own", b"kept"),))
    retry = Retry(
        attempt=1,
        due_at=NOON + timedelta(seconds=2),
        reason="media_unreachable",
        topic="t.posts",
        partition=3,
        offset=0,
        timestamp=NOON,
    )
    await house.deliver(Answer(record, retry))
    ((topic, key, value, headers),) = house.producer.sent
    assert (topic, key, value) == ("t.posts.retry", b"author", b"the post")
    assert headers == [("x-own", b"kept"), (RETRY_HEADER, retry.to_bytes())]


async def test_trace_of_the_post_is_carried_on_and_nothing_else() -> None:
    house = House()
    headers = (("traceparent", b"00-1-2-01"), ("x-internal", b"secret"))
    await house.deliver(Answer(house.take(headers=headers), judgement()))
    assert house.producer.sent[0][3] == [("traceparent", b"00-1-2-01")]


async def test_answer_too_large_for_its_topic_becomes_a_dead_letter() -> None:
    house = House(
        refuse=lambda topic, _: MessageSizeTooLargeError() if topic == "t.verdicts" else None
    )
    await house.deliver(Answer(house.take(), judgement()))
    ((topic, _, value, _),) = house.producer.sent
    assert topic == "t.posts.dead-letter"
    assert DeadLetter.from_bytes(value).error_class is ErrorClass.INTERNAL
    assert house.watermarks[PLACE].position == 1


async def test_dead_letter_too_large_for_its_topic_stops_the_worker_with_what_to_do() -> None:
    house = House(refuse=lambda _topic, _value: MessageSizeTooLargeError())
    with pytest.raises(BrokerLostError, match=r"raise its max\.message\.bytes"):
        await house.deliver(Answer(house.take(), judgement()))


async def test_broker_that_does_not_acknowledge_stops_the_worker_and_makes_no_dead_letter() -> None:
    house = House(refuse=lambda _topic, _value: KafkaTimeoutError("40 s"))
    with pytest.raises(BrokerLostError, match="uncommitted"):
        await house.deliver(Answer(house.take(), judgement()))
    assert house.producer.sent == []
    assert house.watermarks[PLACE].position == 0


async def test_answered_prefix_is_committed_once() -> None:
    house = House()
    records = [house.take() for _ in range(3)]
    await house.deliver(Answer(records[0], judgement()), Answer(records[2], judgement()))
    await house.delivery.settle()
    assert house.commits.committed == {PLACE: 1}
    await house.deliver(Answer(records[1], judgement()))
    await house.delivery.settle()
    assert house.commits.committed == {PLACE: 3}
    house.commits.committed.clear()
    await house.delivery.settle()
    assert house.commits.committed == {}


async def test_commit_after_a_rebalance_is_left_to_the_next_owner() -> None:
    house = House(ScriptedCommits(CommitFailedError()))
    await house.deliver(Answer(house.take(), judgement()))
    await house.delivery.settle()
    assert house.watermarks.committable() == {PLACE: 1}


async def test_commit_that_is_refused_for_good_stops_the_worker() -> None:
    house = House(ScriptedCommits(TopicAuthorizationFailedError()))
    await house.deliver(Answer(house.take(), judgement()))
    with pytest.raises(BrokerLostError, match="permissions"):
        await house.delivery.settle()


class NothingCommitted:
    """Of a group that begins."""

    async def committed(self, partition: TopicPartition) -> None:
        """No offset."""

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        raise AssertionError(offsets)


async def test_reading_back_that_fails_is_told_and_holds_nothing_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def recall(_place: TopicPartition, _end: int) -> None:
        raise ZeroDivisionError

    delivery = Delivering(NothingCommitted(), recall=recall).delivery
    delivery.assigned([PLACE], on_fenced=lambda: None)
    assert not delivery.may_read(PLACE)

    async def may_read() -> bool:
        return delivery.may_read(PLACE)

    await eventually_async(may_read, within_seconds=30, describe="the partition may be read")
    assert "an older revision may be judged again" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    await delivery.revoked([PLACE])
