"""Child processes: started with their settings, watched, and stopped in good order."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from workers.demo.errors import PortTakenError, ProcessFailedError

STOP_SECONDS: Final = 30.0
"""From SIGTERM to SIGKILL: what an orchestrator grants too; the worker drains in less."""

_PROBE_SECONDS: Final = 0.2
_PROBE_TIMEOUT: Final = aiohttp.ClientTimeout(total=5.0)
_LOG_TAIL_LINES: Final = 15


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. ``environment`` is added to this process's own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_url: str | None = None
    """Answers 200 once the process does its work; without it, a started process is ready."""

    @classmethod
    def moderation(
        cls, command: str, *, environment: Mapping[str, str], ready_url: str | None = None
    ) -> Program:
        """One of our own commands, in the interpreter that runs this."""
        call = [sys.executable, "-c", "from workers.cli import main; main()", command]
        return cls(command, call, environment, ready_url)


class Child:
    """A running program, whose output goes to ``log_dir/NAME.log``."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process, log: Path) -> None:
        self.program = program
        self.log = log
        self._process = process

    @classmethod
    async def start(cls, program: Program, log_dir: Path) -> Child:
        """Start the program; ``log_dir`` exists, and a log that is there is continued."""
        log = log_dir / f"{program.name}.log"
        return cls(program, await _launch(program, log), log)

    async def start_again(self) -> None:
        """Start the program anew after it has ended."""
        self._process = await _launch(self.program, self.log)

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.returncode is not None

    def check(self) -> None:
        """Do nothing while the process runs.

        Raises:
            ProcessFailedError: it has ended; the message holds the end of its log.
        """
        if self.has_ended:
            raise ProcessFailedError(
                f"the {self.program.name} ended with exit code {self._process.returncode}\n"
                f"{self.log_tail()}"
            )

    async def wait_ready(self, within_seconds: float) -> None:
        """Wait until the process says that it does its work.

        Raises:
            ProcessFailedError: it ended, or did not get there in time.
        """
        if self.program.ready_url is None:
            return
        deadline = time.monotonic() + within_seconds
        last = "no answer"
        async with aiohttp.ClientSession(timeout=_PROBE_TIMEOUT) as session:
            while True:
                self.check()
                try:
                    async with session.get(self.program.ready_url) as response:
                        if response.ok:
                            return
                        last = (await response.text()).strip()
                except (aiohttp.ClientError, TimeoutError) as error:
                    last = type(error).__name__
                if time.monotonic() > deadline:
                    raise ProcessFailedError(
                        f"the {self.program.name} was not ready within {within_seconds:g} s "
                        f"({self.program.ready_url}: {last})\n{self.log_tail()}"
                    )
                await asyncio.sleep(_PROBE_SECONDS)

    async def kill(self) -> None:
        """SIGKILL, as a machine that loses power does it."""
        if not self.has_ended:
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, time to drain, and only then SIGKILL; SIGKILL too when this is cancelled."""
        if self.has_ended:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
        except asyncio.CancelledError:
            self._process.kill()
            raise

    def log_tail(self) -> str:
        """The last lines of the log, and where it lies."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([*lines[-_LOG_TAIL_LINES:], f"(whole log: {self.log})"])


async def _launch(program: Program, log: Path) -> asyncio.subprocess.Process:
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **program.environment},
            # Ctrl-C reaches a whole process group; children are asked to stop by us, once, because
            # a second signal tells them to leave without draining.
            start_new_session=True,
        )


def require_free(host: str, port: int, *, what: str, variable: str) -> None:
    """Make sure that a port can be listened on.

    Args:
        host: address that will be bound.
        port: the port.
        what: who wants to listen there, in words.
        variable: the environment variable that moves it elsewhere.

    Raises:
        PortTakenError: somebody listens there already.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(
                f"port {port} on {host}, wanted for the {what}, is taken ({error.strerror}); stop "
                f"what listens there, or choose another: {variable}=PORT moderation up"
            ) from error
