"""Fonts for pictures that people read, Chinese included where the machine has one."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FOLDERS: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)

CHINESE: Final = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", 2),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", 0),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf", 0),
    ("wqy-microhei.ttc", "wqy-microhei.ttc", 0),
    ("PingFang.ttc", "PingFang.ttc", 0),
    ("msyh.ttc", "msyhbd.ttc", 0),
)
"""Plain and bold file, and the number of the simplified face in them. They hold Latin too."""

LATIN: Final = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", 0),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", 0),
    ("Arial.ttf", "Arial Bold.ttf", 0),
)

_CHINESE_CHARACTER: Final = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Fonts:
    """One family: its two files, None for the face that Pillow brings."""

    plain: Path | None
    bold: Path | None
    face: int
    has_chinese: bool

    def font(self, size: float, *, bold: bool = False) -> Font:
        """The face at a size in pixels."""
        path = self.bold if bold else self.plain
        if path is None:
            return ImageFont.load_default(size)
        return ImageFont.truetype(path, size, index=self.face)

    def lacks(self, text: str) -> bool:
        """Whether the text has Chinese that would come out as boxes."""
        return not self.has_chinese and _CHINESE_CHARACTER.search(text) is not None


def find_fonts() -> Fonts:
    """A family with Chinese if there is one, else a Latin one, else Pillow's own."""
    for families, has_chinese in ((CHINESE, True), (LATIN, False)):
        for plain, bold, face in families:
            if (found := _files().get(plain)) is not None:
                return Fonts(found, _files().get(bold, found), face, has_chinese)
    return Fonts(None, None, 0, has_chinese=False)


@cache
def _files() -> dict[str, Path]:
    """Every font file of the machine, by its name."""
    folders = [folder for folder in FOLDERS if folder.is_dir() or sys.platform == "win32"]
    suffixes = {".ttf", ".ttc", ".otf"}
    return {
        path.name: path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes
    }
