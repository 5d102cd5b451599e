"""Traditional Chinese characters and the simplified ones they are written as today.

The table beside this file is made from the character data of OpenCC (Apache-2.0), the library that
the field converts with. A table of 5,119 pairs takes 30 kB, where OpenCC takes 7 MB for phrases and
regional words that matching does not need: a list and a text only have to fold alike.

``python -m rules.matchers.hanzi_table`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

TABLE: Final = "hanzi.txt"


@cache
def simplified() -> Mapping[str, str]:
    """Traditional character -> simplified character, where they differ."""
    text = files("rules.matchers").joinpath(TABLE).read_text(encoding="utf-8")
    pairs = [line for line in text.splitlines() if not line.startswith("#")]
    return MappingProxyType({pair[0]: pair[1] for pair in pairs})
