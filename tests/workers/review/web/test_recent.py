"""What was made ready is remembered within bounds."""

from __future__ import annotations

from workers.review.web.recent import Recent, ShownMedia


def medium(size: int) -> ShownMedia:
    return ShownMedia(b"x" * size, "image/png")


def test_the_least_used_makes_room() -> None:
    recent = Recent(most_bytes=80, seconds=60)
    for name in "abcdefgh":
        recent.put(name, medium(10))
    assert recent.get("a") == medium(10)
    recent.put("i", medium(10))
    assert recent.get("b") is None
    assert recent.get("a") is not None


def test_it_is_forgotten_in_time() -> None:
    now = [0.0]
    recent = Recent(most_bytes=80, seconds=60, now=lambda: now[0])
    recent.put("a", medium(10))
    now[0] = 60.0
    assert recent.get("a") is None


def test_what_is_too_large_or_has_no_name_is_not_remembered() -> None:
    recent = Recent(most_bytes=80, seconds=60)
    recent.put("a", medium(11))
    recent.put(None, medium(1))
    assert recent.get("a") is None
    assert recent.get(None) is None
