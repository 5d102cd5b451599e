"""Letters that look like Latin ones, after case folding.

Both the phrases and the text are folded by this table, so a list in Russian or Greek still finds
Russian or Greek; what it gains is that Latin words spelt with such letters are found too. Chosen by
eye from the letters that common fonts draw alike; Unicode's confusables (UTS 39) cover far more,
at the price of many false friends.
"""

from __future__ import annotations

from typing import Final

_SAME_SHAPE: Final = {
    # Cyrillic
    "а": "a", "в": "b", "е": "e", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p", "с": "c",
    "т": "t", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s", "ԁ": "d", "һ": "h", "ԛ": "q",
    "ԝ": "w", "ӏ": "l", "ɡ": "g", "ѵ": "v", "ү": "y",
    # Greek
    "α": "a", "β": "b", "ε": "e", "ζ": "z", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v",
    "ο": "o", "ρ": "p", "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ϲ": "c", "ϳ": "j",
    # Armenian
    "օ": "o", "ո": "n", "ս": "u", "հ": "h", "զ": "q", "ց": "g",
    # Latin beyond the alphabet
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ɑ": "a",
    "ɐ": "a", "ɔ": "o", "ə": "e", "ɛ": "e", "ɪ": "i", "ʟ": "l", "ɴ": "n", "ʀ": "r", "ʏ": "y",
    "ʙ": "b", "ɢ": "g", "ʜ": "h", "ꜰ": "f", "ꜱ": "s", "ᴀ": "a", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e",
    "ᴊ": "j", "ᴋ": "k", "ᴍ": "m", "ᴏ": "o", "ᴘ": "p", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w",
    "ᴢ": "z", "ƒ": "f", "ɩ": "i", "ʋ": "v", "ɯ": "w", "ɾ": "r", "ȷ": "j",
}  # fmt: skip

_SQUARED_A: Final = 0x1F170
"""🅰: white letters on a square, A to Z in order; 🄰, 🅐 and the like fold by NFKC or likewise."""

_CIRCLED_A: Final = 0x1F150

LOOKALIKES: Final[dict[str, str]] = {
    **_SAME_SHAPE,
    **{
        chr(first + place): chr(ord("a") + place)
        for first in (_SQUARED_A, _CIRCLED_A)
        for place in range(26)
    },
}
"""Letter -> the Latin text it can pass for."""
