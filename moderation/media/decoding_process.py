"""One decoding child as its parent sees it: asked, watched by a clock, and killed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from moderation.media.wire import HEADER, MEMORY, READY, send

Stopped = Literal["time", "memory", "crash"]
"""Why a child ended over a medium."""

START_SECONDS: Final = 120.0
"""To load the decoders: half a second, on a very busy machine a minute."""

CLOSE_SECONDS: Final = 5.0

MAX_ABOUT_BYTES: Final = 16 * 1024
"""Of an answer's JSON part: a sentence and a few numbers."""


class DecodingProcess:
    """A child of its own session, without this process's variables; for one thread at a time.

    Args:
        memory_bytes: that a task may take.
    """

    def __init__(self, memory_bytes: int) -> None:
        packages = Path(__file__).parents[2]
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with a module of ours
            [sys.executable, "-P", "-m", "moderation.media.child", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # None of the worker's variables, which hold secrets. A pool of threads would take
            # 64 MiB of addresses each.
            env={"PYTHONPATH": str(packages), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C is for the worker, which ends its children in order
        )
        self._is_ready = False

    def is_ready(self) -> bool:
        """Wait until the decoders are loaded; whether they are."""
        if not self._is_ready:
            with _Clock(self._process, START_SECONDS):
                self._is_ready = self._stdout.read(len(READY)) == READY
        return self._process.poll() is None and self._is_ready

    def ask(
        self, task: dict[str, Any], raw: bytes, seconds: float, *, most: int
    ) -> tuple[dict[str, Any], bytearray] | Stopped:
        """The answer with a body of at most so many bytes, or why there is none."""
        clock = _Clock(self._process, seconds)
        try:
            with clock:
                send(self._stdin, task, raw)
                about, body = self._read_answer(most)
        except (OSError, EOFError, ValueError):  # a broken pipe, half an answer, or none of ours
            return "time" if clock.has_struck else "crash"
        if clock.has_struck:  # at the last moment: the answer is whole, the child is gone
            self._is_ready = False
        return "memory" if about.get("error") == MEMORY else (about, body)

    def kill(self) -> None:
        """End it; it holds nothing that could be lost."""
        self._process.kill()
        self._process.wait(CLOSE_SECONDS)
        with suppress(OSError):  # what it did not read any more
            self._stdin.close()
        self._stdout.close()

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    @property
    def _stdout(self) -> Any:
        return self._process.stdout

    def _read_answer(self, most: int) -> tuple[dict[str, Any], bytearray]:
        about_length, body_length = HEADER.unpack(self._exactly(HEADER.size))
        if about_length > MAX_ABOUT_BYTES or body_length > most:
            raise ValueError("the child answers too much")
        about = json.loads(self._exactly(about_length))
        if not isinstance(about, dict):
            raise ValueError("the child answers something else")  # noqa: TRY004 - caught with what else a broken child answers
        return about, self._exactly(body_length)

    def _exactly(self, count: int) -> bytearray:
        read = bytearray(count)
        if self._stdout.readinto(read) < count:
            raise EOFError
        return read


class _Clock:
    """Kills a process unless the block ends in time."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.has_struck = False
        self._process = process
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def _strike(self) -> None:
        self.has_struck = True
        self._process.kill()
