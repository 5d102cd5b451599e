"""The functions that conditions have beyond CEL's own, declared with their types.

CEL's standard library and its extensions for strings, numbers and bindings are there as well. A
function that raises makes its condition fail, and the rule's fail setting applies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cel_expr_python import cel

STANDARD: Final = (
    "all", "contains", "double", "duration", "endsWith", "exists", "exists_one", "filter",
    "getDate", "getDayOfWeek", "getFullYear", "getHours", "getMinutes", "getMonth", "getSeconds",
    "has", "int", "map", "matches", "size", "startsWith", "string", "timestamp", "type", "uint",
)  # fmt: skip
"""What CEL's standard library offers (cel-spec, language definition), for hints."""

EXTENSIONS: Final = (
    "cel.bind", "charAt", "indexOf", "join", "lowerAscii", "math.greatest", "math.least",
    "replace", "split", "substring", "trim", "upperAscii",
)  # fmt: skip
"""What the extensions for strings, numbers and bindings add, for hints."""

HOURS: Final = 24

_BOOL: Final = cel.Type.BOOL
_INT: Final = cel.Type.INT
_DOUBLE: Final = cel.Type.DOUBLE
_STRING: Final = cel.Type.STRING
_STRINGS: Final = cel.Type.List(cel.Type.STRING)
_TIME: Final = cel.Type.TIMESTAMP


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function. ``member`` functions stand behind their first argument."""

    name: str
    usage: str
    meaning: str
    returns: Any
    takes: tuple[Any, ...]
    call: Callable[..., object]
    member: bool = False


def declare_functions(lists: Mapping[str, frozenset[str]]) -> tuple[Signature, ...]:
    """Every function of a policy with these lists of names."""
    own = (
        Signature(
            f"lists.{name}",
            f"lists.{name}(text)",
            f"whether the text stands in the list {name}",
            _BOOL,
            (_STRING,),
            entries.__contains__,
        )
        for name, entries in lists.items()
    )
    return (*_FIXED, *own)


def as_declarations(functions: Iterable[Signature]) -> list[Any]:
    """The functions as CEL takes them, one declaration a name."""
    by_name: dict[str, list[Any]] = {}
    for number, one in enumerate(functions):
        by_name.setdefault(one.name, []).append(
            cel.Overload(f"{one.name}_{number}", one.returns, list(one.takes), one.member, one.call)
        )
    return [cel.FunctionDecl(name, overloads) for name, overloads in by_name.items()]


def argument_types(functions: Iterable[Signature]) -> dict[str, str]:
    """What each function takes, as CEL's reports write types: ``(timestamp, int, int)``."""
    by_name: dict[str, list[str]] = {}
    for one in functions:
        by_name.setdefault(one.name, []).append(f"({', '.join(map(_written, one.takes))})")
    return {name: " or ".join(ways) for name, ways in by_name.items()}


def _written(kind: Any) -> str:
    return str(kind).lower().replace("<", "(").replace(">", ")")


def _contains(whole: Sequence[str], part: Sequence[str]) -> bool:
    return set(whole).issuperset(part)


def _intersects(first: Sequence[str], second: Sequence[str]) -> bool:
    return not set(first).isdisjoint(second)


def _equivalent(first: Sequence[str], second: Sequence[str]) -> bool:
    return set(first) == set(second)


def _host_under(host: str, domain: str) -> bool:
    domain = domain.lower().strip(".")
    return host == domain or host.endswith(f".{domain}")


def _hosts_under(hosts: Sequence[str], domains: Sequence[str]) -> bool:
    return any(_host_under(host, domain) for host in hosts for domain in domains)


def _within(distances: Sequence[float], most: float) -> int:
    return sum(distance <= most for distance in distances)


def _in_hours(moment: datetime, start: int, end: int, zone: str = "UTC") -> bool:
    """From the hour ``start`` until before ``end``, over midnight when ``end`` is the earlier."""
    if not (0 <= start < HOURS and 0 <= end <= HOURS):
        raise ValueError(f"hours go from 0 to {HOURS}, not from {start} to {end}")
    try:
        hour = moment.astimezone(ZoneInfo(zone)).hour
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{zone!r} is no time zone; expected a name such as UTC") from error
    return start <= hour < end if start <= end else hour >= start or hour < end


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


_FIXED: Final = (
    Signature(
        "sets.contains",
        "sets.contains(list, list)",
        "whether the first list has all that is in the second",
        _BOOL,
        (_STRINGS, _STRINGS),
        _contains,
    ),
    Signature(
        "sets.intersects",
        "sets.intersects(list, list)",
        "whether the lists have something in common",
        _BOOL,
        (_STRINGS, _STRINGS),
        _intersects,
    ),
    Signature(
        "sets.equivalent",
        "sets.equivalent(list, list)",
        "whether the lists hold the same, in any order",
        _BOOL,
        (_STRINGS, _STRINGS),
        _equivalent,
    ),
    Signature(
        "under",
        "text.domains.under(['example.com'])",
        "whether any host is one of the domains or below one",
        _BOOL,
        (_STRINGS, _STRINGS),
        _hosts_under,
        member=True,
    ),
    Signature(
        "under",
        "host.under('example.com')",
        "whether the host is the domain or below it",
        _BOOL,
        (_STRING, _STRING),
        _host_under,
        member=True,
    ),
    Signature(
        "within",
        "images.bank_distances.NAME.within(10)",
        "how many distances are at most that: near-duplicates by strictness",
        _INT,
        (cel.Type.List(_INT), _INT),
        _within,
        member=True,
    ),
    Signature(
        "within",
        "post.bank_distances.NAME.within(0.05)",
        "the same for a bank of the classifier's vectors, by 1 - cosine",
        _INT,
        (cel.Type.List(_DOUBLE), _DOUBLE),
        _within,
        member=True,
    ),
    Signature(
        "inHours",
        "now.inHours(22, 6)",
        "whether it is between the hours, UTC, over midnight too",
        _BOOL,
        (_TIME, _INT, _INT),
        _in_hours,
        member=True,
    ),
    Signature(
        "inHours",
        "now.inHours(22, 6, 'Europe/Berlin')",
        "the same by the clocks of a time zone",
        _BOOL,
        (_TIME, _INT, _INT, _STRING),
        _in_hours,
        member=True,
    ),
    Signature(
        "share",
        "share(author.removals, author.posts)",
        "the first divided by the second, 0.0 where the second is 0",
        _DOUBLE,
        (_INT, _INT),
        _share,
    ),
)
