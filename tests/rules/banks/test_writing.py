"""Processes that write one bank at the same time lose nothing."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from pathlib import Path

import pytest

from rules.banks import (
    BankError,
    BankSet,
    BankSettings,
    Change,
    append,
    compact,
    create_bank,
    load_bank,
)

WRITERS, WRITES = 2, 40


def _write(folder: Path, writer: int) -> None:
    for number in range(WRITES):
        row = hashlib.sha256(b"%d/%d" % (writer, number)).hexdigest()
        append(folder, [Change(op="add", entry=f"{writer}/{number}", rows=[row])])


def test_nothing_appended_is_lost_to_another_process_that_compacts(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    create_bank(folder, BankSettings(kind="image"))
    forked = multiprocessing.get_context("fork")
    writers = [forked.Process(target=_write, args=(folder, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        compact(folder)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    compact(folder)
    known = {entry for entry, _ in load_bank(folder).entries()}
    assert known == {f"{writer}/{number}" for writer in range(WRITERS) for number in range(WRITES)}


@pytest.mark.parametrize("name", ["My Bank", "9lives", "x" * 65])
def test_a_name_that_no_verdict_could_carry_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BankError, match="is no name for a bank"):
        create_bank(tmp_path / name, BankSettings(kind="image"))


def test_a_folder_that_is_no_bank_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BankError, match="a bank needs its settings"):
        append(tmp_path, [Change(op="deny", entry="x")])
    with pytest.raises(BankError, match="a bank needs its settings"):
        compact(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_set_knows_when_its_folder_holds_something_else(tmp_path: Path) -> None:
    create_bank(tmp_path / "files", BankSettings(kind="image"))
    banks = BankSet(tmp_path)
    assert not banks.changed()
    append(tmp_path / "files", [Change(op="add", entry="a", rows=["ab" * 32])])
    assert banks.changed()
    banks.reload()
    assert not banks.changed()
    assert banks.stats()["files"].entries == 1
    create_bank(tmp_path / "sounds", BankSettings(kind="audio"))
    assert banks.changed()


def test_an_age_tells_of_content_and_not_of_words(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    create_bank(folder, BankSettings(kind="image"))
    append(folder, [Change(op="add", entry="a", rows=["ab" * 32])])
    written = load_bank(folder).changed_at
    os.utime(folder / "delta.jsonl", (written - 60, written - 60))
    append(folder, [Change(op="confirm", entry="a", by="curator")])
    assert load_bank(folder).changed_at == pytest.approx(written - 60)
    append(folder, [])
    assert load_bank(folder).changed_at > written - 60, "its feed looked, and had nothing to add"


def test_a_change_half_written_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    create_bank(folder, BankSettings(kind="image"))
    append(folder, [Change(op="add", entry="a\u2028b", rows=["ab" * 32])])
    assert load_bank(folder).size == 1
    with (folder / "delta.jsonl").open("a") as file:
        file.write('{"op": "add", "ent')
    with pytest.raises(BankError, match=r"delta.jsonl:2: this is no change of a bank"):
        load_bank(folder)
