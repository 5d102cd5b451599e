"""The parts of an explanation's picture: each function draws one, as wide as the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from moderation.inference import Weights, WordWeight
from moderation.media import SAMPLE_RATE_HZ, Pixels, Samples
from workers.offline.fonts import Font, Fonts
from workers.offline.heat import colour_of, laid_over

WIDTH: Final = 1200  # pixels of a panel
INK: Final = (28, 32, 40)
SOFT: Final = (104, 112, 124)
RULE: Final = (226, 230, 236)
BAR: Final = (90, 100, 116)
SHARES: Final = {"text": (122, 92, 190), "image": (222, 142, 40), "audio": (30, 146, 130)}

TITLE_PX: Final = 30
TEXT_PX: Final = 26
SMALL_PX: Final = 20
PICTURE_PX: Final = 440
"""Height of a picture; two stand side by side."""
WAVE_PX: Final = 160
TEXT_LINES: Final = 24
"""Lines of a text that are drawn; the JSON has all of it."""


@dataclass(frozen=True, slots=True)
class Style:
    """What all panels share: the fonts, and the weight that gets the full colour."""

    fonts: Fonts
    scale: float

    def font(self, size: float, *, bold: bool = False) -> Font:
        """The page's face."""
        return self.fonts.font(size, bold=bold)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, its size in pixels, and how it looks."""

    text: str
    size: int
    bold: bool = False
    colour: tuple[int, int, int] = INK


def lines_panel(lines: Sequence[Line], style: Style) -> Image.Image:
    """Lines below each other; long ones are broken."""
    broken = [
        replace(line, text=part)
        for line in lines
        for part in wrapped(line.text, style.font(line.size, bold=line.bold))
    ]
    panel = _blank(sum(round(line.size * 1.45) for line in broken))
    draw, y = ImageDraw.Draw(panel), 0
    for line in broken:
        draw.text((0, y), line.text, line.colour, style.font(line.size, bold=line.bold))
        y += round(line.size * 1.45)
    return panel


def title_panel(title: str, note: str, style: Style) -> Image.Image:
    """A heading with a remark behind it, under a rule."""
    panel = _blank(64)
    draw = ImageDraw.Draw(panel)
    draw.line((0, 6, WIDTH, 6), RULE, 2)
    bold = style.font(TITLE_PX - 4, bold=True)
    draw.text((0, 22), title, INK, bold)
    draw.text((bold.getlength(title) + 16, 28), note, SOFT, style.font(SMALL_PX))
    return panel


def scores_panel(scores: dict[str, float], chosen: str, style: Style) -> Image.Image:
    """A bar a category, the explained one in colour."""
    row, left, right = 36, 190, 90
    ordered = sorted(scores, key=scores.__getitem__, reverse=True)
    panel = _blank(row * len(ordered) + 8)
    draw = ImageDraw.Draw(panel)
    room = WIDTH - left - right
    for number, category in enumerate(ordered):
        y, own = number * row, category == chosen
        font = style.font(SMALL_PX, bold=own)
        draw.text((0, y + 3), category.replace("_", " "), INK, font)
        draw.rounded_rectangle((left, y + 8, left + room, y + 26), 4, RULE)
        filled = max(4, room * scores[category])
        fill = (214, 60, 52) if own else BAR
        draw.rounded_rectangle((left, y + 8, left + filled, y + 26), 4, fill)
        draw.text((WIDTH, y + 3), f"{scores[category]:.2f}", INK, font, anchor="ra")
    return panel


def shares_panel(shares: dict[str, float], style: Style) -> Image.Image:
    """How much of the score each modality carries, as one bar."""
    panel = _blank(84)
    draw = ImageDraw.Draw(panel)
    font, x = style.font(SMALL_PX), 0.0
    for modality, share in shares.items():
        if share > 0:
            draw.rectangle((x, 4, x + share * WIDTH - 2, 34), SHARES[modality])
        x += share * WIDTH
    x = 0.0
    for modality, share in shares.items():
        draw.ellipse((x, 52, x + 16, 68), SHARES[modality])
        legend = f"{modality} {share:.0%}"
        draw.text((x + 24, 46), legend, INK, font)
        x += 24 + font.getlength(legend) + 36
    return panel


def words_panel(text: str, words: Sequence[WordWeight], style: Style) -> Image.Image:
    """The text with its words on their colours."""
    font, height = style.font(TEXT_PX), round(TEXT_PX * 1.7)
    weights = _by_character(text, words)
    lines = wrapped(text, font)
    shown = lines[:TEXT_LINES]
    panel = _blank(height * len(shown) + (height if len(lines) > len(shown) else 0) + 4)
    draw, at = ImageDraw.Draw(panel), 0
    for number, line in enumerate(shown):
        y, x = number * height, 0.0
        at = text.index(line, at) if line else at
        for offset in range(len(line)):
            end = font.getlength(line[: offset + 1])
            weight = weights[at + offset]
            if weight:
                draw.rectangle((x, y + 2, end, y + height - 5), colour_of(weight, style.scale))
            x = end
        draw.text((0, y + 4), line, INK, font)
        at += len(line)
    if len(lines) > len(shown):
        rest = f"… and {len(lines) - len(shown)} more lines"
        draw.text((0, height * len(shown) + 6), rest, SOFT, style.font(SMALL_PX))
    return panel


def picture_panel(pixels: Pixels, weights: Weights, style: Style) -> Image.Image:
    """The picture, and beside it in grey under its heat map."""
    pair = (Image.fromarray(pixels), laid_over(pixels, weights, style.scale))
    factor = min(PICTURE_PX / pixels.shape[0], (WIDTH / 2 - 12) / pixels.shape[1])
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    panel = _blank(size[1] + 8)
    for number, picture in enumerate(pair):
        panel.paste(picture.resize(size, Image.Resampling.LANCZOS), (number * (size[0] + 24), 4))
    return panel


def sound_panel(samples: Samples, weights: Weights, style: Style) -> Image.Image:
    """The wave over its colours, with seconds below."""
    panel = _blank(WAVE_PX + 34)
    draw = ImageDraw.Draw(panel)
    bounds = np.linspace(0, WIDTH, len(weights) + 1)
    for start, end, weight in zip(bounds, bounds[1:], weights, strict=False):
        draw.rectangle((start, 0, end, WAVE_PX), colour_of(float(weight), style.scale))
    peak = max(float(np.abs(samples).max()), 1e-6)
    for x, part in enumerate(np.array_split(samples, WIDTH)):
        if len(part):
            high = float(np.abs(part).max()) / peak * WAVE_PX * 0.36
            draw.line((x, WAVE_PX / 2 - high, x, WAVE_PX / 2 + high), BAR)
    seconds = len(samples) / SAMPLE_RATE_HZ
    step = next((step for step in (0.5, 1, 2, 5, 10) if seconds / step <= 12), 20)  # noqa: PLR2004 - labels that do not touch
    for mark in np.arange(0, seconds + 1e-9, step):
        at = float(mark / seconds * WIDTH)
        anchor = "la" if at < 20 else "ra" if at > WIDTH - 20 else "ma"  # noqa: PLR2004 - at the edges
        draw.text((at, WAVE_PX + 6), f"{mark:g} s", SOFT, style.font(SMALL_PX - 2), anchor=anchor)
    return panel


def legend_panel(category: str, style: Style) -> Image.Image:
    """What the colours mean."""
    panel = _blank(40)
    draw, font = ImageDraw.Draw(panel), style.font(SMALL_PX)
    against, towards = f"against {category}", f"for {category}, by {style.scale:.2g} log-odds"
    draw.text((0, 4), against, SOFT, font)
    left = round(font.getlength(against)) + 14
    for x in range(240):
        weight = (x / 239 * 2 - 1) * style.scale
        draw.line((left + x, 6, left + x, 28), colour_of(weight, style.scale))
    draw.text((left + 254, 4), towards, SOFT, font)
    return panel


def wrapped(text: str, font: Font) -> list[str]:
    """The text in lines that fit, each a part of it; broken at spaces, else at any character."""
    lines = []
    for paragraph in text.splitlines():
        rest = paragraph
        while font.getlength(rest) > WIDTH:
            fits = _longest(len(rest), lambda count: font.getlength(rest[:count]) <= WIDTH)  # noqa: B023 - called at once
            at = rest.rfind(" ", 1, fits + 1)
            at = at if at > 0 else fits
            lines.append(rest[:at])
            rest = rest[at:].lstrip(" ")
        lines.append(rest)
    return lines


def _longest(count: int, fits: Callable[[int], bool]) -> int:
    """The greatest number from 1 to ``count`` that fits, found by halving."""
    low, high = 1, count
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _by_character(text: str, words: Sequence[WordWeight]) -> list[float]:
    weights = [0.0] * len(text)
    for word in words:
        weights[word.start : word.end] = [word.weight] * (word.end - word.start)
    return weights


def _blank(height: int) -> Image.Image:
    return Image.new("RGB", (WIDTH, height), "white")
