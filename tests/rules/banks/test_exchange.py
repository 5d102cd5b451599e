"""Lists that platforms exchange are read in their forms, and what is exported is read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rules.banks import (
    BankError,
    BankKind,
    BankSettings,
    append,
    create_bank,
    export_entries,
    import_entries,
    load_bank,
)

ONE, TWO = "ab" * 32, "CD" * 32
PDQ = BankSettings(kind=BankKind.PDQ)


@pytest.mark.parametrize(
    ("name", "content", "ids"),
    [
        ("hma.csv", f"{ONE},17,2020-07-31T18:47:52+0000,tag other\n{TWO},18,,\n", ["17", "18"]),
        (
            "dataset.csv",
            f"collab,signal_type,signal_str,category,tags\nA,pdq,{ONE},X,\nA,pdq,{TWO},X,\n",
            [ONE, TWO.lower()],
        ),
        ("head.csv", f"id,hash\nx,{ONE}\ny,{TWO}\n", ["x", "y"]),
        ("local.txt", f"pdq {ONE}\npdq {TWO}\n", [ONE, TWO.lower()]),
        ("plain.txt", f"{ONE}\n{TWO}\n", [ONE, TWO.lower()]),
        (
            "tat.json",
            json.dumps(
                {
                    "results": [
                        {"hash_digest": h, "algorithm": "PDQ", "id": n}
                        for n, h in enumerate((ONE, TWO))
                    ]
                }
            ),
            ["0", "1"],
        ),
        (
            "descriptors.json",
            json.dumps({"data": [{"indicator": h, "type": "HASH_PDQ"} for h in (ONE, TWO)]}),
            [ONE, TWO.lower()],
        ),
        ("one.json", json.dumps({"pdq": ONE}), [ONE]),
    ],
)
def test_forms_that_are_read(tmp_path: Path, name: str, content: str, ids: list[str]) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert [change.entry for change in import_entries(path, PDQ).changes] == ids


def test_what_does_not_fit_is_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    rows = [
        {"hash_digest": ONE, "algorithm": "PDQ"},
        {"hash_digest": "12", "algorithm": "MD5"},
        {"hash_digest": TWO, "algorithm": "PDQ", "deleted": True},
    ]
    path.write_text(json.dumps({"results": rows}))
    read = import_entries(path, PDQ)
    assert (len(read.changes), read.skipped) == (1, {"of type md5": 1, "deleted": 1})


@pytest.mark.parametrize("content", ["not a hash!", "abcd\n", f"pdq {ONE}ff\n"])
def test_a_hash_that_is_none_is_an_error_with_its_place(tmp_path: Path, content: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(content)
    with pytest.raises(BankError, match=r"list\.txt"):
        import_entries(path, PDQ)


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_what_is_exported_is_imported_alike(tmp_path: Path, ending: str) -> None:
    source = tmp_path / "list.csv"
    source.write_text(f"{ONE},a,,\n{TWO},b,,\n")
    create_bank(tmp_path / "bank", PDQ)
    changes = import_entries(source, PDQ).changes
    append(tmp_path / "bank", changes)
    out = tmp_path / f"out{ending}"
    assert export_entries(load_bank(tmp_path / "bank"), out) == 2
    assert list(import_entries(out, PDQ).changes) == list(changes)
