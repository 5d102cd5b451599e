"""The sentences that the console refuses with, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from workers import review
from workers.review import errors

SOURCE = Path(review.__file__).parent
REFUSALS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ReviewError)
}


def refusal_sentences() -> set[str]:
    """What is raised, with ``{0}``, ``{1}``, … for values."""
    return {
        sentence
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for sentence in _raised(node)
    }


def _raised(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    if node.func.id not in REFUSALS or not node.args:
        return
    if (sentence := _sentence(node.args[0])) is not None:
        yield sentence


def _sentence(said: ast.expr) -> str | None:
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        return said.value
    if not isinstance(said, ast.JoinedStr):
        return None
    words, places = "", 0
    for part in said.values:
        if isinstance(part, ast.Constant):
            words += str(part.value)
        else:
            words += f"{{{places}}}"
            places += 1
    return words
