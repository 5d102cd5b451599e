"""Ports for a broker: free ones, and none that is spoken for."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from workers.streams import free_ports


def test_ports_are_free_and_different() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    for port in ports:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", port))


def test_a_port_that_is_spoken_for_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: Iterator[int] = iter([5001, 5002, 5003])

    class Offering(socket.socket):
        def getsockname(self) -> tuple[str, int]:
            return "127.0.0.1", next(offered)

    monkeypatch.setattr(socket, "socket", Offering)
    assert free_ports(2, besides=[5001]) == [5002, 5003]
