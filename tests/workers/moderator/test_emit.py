"""Answers go to their topics under their keys, and count only once the broker has them."""

from __future__ import annotations

import pytest
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from schemas import Action, DeadLetter, ErrorClass, Escalation, Verdict
from tests.workers.moderator.making import (
    NOON,
    VERSIONS,
    RecordingProducer,
    make_decision,
    make_post,
    make_record,
)
from workers.moderator.emit import Answer, EmitStage
from workers.moderator.errors import BrokerLostError
from workers.moderator.judge import Circumstances, Judgement, judge
from workers.moderator.records import dead_letter
from workers.settings import KafkaSettings


def stage(producer: RecordingProducer) -> EmitStage:
    return EmitStage(producer, KafkaSettings(topic_prefix="t."), lambda: NOON)


def judgement(action: Action = Action.ALLOW) -> Judgement:
    by = Circumstances(versions=VERSIONS, now=NOON)
    return judge(make_post(), (), make_decision(action), by)


async def test_verdict_and_escalation_go_out_under_the_post_id() -> None:
    producer = RecordingProducer()
    answer = Answer(make_record(b"{}"), judgement(Action.REVIEW))
    assert await stage(producer).send([answer]) == [answer]
    (verdict, escalation) = producer.sent
    assert verdict[:2] == ("t.verdicts", b"post-1")
    assert escalation[:2] == ("t.escalations", b"post-1")
    assert Escalation.from_bytes(escalation[2]).verdict == Verdict.from_bytes(verdict[2])


async def test_dead_letter_goes_out_under_the_key_of_its_record() -> None:
    producer = RecordingProducer()
    record = make_record(b"broken", key=b"\xff\x00")
    letter = dead_letter(record, ErrorClass.NOT_JSON, "no JSON", NOON)
    await stage(producer).send([Answer(record, letter)])
    ((topic, key, value, _),) = producer.sent
    assert (topic, key) == ("t.posts.dead-letter", b"\xff\x00")
    assert DeadLetter.from_bytes(value).value == b"broken"


async def test_trace_of_the_post_is_carried_on_and_nothing_else() -> None:
    producer = RecordingProducer()
    headers = (("traceparent", b"00-1-2-01"), ("x-internal", b"secret"))
    await stage(producer).send([Answer(make_record(b"{}", headers=headers), judgement())])
    assert producer.sent[0][3] == [("traceparent", b"00-1-2-01")]


async def test_answer_too_large_for_its_topic_becomes_a_dead_letter() -> None:
    producer = RecordingProducer(
        lambda topic, _: MessageSizeTooLargeError() if topic == "t.verdicts" else None
    )
    (sent,) = await stage(producer).send([Answer(make_record(b"{}"), judgement())])
    assert isinstance(sent.outcome, DeadLetter)
    assert sent.outcome.error_class is ErrorClass.INTERNAL
    assert [topic for topic, *_ in producer.sent] == ["t.posts.dead-letter"]


async def test_dead_letter_too_large_for_its_topic_stops_the_worker_with_what_to_do() -> None:
    producer = RecordingProducer(lambda _topic, _value: MessageSizeTooLargeError())
    with pytest.raises(BrokerLostError, match=r"raise its max\.message\.bytes"):
        await stage(producer).send([Answer(make_record(b"{}"), judgement())])


async def test_broker_that_does_not_acknowledge_stops_the_worker_and_makes_no_dead_letter() -> None:
    producer = RecordingProducer(lambda _topic, _value: KafkaTimeoutError("40 s"))
    with pytest.raises(BrokerLostError, match="uncommitted"):
        await stage(producer).send([Answer(make_record(b"{}"), judgement())])
    assert producer.sent == []
