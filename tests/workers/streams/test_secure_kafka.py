"""Every client of ours gets into a real Kafka by password or certificate, and not without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas import TOPICS
from tests.support.kafka import produce, read_records
from tests.support.secure_kafka import PASSWORD, SecureKafka, secure_kafka_or_skip
from workers.settings import KafkaSettings
from workers.streams import TopicError, create_topics

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    with secure_kafka_or_skip(tmp_path_factory.mktemp("secure-kafka")) as kafka:
        yield kafka


async def there_and_back(settings: KafkaSettings) -> None:
    """Admin, producer and consumer, each of which connects by itself."""
    await create_topics(settings, [TOPICS.posts])
    await produce(settings, TOPICS.posts, [(b"author", b"post")])
    assert [record.value for record in await read_records(settings, TOPICS.posts)] == [b"post"]


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
async def test_password_over_tls_opens(kafka: SecureKafka, mechanism: str) -> None:
    await there_and_back(kafka.by_password(mechanism, topic_prefix=f"tls.{mechanism}."))


async def test_certificate_opens(kafka: SecureKafka) -> None:
    await there_and_back(kafka.by_certificate(topic_prefix="certificate."))


async def test_password_in_the_clear_opens_where_it_is_asked_for(kafka: SecureKafka) -> None:
    await there_and_back(
        kafka.by_password(
            topic_prefix="clear.",
            bootstrap_servers=kafka.sasl_plaintext,
            security_protocol="SASL_PLAINTEXT",
            ssl_ca_file=None,
        )
    )


async def test_wrong_password_is_refused_and_not_repeated(kafka: SecureKafka) -> None:
    wrong = "wrong-" + PASSWORD

    with pytest.raises(TopicError) as refused:
        await create_topics(kafka.by_password(sasl_password=wrong), [TOPICS.posts])

    assert wrong not in str(refused.value)


async def test_no_certificate_is_refused(kafka: SecureKafka) -> None:
    bare = kafka.by_certificate(ssl_certificate_file=None, ssl_key_file=None, ssl_key_password=None)

    with pytest.raises(TopicError):
        await create_topics(bare, [TOPICS.posts])


async def test_a_broker_that_an_unknown_authority_signed_is_not_trusted(
    kafka: SecureKafka,
) -> None:
    with pytest.raises(TopicError):
        await create_topics(kafka.by_password(ssl_ca_file=None), [TOPICS.posts])
