"""Host names in one form, the domain somebody registered, and link shorteners."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Final

import idna
from publicsuffixlist import PublicSuffixList

_PUNYCODE: Final = "xn--"

SHORTENERS: Final = frozenset(
    {
        "1drv.ms", "adf.ly", "amzn.to", "b23.tv", "bit.do", "bit.ly", "bl.ink", "buff.ly",
        "clck.ru", "cutt.ly", "dlvr.it", "dwz.cn", "fb.me", "goo.gl", "goo.su", "hyperurl.co",
        "ift.tt", "is.gd", "kutt.it", "lnkd.in", "n9.cl", "ow.ly", "qr.ae", "rb.gy", "rebrand.ly",
        "s.id", "shorturl.at", "short.gy", "shorte.st", "suo.im", "suo.nz", "t.co", "t.cn",
        "t.ly", "t.ymlp.com", "tiny.cc", "tiny.one", "tinyurl.com", "tr.im", "u.to", "url.cn",
        "urlz.fr", "v.gd", "w.wiki", "wp.me", "x.co", "youtu.be", "zpr.io",
    }
)  # fmt: skip
"""Well-known hosts whose links hide where they lead; not all there are. A policy's list of domains
can name more."""


def registrable(host: str) -> str:
    """The domain that was registered: the public suffix and one label before it.

    Empty for an address of numbers, a bare public suffix, and a name without a dot.
    """
    return "" if _is_address(host) else _public_suffixes().privatesuffix(host) or ""


def canonical_host(host: str) -> str:
    """The host in lower case and Unicode letters (UTS 46), without ``www.`` and a last dot.

    A name that is no valid internationalised name stays as it is written.
    """
    name = host.lower().rstrip(".").removeprefix("www.")
    if name.isascii() and _PUNYCODE not in name:
        return name
    try:
        return idna.decode(idna.encode(name, uts46=True))
    except idna.IDNAError:
        return name


def is_shortener(host: str) -> bool:
    """Whether links on this host lead somewhere else that they do not show."""
    return host in SHORTENERS


@cache
def _public_suffixes() -> PublicSuffixList:
    """The list that its package bundles, read once: that takes 40 ms, longer than most policies."""
    return PublicSuffixList()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
