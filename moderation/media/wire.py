"""What a decoding child and its parent say to each other: lengths, a JSON object, and bytes."""

from __future__ import annotations

import json
import struct
from typing import IO, Any, Final

HEADER: Final = struct.Struct("<IQ")
"""Before each message: bytes of its JSON part and of its body."""

READY: Final = b"+"
"""Written by the child once the decoders are loaded."""

MEMORY: Final = "memory"
"""The error of a task that took more than it was given."""


def send(pipe: IO[bytes], about: dict[str, Any], body: bytes | memoryview) -> None:
    """Write a message."""
    text = json.dumps(about).encode()
    pipe.write(HEADER.pack(len(text), len(body)) + text)
    pipe.write(body)
    pipe.flush()
