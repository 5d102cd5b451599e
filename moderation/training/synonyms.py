"""A small table of everyday words that can stand for each other; none of them decides a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

_GROUPS: Final = (
    "big large huge",
    "small little tiny",
    "quick fast rapid",
    "start begin",
    "stop end quit",
    "buy purchase get",
    "look see watch",
    "talk speak chat",
    "say tell mention",
    "think believe guess",
    "want need wish",
    "help assist support",
    "show display present",
    "really very truly",
    "maybe perhaps possibly",
    "also too",
    "people folks everyone",
    "person individual somebody",
    "friend buddy mate",
    "man guy",
    "woman lady",
    "house home place",
    "car vehicle",
    "job work",
    "today now",
    "tomorrow later",
    "always constantly forever",
    "often frequently",
    "good great fine nice",
    "bad awful terrible",
    "happy glad pleased",
    "angry mad annoyed",
    "easy simple",
    "hard tough difficult",
    "new fresh recent",
    "old ancient aged",
    "because since cause",
    "but yet though",
    "hello hi hey",
    "thanks cheers",
    "money cash",
    "picture photo image",
    "message text note",
    "call ring phone",
    "wait hold",
    "you u ya",
    "your ur",
    "are r",
    "please pls plz",
    "going gonna",
    "know kno",
)

SYNONYMS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        word: tuple(other for other in group.split() if other != word)
        for group in _GROUPS
        for word in group.split()
    }
)

FILLERS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "en": ("so", "well", "like", "just", "oh", "then", "there", "still", "anyway", "right"),
        "zh": ("啊", "呢", "吧", "嘛", "哦", "就", "都", "也", "呀", "这"),
    }
)
