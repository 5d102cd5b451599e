"""Write README's table of settings from the code: ``python -m workers.settings_table``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

import workers

README: Final = Path(__file__).parents[1] / "README.md"
BEGIN: Final = "<!-- settings: begin (written by `make settings-table`) -->"
END: Final = "<!-- settings: end -->"


def settings_classes() -> list[type[BaseSettings]]:
    """Every class of settings: the shared ones, then each process's, in order of their prefixes."""
    found: set[type[BaseSettings]] = set()
    for module in _settings_modules():
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, BaseSettings)
                and value.__module__ == module.__name__
            ):
                found.add(value)
    return sorted(found, key=_prefix)


def settings_table() -> str:
    """The table as GitHub-flavoured Markdown."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for settings in settings_classes():
        for name, field in settings.model_fields.items():
            variable = _prefix(settings) + name.upper()
            lines.append(f"| `{variable}` | {_default(field)} | {_meaning(field)} |")
    return "\n".join(lines)


def with_table(readme: str) -> str:
    """The README's text with its table written anew.

    Raises:
        ValueError: the markers that hold the table's place are missing.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README.name} lacks the markers {BEGIN!r} and {END!r}; put them back")
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def _settings_modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(workers.__path__, "workers."):
        if module.name.rsplit(".", 1)[-1] == "settings":
            yield importlib.import_module(module.name)


def _prefix(settings: type[BaseSettings]) -> str:
    return settings.model_config.get("env_prefix", "")


def _default(field: FieldInfo) -> str:
    default: Any = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        return "required"
    if default is None or isinstance(default, SecretStr) or default == "":
        return ""
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, Path):
        default = _portable(default)
    if isinstance(default, tuple | list | frozenset | set):
        default = ",".join(map(str, default))
    return f"`{default}`" if str(default) else ""


def _portable(path: Path) -> str:
    """The path without what belongs to this machine."""
    for root, shown in ((README.parent, ""), (Path.home(), "~/")):
        if path.is_relative_to(root):
            return shown + path.relative_to(root).as_posix()
    return path.as_posix()


def _meaning(field: FieldInfo) -> str:
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    listed = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return ((field.description or "") + listed).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
