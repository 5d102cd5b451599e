"""Masks what names or reaches a person in a text, for logs, listings and the review console.

It errs towards masking: a long number that is none of a phone is masked too. Whoever needs the
original has a role, or a file, that shows it. What an operator needs and no person is reached by
stays: addresses of private networks, UUIDs and dates.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

_LETTER: Final = r"[^\W\u2E80-\uFFFF]"
"""A letter, digit or underscore, but of no East Asian script: those write no spaces, so that a
word around an address would be taken for a part of it."""

# Every quantifier is bounded, so that no text makes a search slow: RFC 5321 allows 64 characters
# before the @, RFC 1035 labels of 63 after it, and no phone number is written with more than 30.
_MAIL: Final = re.compile(
    rf"(?:{_LETTER}|[.%+\-]){{1,64}}(?:[@＠]|\s?[(\[]\s?at\s?[)\]]\s?)"
    rf"(?:{_LETTER}|-){{1,63}}(?:(?:\.|\s?[(\[]\s?dot\s?[)\]]\s?)(?:{_LETTER}|-){{1,63}}){{1,4}}",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"(?<![\w@＠])[@＠][\w.]{0,62}\w")
_NUMBER: Final = re.compile(
    rf"""
      (?P<id>   (?<!{_LETTER})[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}(?!{_LETTER}))
    | (?P<date> (?<!{_LETTER})(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T\s][0-2]\d(?=:))?(?!\d))
    | (?P<ip>   (?<![\w.:])(?:(?:[0-9a-f]{{0,4}}:){{2,7}}(?:[0-9a-f]{{1,4}})?)?
                (?:\d{{1,3}}(?:\.\d{{1,3}}){{3}})?(?<=[\w:])(?!\.?\w))
    | (?P<long> (?<!{_LETTER})[+＋(]{{0,2}}\d[\d\s().\-–/]{{5,30}}\d(?!{_LETTER}))
    """,
    re.IGNORECASE | re.VERBOSE,
)

LEAST_DIGITS: Final = 9
"""Of a phone number without its country's +; fewer are years, prices and times."""
LEAST_DIGITS_AFTER_PLUS: Final = 7
"""ITU-T E.164 numbers are hardly ever shorter."""
CARD_DIGITS: Final = range(13, 20)
"""ISO/IEC 7812: payment cards carry up to 19 digits, those in use 13 and more."""

_INSIDE: Final[tuple[IPv4Network | IPv6Network, ...]] = (
    *map(IPv4Network, ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16")),
    *map(IPv4Network, ("172.16.0.0/12", "192.168.0.0/16")),
    *map(IPv6Network, ("::/127", "fc00::/7", "fe80::/10")),
)
"""RFC 1918, 4193 and 3927: addresses of machines in a network of one's own, brokers above all."""


def masked(text: str) -> str:
    """The text with ``[mail address]``, ``[phone number]`` and the like in their places."""
    text = _MAIL.sub("[mail address]", text)
    text = _HANDLE.sub("[handle]", text)
    return _NUMBER.sub(_mask_number, text)


def masked_line(text: str) -> str:
    """The text, masked, on one line: without what moves a terminal's cursor or colours it."""
    return _on_one_line(masked(text))


def masked_preview(raw: bytes, characters: int) -> str:
    """What a listing may show of a record: its beginning, readable and masked, on one line.

    Args:
        raw: the record; what is no UTF-8 is shown as replacement characters.
        characters: of the record that are shown.
    """
    # Masked before it is cut, or the cut would leave half a number; a character has 4 bytes at
    # most, and nothing that is masked has more than a few hundred characters.
    text = raw[: 4 * characters + 1024].decode(errors="replace")
    shown = masked(text)
    is_cut = len(shown) > characters or len(raw) > 4 * characters + 1024
    return _on_one_line(shown[:characters]) + "…" * is_cut


def _on_one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _mask_number(found: re.Match[str]) -> str:
    written = found[0]
    if found.lastgroup in {"id", "date"}:
        return written
    if found.lastgroup == "ip":
        return _mask_address(written)
    digits = [int(character) for character in written if character.isdigit()]
    if len(digits) in CARD_DIGITS and _is_card(digits):
        return "[card number]"
    least = LEAST_DIGITS_AFTER_PLUS if written[0] in "+＋" else LEAST_DIGITS
    return "[phone number]" if len(digits) >= least else written


def _mask_address(written: str) -> str:
    try:
        address = ip_address(written)
    except ValueError:  # a time of day, a version, a namespace
        return written
    return written if any(address in network for network in _INSIDE) else "[IP address]"


def _is_card(digits: list[int]) -> bool:
    """By Luhn's check digit (ISO/IEC 7812-1 annex B)."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0
