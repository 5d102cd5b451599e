"""Pictures with known text in them, drawn by code, for ``bench.ocr``."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SENTENCES: Final = {
    "english": (
        "FREE GIFT CARDS message me today",
        "Everyone hates you. Just leave.",
        "Meet behind the station at 9, cash only",
        "Best prices in town, call 555 0134",
        "nobody asked for your opinion, clown",
        "When the bus is late again on Monday",
        "Win an iPhone! visit deals.example",
        "Our cat has learned to open doors",
    ),
    "chinese": (
        "加微信领红包，名额有限",
        "你真是个没用的废物",
        "现金交易，晚上九点老地方见",
        "今天的晚霞特别好看",
        "点击链接免费领取手机",
        "周末一起去公园散步吧",
        "全城最低价，欢迎咨询",
        "我家的猫学会了开门",
    ),
}

FONTS: Final = {
    "english": (
        "truetype/dejavu/DejaVuSans.ttf",
        "truetype/dejavu/DejaVuSans-Bold.ttf",
        "truetype/dejavu/DejaVuSerif.ttf",
        "truetype/dejavu/DejaVuSansMono.ttf",
        "opentype/noto/NotoSansCJK-Bold.ttc",
    ),
    "chinese": (
        "opentype/noto/NotoSansCJK-Regular.ttc",
        "opentype/noto/NotoSansCJK-Bold.ttc",
        "opentype/noto/NotoSerifCJK-Regular.ttc",
    ),
}
"""Debian's fonts-dejavu and fonts-noto-cjk, under /usr/share/fonts."""

FONT_FOLDER: Final = Path("/usr/share/fonts")
SIZE_PX: Final = (960, 720)
CONDITIONS: Final = ("plain", "small", "turned", "noisy", "photo")


@dataclass(frozen=True, slots=True)
class Example:
    """A picture, and what stands in it."""

    language: str
    condition: str
    text: str
    picture: Image.Image


def make_examples(count: int, rng: random.Random) -> list[Example]:
    """``count`` examples of each language and condition, and as many pictures without text."""
    written = [
        _written(language, condition, SENTENCES[language][n % len(SENTENCES[language])], rng)
        for language in SENTENCES
        for condition in CONDITIONS
        for n in range(count)
    ]
    return written + [Example("none", "empty", "", _ground(rng, busy=True)) for _ in range(count)]


def _written(language: str, condition: str, text: str, rng: random.Random) -> Example:
    ground = _ground(rng, busy=condition == "photo")
    size = rng.randint(11, 18) if condition == "small" else rng.randint(32, 56)
    font = ImageFont.truetype(FONT_FOLDER / rng.choice(FONTS[language]), size)
    angle = rng.uniform(8, 25) * rng.choice((-1, 1)) if condition == "turned" else 0.0
    picture = _with_text(ground, _lines(text, font, language), font, angle, rng)
    if condition == "noisy":
        picture = _spoilt(picture, rng)
    return Example(language, condition, text, picture)


def _ground(rng: random.Random, *, busy: bool) -> Image.Image:
    """A soft gradient; when busy, with shapes of every size and the grain of a camera."""
    width, height = SIZE_PX
    corners = np.array([[rng.randint(40, 215) for _ in range(3)] for _ in range(2)], float)
    slope = np.linspace(0, 1, height)[:, None, None]
    shades = corners[0] * (1 - slope) + corners[1] * slope
    picture = Image.fromarray(np.broadcast_to(shades, (height, width, 3)).astype(np.uint8))
    if not busy:
        return picture
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = rng.uniform(-100, width), rng.uniform(-100, height)
        across = rng.uniform(10, 260)
        box = (x, y, x + across, y + across * rng.uniform(0.4, 1.6))
        colour = tuple(rng.randint(30, 225) for _ in range(3))
        rng.choice((draw.ellipse, draw.rectangle))(box, fill=colour)
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, 8, (height, width, 3))
    return Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))


def _lines(text: str, font: ImageFont.FreeTypeFont, language: str) -> str:
    """The text broken into lines that fit."""
    units, joint = (text.split(), " ") if language == "english" else (list(text), "")
    lines = [""]
    for unit in units:
        longer = f"{lines[-1]}{joint}{unit}".strip()
        if lines[-1] and font.getlength(longer) > SIZE_PX[0] * 0.7:
            lines.append(unit)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def _with_text(
    ground: Image.Image,
    text: str,
    font: ImageFont.FreeTypeFont,
    angle: float,
    rng: random.Random,
) -> Image.Image:
    layer = Image.new("RGBA", ground.size)
    draw = ImageDraw.Draw(layer)
    left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font=font)
    margin = 0.1
    x = rng.uniform(margin, 1 - margin) * max(1, ground.width - (right - left)) * 0.8 + 40
    y = rng.uniform(margin, 1 - margin) * max(1, ground.height - (bottom - top))
    if angle:  # turned about the middle, it must stay inside
        x, y = (ground.width - right) / 2, (ground.height - bottom) / 2
    ink, rim = rng.choice((("white", "black"), ("black", "white")))
    rim_px = 1 + round(font.size / 40)
    draw.multiline_text((x, y), text, font=font, fill=ink, stroke_width=rim_px, stroke_fill=rim)
    layer = layer.rotate(angle, Image.Resampling.BICUBIC)
    return Image.alpha_composite(ground.convert("RGBA"), layer).convert("RGB")


def _spoilt(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Noise, blur and a poor JPEG, as of a picture that went from hand to hand."""
    values = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.8)), float)
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, 18, values.shape)
    buffer = io.BytesIO()
    Image.fromarray((values + noise).clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=30)
    return Image.open(buffer).convert("RGB")
