"""A certificate authority of a test's own, and what it signed."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

EXTENSIONS = "subjectAltName=DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files."""

    authority: Path
    server: Path
    """Certificate and key, the key in PKCS #8 as Kafka wants it."""
    client: Path
    client_key: Path
    """Encrypted."""
    password: str = "key to the key"


def make_certificates(folder: Path) -> Certificates:
    """An authority, a server on 127.0.0.1, and a client whose key is encrypted."""
    made = Certificates(
        *(folder / name for name in ("ca.pem", "server.pem", "client.pem", "client.key"))
    )
    key = folder / "ca.key"
    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2")
    _openssl(*new, "-nodes", "-subj", "/CN=test authority", "-keyout", key, "-out", made.authority)
    signed = (*new, "-CA", made.authority, "-CAkey", key)
    server_key = folder / "server.key"
    _openssl(
        *(*signed, "-nodes", "-subj", "/CN=localhost", "-addext", EXTENSIONS),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
        *("-keyout", server_key, "-out", made.server),
    )
    with made.server.open("a", encoding="ascii") as chain:
        chain.write(server_key.read_text(encoding="ascii"))
    _openssl(
        *(*signed, "-passout", f"pass:{made.password}", "-subj", "/CN=moderation"),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
        *("-keyout", made.client_key, "-out", made.client),
    )
    return made


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
