"""Errors of a producer that nobody waits for, which asyncio would log with a stack each."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaProducer


def heard(future: asyncio.Future[object]) -> asyncio.Future[object]:
    """The future, whose error counts as seen even if nobody comes to await it."""
    future.add_done_callback(_hear)
    return future


def hear_failures(producer: AIOKafkaProducer) -> None:
    """Look at what a producer that cannot go on told futures of its own.

    Once it is fenced, aiokafka 0.14 fails the end of the transaction, for which only a commit
    waits, and the turn of each batch that is not sent yet, for which nobody does. It hands out
    neither, so both are taken from inside it.
    """
    transactions, queue = producer._txn_manager, producer._message_accumulator  # noqa: SLF001 - aiokafka hands them out nowhere
    if transactions is not None and (end := transactions.wait_for_transaction_end()) is not None:
        heard(end)
    for batches in queue._batches.values():  # noqa: SLF001 - aiokafka hands them out nowhere
        for batch in batches:
            heard(batch._drain_waiter)  # noqa: SLF001 - aiokafka hands them out nowhere


def _hear(future: asyncio.Future[object]) -> None:
    if not future.cancelled():
        future.exception()
