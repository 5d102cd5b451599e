"""Elements of charts, as SVG in a page. Colours come from the page's style sheet, by class."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

TOPS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Ends that an axis of shares may have."""


def element(name: str, inside: str = "", **attributes: object) -> str:
    """An element; ``class_`` is ``class``, and ``_`` in names is ``-``. ``inside`` is markup."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def text(words: str, x: float, y: float, kind: str = "label", anchor: str = "start") -> str:
    """A line of text."""
    return element("text", escape(words), x=x, y=y, class_=kind, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def dot(x: float, y: float, radius: float, kind: str) -> str:
    """A filled circle."""
    return element("circle", cx=x, cy=y, r=radius, class_=kind)


def path(points: Iterable[tuple[float, float]], kind: str) -> str:
    """A line through points."""
    steps = " ".join(f"{_plain(x)},{_plain(y)}" for x, y in points)
    return element("polyline", points=steps, class_=kind)


def group(inside: str, words: str) -> str:
    """Elements with words that show when pointed at."""
    return f"<g><title>{escape(words)}</title>{inside}</g>"


def chart(inside: str, width: float, height: float, words: str) -> str:
    """A picture; ``words`` say what it shows to those who do not see it."""
    return element(
        "svg",
        inside,
        viewBox=f"0 0 {_plain(width)} {_plain(height)}",
        role="img",
        aria_label=words,
    )


def top_of(highest: float) -> float:
    """The end of an axis from 0 on which a share of ``highest`` still fits."""
    return next((top for top in TOPS if highest <= top), TOPS[-1])


def percent(share: float, top: float = 1.0) -> str:
    """A share in per cent, with as many digits as an axis up to ``top`` can tell apart."""
    digits = 0 if top > 0.2 else 1 if top > 0.02 else 2  # noqa: PLR2004 - the axis's ends above
    return f"{share:.{digits}%}".replace("%", " %")


def _plain(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
