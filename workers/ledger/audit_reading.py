"""Read the audit sample from the broker, without disturbing the ledger that keeps it."""

from __future__ import annotations

from workers.ledger.accuracy import AuditRow
from workers.ledger.settings import LedgerSettings
from workers.ledger.topics import ledger_topics
from workers.settings import KafkaSettings
from workers.streams import read_topic


async def read_audit(kafka: KafkaSettings, settings: LedgerSettings) -> list[AuditRow]:
    """The rows of the audit's table, from its changelog.

    Raises:
        StreamsError: no broker answers, or no ledger has run there yet.
        pydantic.ValidationError: a row is not what this version of the ledger writes.
    """
    topic = ledger_topics(settings).audit_changelog
    newest: dict[bytes, bytes | None] = {}
    async for record in read_topic(kafka, topic, client_id="moderation-ledger-audit"):
        newest[record.key] = record.value
    return [AuditRow.from_bytes(row) for row in newest.values() if row is not None]
