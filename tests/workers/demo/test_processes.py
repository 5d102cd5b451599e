"""Children are started, watched and stopped; real processes, small ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.waiting import eventually_async
from workers.demo.errors import PortTakenError, ProcessFailedError
from workers.demo.processes import Child, Program, require_free
from workers.streams import free_ports

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
POLITE = """
import signal, sys, time
def leave(*_):
    print("drained", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("up", flush=True)
time.sleep(60)
"""
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        self.send_response(200 if Handler.asked > 2 else 503)
        self.end_headers()
        self.wfile.write(b"still loading")
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def program(code: str, *arguments: str, ready_url: str | None = None) -> Program:
    return Program("child", [sys.executable, "-c", code, *arguments], ready_url=ready_url)


async def test_a_child_is_ready_when_its_url_answers_200(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}/readyz"
    child = await Child.start(program(SERVER, str(port), ready_url=url), tmp_path)
    try:
        await child.wait_ready(within_seconds=30)
        assert child.log_tail().count("503") == 2
    finally:
        await child.stop()
    assert child.has_ended


async def test_a_child_that_never_gets_ready_is_named_with_its_last_answer(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}/readyz"
    child = await Child.start(program(SLEEPER, ready_url=url), tmp_path)
    try:
        with pytest.raises(ProcessFailedError, match=r"the child was not ready within 0\.3 s"):
            await child.wait_ready(within_seconds=0.3)
    finally:
        await child.stop()


async def test_a_child_that_ends_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}/readyz"
    child = await Child.start(
        program("import sys; print('no such policy'); sys.exit(3)", ready_url=url), tmp_path
    )
    with pytest.raises(ProcessFailedError, match=r"exit code 3\n(?s:.*)no such policy"):
        await child.wait_ready(within_seconds=30)


async def test_a_child_is_asked_to_stop_before_it_is_made_to(tmp_path: Path) -> None:
    child = await Child.start(program(POLITE), tmp_path)
    await eventually_async(lambda: _says(child, "up"))
    await child.stop()
    assert "drained" in child.log_tail()
    await child.stop()


async def test_a_killed_child_can_be_started_again_and_continues_its_log(tmp_path: Path) -> None:
    child = await Child.start(program(POLITE), tmp_path)
    await eventually_async(lambda: _says(child, "up"))
    await child.kill()
    assert child.has_ended
    with pytest.raises(ProcessFailedError, match="exit code -9"):
        child.check()
    await child.start_again()
    child.check()
    await eventually_async(lambda: _says(child, "up\nup"))
    await child.stop()


async def test_a_child_gets_its_own_environment_on_top_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_TEST_OURS", "kept")
    code = "import os; print(os.environ['DEMO_TEST_OURS'], os.environ['DEMO_TEST_THEIRS'])"
    child = await Child.start(
        Program("child", [sys.executable, "-c", code], {"DEMO_TEST_THEIRS": "added"}), tmp_path
    )
    await eventually_async(lambda: _says(child, "kept added"))
    await child.stop()


def test_a_taken_port_is_named_with_the_setting_that_moves_it(taken_port: int) -> None:
    with pytest.raises(PortTakenError, match=rf"port {taken_port} .*ledger.*MODERATION_X_PORT="):
        require_free("127.0.0.1", taken_port, what="ledger", variable="MODERATION_X_PORT")


def test_a_free_port_is_no_trouble() -> None:
    require_free("127.0.0.1", free_ports(1)[0], what="ledger", variable="MODERATION_X_PORT")


async def _says(child: Child, words: str) -> bool:
    return words in child.log_tail()
