"""Which conditions need a match of a list: where none is found in a text, they need no evaluation.

Told by their source, and only where it is plain: of a conjunction one part is
``text.matches.<list> > 0``. In CEL a conjunction with a false part is false, whatever its other
parts are, an error included, so such a condition neither holds nor fails on a text without matches.
"""

from __future__ import annotations

import re
from typing import Final

_GUARD: Final = re.compile(r"text\.matches\.\w+\s*>\s*0")
_STRING: Final = re.compile(r'"[^"\n]*"')
_INNERMOST: Final = re.compile(r"\([^()]*\)")

_ESCAPED: Final = re.compile(r"""['\\]|\"{3}""")
"""With these, where a string ends is more than can be seen at a glance."""
_NO_CONJUNCTION: Final = re.compile(r'\|\||//|[?"\[\]{}()]')
"""What may bind looser than ``&&``, or hide it."""


def needs_a_match(source: str) -> bool:
    """Whether the condition is false for certain where no list finds anything in the text."""
    if _ESCAPED.search(source):
        return False
    plain = _STRING.sub("0", source)
    while (folded := _INNERMOST.sub("0", plain)) != plain:
        plain = folded
    if _NO_CONJUNCTION.search(plain):
        return False
    return any(_GUARD.fullmatch(part.strip()) for part in plain.split("&&"))
