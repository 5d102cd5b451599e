"""The wire trips where it is armed, once, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import EndTxnRequest, InitProducerIdRequest

from bench.faults.steps import Fate, Moment, Request, Step, Tripwire

END = EndTxnRequest(transactional_id="t", producer_id=1, producer_epoch=0, transaction_result=True)


def produce_to(topic: str) -> ProduceRequest:
    return ProduceRequest("t", -1, 1000, [(topic, [(0, b"")])])


async def sent_by(requests: list[Any], step: Step) -> list[str]:
    """What happens in order: a broker that answers everything, and a wire armed at one step."""
    happened: list[str] = []

    def send(_connection: object, request: Any, expect_response: bool = True) -> Any:
        del expect_response
        happened.append(f"{type(request).__name__} sent")

        async def answer() -> str:
            happened.append(f"{type(request).__name__} answered")
            return "answer"

        return answer()

    wire = Tripwire(frozenset({"verdicts"}), happened.append)
    with patch.object(AIOKafkaConnection, "send", send), wire.watching():
        wire.arm(step, Fate.DIE)
        for request in requests:
            assert await AIOKafkaConnection.send(None, request) == "answer"
    return happened


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (Moment.BEFORE, ["die", "EndTxnRequest sent", "EndTxnRequest answered"]),
        (Moment.SENT, ["EndTxnRequest sent", "die", "EndTxnRequest answered"]),
        (Moment.ANSWERED, ["EndTxnRequest sent", "EndTxnRequest answered", "die"]),
    ],
)
async def test_each_moment_is_where_it_says(moment: Moment, expected: list[str]) -> None:
    assert await sent_by([END], Step(Request.END, moment)) == expected


async def test_the_wire_trips_once() -> None:
    assert (await sent_by([END, END], Step(Request.END, Moment.BEFORE))).count("die") == 1


async def test_other_requests_pass() -> None:
    assert "die" not in await sent_by([END], Step(Request.OFFSETS, Moment.BEFORE))


async def test_produce_requests_count_only_where_they_go_to_the_topics_of_answers() -> None:
    step = Step(Request.PRODUCE, Moment.BEFORE)
    assert "die" not in await sent_by([produce_to("quotas")], step)
    assert "die" in await sent_by([produce_to("verdicts")], step)


async def test_only_transactional_producers_begin_an_epoch() -> None:
    step = Step(Request.BEGIN_EPOCH, Moment.BEFORE)
    plain, transactional = InitProducerIdRequest(None, 0), InitProducerIdRequest("t", 0)
    assert "die" not in await sent_by([plain], step)
    assert "die" in await sent_by([plain, transactional], step)


async def test_a_request_that_fails_has_no_answer_to_die_at() -> None:
    met: list[Fate] = []

    async def fail() -> None:
        raise ConnectionError

    wire = Tripwire(frozenset(), met.append)
    with patch.object(AIOKafkaConnection, "send", lambda *_, **__: fail()), wire.watching():
        wire.arm(Step(Request.END, Moment.ANSWERED), Fate.DIE)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(AIOKafkaConnection.send(None, END), 5)
    assert not met
