"""The metric tells when certificates expire, so that an alert can."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from workers.settings import KafkaSettings
from workers.streams import watch_certificates
from workers.streams.certificates import first_expiry

METRIC = "moderation_certificate_expiry_timestamp_seconds"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return tmp_path_factory.mktemp("certificates")


def make(path: Path, days: int) -> Path:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-subj", "/CN=test", "-days", str(days)),
            *("-keyout", path.with_suffix(".key"), "-out", path),
        ],
        check=True,
        capture_output=True,
    )
    return path


def openssl_says(path: Path) -> datetime:
    said = subprocess.run(
        ["openssl", "x509", "-noout", "-enddate", "-in", path],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return datetime.strptime(said.strip(), "notAfter=%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)


@pytest.mark.parametrize("days", [2, 40_000])
def test_it_is_what_openssl_says_in_this_century_and_the_next(folder: Path, days: int) -> None:
    path = make(folder / f"{days}.pem", days)

    assert first_expiry(path) == openssl_says(path)


def test_of_a_bundle_the_first_to_expire_counts(folder: Path) -> None:
    long, short = make(folder / "long.pem", 700), make(folder / "short.pem", 30)
    bundle = folder / "bundle.pem"
    bundle.write_text(long.read_text() + short.read_text())

    assert first_expiry(bundle) == openssl_says(short)


def test_a_file_without_a_certificate_is_refused(folder: Path) -> None:
    key = make(folder / "some.pem", 2).with_suffix(".key")

    with pytest.raises(ValueError, match="holds no certificate"):
        first_expiry(key)


def test_the_metric_has_the_files_that_the_settings_name(folder: Path) -> None:
    authority = make(folder / "ca.pem", 30)
    registry = CollectorRegistry()
    watch_certificates(KafkaSettings(security_protocol="SSL", ssl_ca_file=authority), registry)

    shown = registry.get_sample_value(METRIC, {"file": "ca.pem"})
    assert shown == openssl_says(authority).timestamp()


def test_without_certificates_there_is_nothing_to_expire() -> None:
    registry = CollectorRegistry()
    watch_certificates(KafkaSettings(), registry)

    (family,) = registry.collect()
    assert family.name == METRIC
    assert not family.samples
