"""What names or reaches a person is masked; what people say to each other is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.personal_data import masked, masked_line, masked_preview


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Write to jo.smith+x@mail.example.org!", "Write to [mail address]!"),
        ("jo (at) example (dot) org", "[mail address]"),
        ("联系我abc@qq.com谢谢", "联系我[mail address]谢谢"),
        ("Ask @jo_smith.", "Ask [handle]."),
        ("＠小明", "[handle]"),
        ("Call +44 20 7946 0018 now", "Call [phone number] now"),
        ("Call (030) 1234-5678", "Call [phone number]"),
        ("电话13800138000", "电话[phone number]"),
        ("+49 1234567", "[phone number]"),
        ("card 4111 1111 1111 1111.", "card [card number]."),
        ("5500-0055-5555-5559", "[card number]"),
        ("not quite a card: 4111 1111 1111 1112", "not quite a card: [phone number]"),
        ("seen from 203.0.113.7.", "seen from [IP address]."),
        ("8.8.8.8:443", "[IP address]:443"),
        ("2606:4700::1111", "[IP address]"),
        ("::ffff:8.8.8.8", "[IP address]"),
    ],
)
def test_what_reaches_a_person_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "You are a muppet and everybody knows it.",
        "In 2024 and 2025 it cost 1,299.99 €",
        "At 12:30, 50 % off",
        "At 12:30:45 on 2026-03-01 and 2026-03-01 12:00:03",
        "a @ b",
        "mail me at home",
        "",
    ],
)
def test_what_people_say_is_left_alone(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "no broker answers at 127.0.0.1:9092, 10.0.0.7:9092 or [::1]:9092",
        "verdict 550e8400-e29b-41d4-a716-446655440000 at offset 41",
        "compact@sha256:4f343f2e16db+int8, version 1.2.3.4.5",
        "std::vector",
    ],
)
def test_what_an_operator_needs_and_reaches_nobody_is_left_alone(text: str) -> None:
    assert masked(text) == text


@given(
    before=st.text(max_size=40),
    local=st.from_regex(r"[a-z][a-z0-9.]{0,20}[a-z]", fullmatch=True),
    domain=st.from_regex(r"[a-z]{2,20}\.(org|com|example)", fullmatch=True),
)
def test_no_address_survives_in_any_company(before: str, local: str, domain: str) -> None:
    assert f"{local}@{domain}" not in masked(f"{before} {local}@{domain} and so on")


def test_a_line_leaves_a_terminal_alone() -> None:
    assert masked_line("\x1b[2J jo@example.org\r\n\u202ewords") == " [2J [mail address]   words"


def test_preview_is_one_masked_line_of_whatever_bytes_there_are() -> None:
    raw = b'{"text": "jo@example.org\n\xff\x00 and +44 20 7946 0018"}'

    shown = masked_preview(raw, 80)

    assert shown == '{"text": "[mail address] � and [phone number]"}'.replace("�", "� ")


def test_preview_is_masked_before_it_is_cut() -> None:
    raw = b"x" * 30 + b" jo.smith@example.org " + b"y" * 10_000

    shown = masked_preview(raw, 36)

    assert shown == "x" * 30 + " [mail…"
