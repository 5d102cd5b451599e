"""What a text holds: phrases however disguised, patterns, links."""

from rules.matchers.folding import Folder
from rules.matchers.links import Link
from rules.matchers.match import Match
from rules.matchers.patterns import compile_pattern
from rules.matchers.phrases import fold_phrase
from rules.matchers.scanner import Lists, TextScanner

__all__ = [
    "Folder",
    "Link",
    "Lists",
    "Match",
    "TextScanner",
    "compile_pattern",
    "fold_phrase",
]
