"""Which network addresses may be connected to: public ones, and no tricks to spell private ones."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

from moderation.media.errors import ForbiddenMediaError

Address = IPv4Address | IPv6Address

_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""RFC 6052 and 8215: the last 32 bits are an IPv4 address that a gateway would connect to."""


def is_public(address: Address) -> bool:
    """Whether the address is unicast and globally reachable, also as IPv4 hidden in IPv6.

    Mapped (``::ffff:0:0/96``), 6to4 and NAT64 addresses are judged by the IPv4 address inside;
    Teredo, and the obsolete IPv4-compatible and site-local ones, are refused.
    """
    if isinstance(address, IPv6Address):
        inner = _inner_ipv4(address)
        if inner is not None:
            return is_public(inner)
        if address.teredo or address.is_site_local or int(address) < 1 << 32:
            return False
    return address.is_global and not address.is_multicast


def _inner_ipv4(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class CheckedResolver(AbstractResolver):
    """Resolves a name once and refuses it unless every address is allowed.

    The connector connects to what this returns and to nothing else, so a name cannot answer one
    address to the check and another to the connection (DNS rebinding).

    Args:
        resolver: does the work.
        is_allowed: judges an address.
    """

    def __init__(self, resolver: AbstractResolver, is_allowed: Callable[[Address], bool]) -> None:
        self._resolver = resolver
        self._is_allowed = is_allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            ForbiddenMediaError: one of them is not allowed.
            OSError: the name does not resolve.
        """
        results = await self._resolver.resolve(host, port, family)
        for result in results:
            check_address(result["host"], host, self._is_allowed)
        return results

    async def close(self) -> None:
        """Release the inner resolver."""
        await self._resolver.close()


def is_numeric(host: str) -> bool:
    """Whether a host is spelt as an address, however oddly (``127.1``), and not as a name."""
    return ":" in host or host.replace(".", "").isdigit()


def check_address(address: str, host: str, is_allowed: Callable[[Address], bool]) -> None:
    """Refuse an address of a host.

    Raises:
        ForbiddenMediaError: it is not allowed, or cannot be read.
    """
    try:
        # A scope ("%eth0") makes an address link-local whatever else it is.
        allowed = "%" not in address and is_allowed(ip_address(address))
    except ValueError:
        allowed = False
    if not allowed:
        raise ForbiddenMediaError(f"{host} does not resolve to public addresses only")
