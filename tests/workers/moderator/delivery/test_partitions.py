"""A record goes where every other Kafka client would send it."""

from __future__ import annotations

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from workers.moderator.delivery.partitions import murmur2, partition_of


@given(st.binary(max_size=200))
def test_hash_is_that_of_kafka(key: bytes) -> None:
    assert murmur2(key) == reference(key)


@given(st.binary(max_size=40), st.integers(1, 50))
def test_key_goes_to_the_partition_that_clients_choose_by_default(key: bytes, count: int) -> None:
    partitions = list(range(count))
    chosen = DefaultPartitioner()(key, partitions, partitions)
    assert partition_of(key, partitions) == chosen


def test_record_without_a_key_goes_to_any_partition() -> None:
    assert {partition_of(None, [3, 4]) for _ in range(200)} == {3, 4}
