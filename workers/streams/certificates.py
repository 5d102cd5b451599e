"""When the certificates expire that a process shows the brokers and trusts them by."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from workers.settings import KafkaSettings

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

# Tags of DER (ITU-T X.690), and where RFC 5280, section 4.1, has a certificate's validity.
_VERSION_TAG: Final = 0xA0
_UTC_TIME_TAG: Final = 0x17
_LONG_LENGTH: Final = 0x80
_VALIDITY: Final = 3
"""After serial number, signature and issuer; the optional version is left out."""


class _Expiry(Collector):
    def __init__(self, files: dict[str, float]) -> None:
        self._files = files

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a file."""
        family = GaugeMetricFamily(
            "moderation_certificate_expiry_timestamp_seconds",
            "Unix time at which the first certificate of the file expires, as the process read it.",
            labels=("file",),
        )
        for name, moment in self._files.items():
            family.add_metric((name,), moment)
        yield family


def watch_certificates(kafka: KafkaSettings, registry: CollectorRegistry) -> None:
    """Show when the files of ``ssl_ca_file`` and ``ssl_certificate_file`` expire.

    They are read once, as the process itself does: who replaces one must restart the process.
    """
    files = [path for path in (kafka.ssl_ca_file, kafka.ssl_certificate_file) if path is not None]
    registry.register(_Expiry({path.name: first_expiry(path).timestamp() for path in files}))


def first_expiry(path: Path) -> datetime:
    """When the first of a PEM file's certificates expires.

    Raises:
        ValueError: it holds no certificate.
    """
    found = _PEM.findall(path.read_text(encoding="ascii", errors="replace"))
    if not found:
        raise ValueError(f"{path} holds no certificate in PEM")
    return min(_expiry(ssl.PEM_cert_to_DER_cert(one)) for one in found)


def _expiry(certificate: bytes) -> datetime:
    ((_, whole),) = _elements(certificate)
    (_, signed), *_ = _elements(whole)
    fields = [content for tag, content in _elements(signed) if tag != _VERSION_TAG]
    _, (tag, written) = _elements(fields[_VALIDITY])
    # RFC 5280 writes years from 2050 on with four digits, so that two are never ambiguous.
    layout = "%y%m%d%H%M%SZ" if tag == _UTC_TIME_TAG else "%Y%m%d%H%M%SZ"
    return datetime.strptime(written.decode("ascii"), layout).replace(tzinfo=UTC)


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements that follow each other in DER: their tags and contents."""
    place = 0
    while place < len(der):
        tag, length, place = der[place], der[place + 1], place + 2
        if length & _LONG_LENGTH:
            size = length & ~_LONG_LENGTH
            length, place = int.from_bytes(der[place : place + size]), place + size
        yield tag, der[place : place + length]
        place += length
