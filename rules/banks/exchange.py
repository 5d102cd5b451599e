"""Reading and writing the hash lists that platforms exchange.

Read:

- CSV as Hasher-Matcher-Actioner's samples have it, without a header: ``hash,id,time,tags``; or with
  a header that names ``hash`` (or ``signal_value``, ``hash_digest``, ``indicator``, ``value``) and,
  if there are any, ``id`` and ``signal_type`` (or ``algorithm``, ``type``); so has the
  ``threatexchange`` library's dataset: ``collab,signal_type,signal_str,category,tags``.
- Lines of the ``threatexchange`` library's local-file exchange: ``pdq HASH``, or a hash a line.
- JSON: a list of objects with the same names, or such a list under ``results`` (Tech Against
  Terrorism's hash list) or ``data`` (ThreatExchange's threat descriptors), and HMA's signals of one
  content, ``{"pdq": "HASH"}``. Objects marked ``deleted`` are left out.

Written: the headerless CSV and the JSON list under ``results``. Lists of vectors name the
``encoder`` that made each, so their CSV has a header.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rules.banks.bank import Bank
from rules.banks.change import Change
from rules.banks.errors import BankError
from rules.banks.rows import parse_row
from rules.banks.settings import BankKind, BankSettings

_HASH_NAMES: Final = (
    "hash",
    "signal_value",
    "signal_str",
    "hash_digest",
    "indicator",
    "value",
)
_ID_NAMES: Final = ("id", "content_id", "entry")
_TYPE_NAMES: Final = ("signal_type", "algorithm", "type")
_TYPES: Final = {
    "pdq": {BankKind.PDQ},
    "sha256": {BankKind.TEXT, BankKind.IMAGE, BankKind.AUDIO},
    "near_text": {BankKind.NEAR_TEXT},
    "embedding": {BankKind.EMBEDDING},
}
_ENDINGS: Final = (".json", ".csv", ".txt")
_LINE: Final = re.compile(r"(?:(?P<type>[A-Za-z][\w-]*)\s+)?(?P<hash>[0-9A-Fa-f]+)")


@dataclass(frozen=True, slots=True)
class Import:
    """What an exchange file holds for a bank."""

    changes: Sequence[Change]
    skipped: Mapping[str, int]
    """Entries left out, counted by the reason."""


def import_entries(path: Path, settings: BankSettings, *, by: str = "") -> Import:
    """Read a list for a bank with these settings.

    Args:
        path: a file ending in ``.json``, ``.csv`` or ``.txt``.
        settings: of the bank; entries of another type than its kind are skipped and counted.
        by: who or what vouches for the entries.

    Raises:
        BankError: the file cannot be read, an entry has not the form of its type, or a vector comes
            from another model than the bank's.
    """
    if path.suffix not in _ENDINGS:
        raise BankError(f"{path} ends in none of {', '.join(_ENDINGS)}")
    kind = settings.kind
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = list(_json_objects(text) if path.suffix == ".json" else _line_objects(text))
    except OSError as error:
        raise BankError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, csv.Error) as error:
        raise BankError(f"{path} cannot be read as a list of hashes: {error}") from error
    changes: list[Change] = []
    skipped: Counter[str] = Counter()
    for number, item in enumerate(found, start=1):
        value, reason = _pick(item, _HASH_NAMES), _why_skipped(item, kind)
        if reason:
            skipped[reason] += 1
            continue
        if not value:
            raise BankError(f"{path}, entry {number}: no hash among {sorted(map(str, item))}")
        try:
            _check_encoder(_pick(item, ("encoder",)), settings)
            parse_row(kind, value)
        except BankError as error:
            raise BankError(f"{path}, entry {number}: {error}") from error
        entry = _pick(item, _ID_NAMES) or value[:64].lower()
        changes.append(Change(op="add", entry=entry, rows=[value.lower()], by=by))
    return Import(changes, dict(skipped))


def export_entries(bank: Bank, path: Path) -> int:
    """Write a bank's entries, a row each, as ``.csv`` or ``.json``; returns how many.

    Raises:
        BankError: the ending is another.
    """
    name = _type_of(bank.settings.kind)
    rows = [(row.tobytes().hex(), entry) for entry, row in bank.entries()]
    encoder = bank.settings.encoders[:1]
    if path.suffix == ".csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        if encoder:
            writer.writerow(("hash", "id", "signal_type", "encoder"))
            writer.writerows((*row, name, *encoder) for row in rows)
        else:
            writer.writerows((*row, "", bank.name) for row in rows)
        path.write_text(out.getvalue(), encoding="utf-8")
    elif path.suffix == ".json":
        made_by = {"encoder": encoder[0]} if encoder else {}
        results = [
            {"hash_digest": h, "algorithm": name, "id": e, "deleted": False} | made_by
            for h, e in rows
        ]
        path.write_text(json.dumps({"count": len(results), "results": results}), encoding="utf-8")
    else:
        raise BankError(f"{path} ends in neither .csv nor .json")
    return len(rows)


def _check_encoder(encoder: str, settings: BankSettings) -> None:
    if settings.encoders and encoder not in settings.encoders:
        said = f"comes from the encoder {encoder!r}" if encoder else "does not name its encoder"
        raise BankError(
            f"the vector {said}, and the bank's are {', '.join(settings.encoders)}; vectors of "
            "different models cannot be compared"
        )


def _type_of(kind: BankKind) -> str:
    return next(name for name, kinds in _TYPES.items() if kind in kinds)


def _why_skipped(item: Mapping[str, Any], kind: BankKind) -> str:
    if item.get("deleted") in {True, "true", "True", "1"}:
        return "deleted"
    name = _pick(item, _TYPE_NAMES).lower().replace("-", "").removeprefix("hash_")
    if name and kind not in _TYPES.get(name, ()):
        return f"of type {name}"
    return ""


def _pick(item: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((str(item[name]).strip() for name in names if item.get(name) is not None), "")


def _json_objects(text: str) -> Iterable[Mapping[str, Any]]:
    loaded = json.loads(text)
    if isinstance(loaded, dict):
        listed = loaded.get("results", loaded.get("data"))
        if listed is None:  # the signals of one content, by type
            signals = {name: value for name, value in loaded.items() if name in _TYPES}
            listed = [{"signal_type": n, "signal_value": v} for n, v in signals.items()]
        loaded = listed
    if not isinstance(loaded, list) or not all(isinstance(item, dict) for item in loaded):
        raise ValueError("expected a list of objects, or one under 'results' or 'data'")
    return loaded


def _line_objects(text: str) -> Iterable[Mapping[str, Any]]:
    first = text.partition("\n")[0]
    if "," not in first:
        return [_parse_line(line) for line in text.splitlines() if line.strip()]
    names = {name.strip().lower() for name in first.split(",")}
    if names & {*_HASH_NAMES}:
        return [
            {str(name).strip().lower(): value for name, value in row.items()}
            for row in csv.DictReader(io.StringIO(text))
        ]
    return [dict(zip(("hash", "id"), row, strict=False)) for row in csv.reader(io.StringIO(text))]


def _parse_line(line: str) -> Mapping[str, Any]:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"{line[:80]!r} is neither a hash nor a type and a hash")
    return {"hash": match["hash"], "signal_type": match["type"]}
