"""Writes ``hanzi.txt`` from the installed OpenCC: ``python -m rules.matchers.hanzi_table``.

OpenCC is a development dependency; what runs in production reads the table alone.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from rules.matchers.hanzi import TABLE

_HAN_BLOCKS: Final = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
"""Unicode's blocks of Han characters, first and last code point."""


def render_table() -> str:
    """The table as the installed OpenCC has it.

    Raises:
        ModuleNotFoundError: OpenCC is not installed.
    """
    import opencc

    converter = opencc.OpenCC("t2s")
    chars = [chr(code) for first, last in _HAN_BLOCKS for code in range(first, last + 1)]
    pairs = [f"{char}{plain}" for char in chars if (plain := converter.convert(char)) != char]
    head = "# Made by `python -m rules.matchers.hanzi_table` from data of OpenCC (Apache-2.0)."
    return "\n".join([head, *pairs, ""])


if __name__ == "__main__":
    Path(str(files("rules.matchers").joinpath(TABLE))).write_text(render_table(), encoding="utf-8")
