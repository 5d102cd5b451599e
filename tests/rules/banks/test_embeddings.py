"""Banks of the classifier's vectors find near posts, and refuse vectors of other models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rules.banks import (
    BankError,
    BankQuery,
    BankSet,
    BankSettings,
    Change,
    append,
    create_bank,
    export_entries,
    import_entries,
    load_bank,
)

ENCODER = "compact@sha256:0123456789ab"


def _row(numbers: list[float]) -> str:
    return np.array(numbers, np.float32).tobytes().hex()


def _vectors(folder: Path, name: str, entries: dict[str, list[float]], **settings: Any) -> Path:
    chosen = {"kind": "embedding", "encoders": [ENCODER]} | settings
    create_bank(folder / name, BankSettings.model_validate(chosen))
    append(
        folder / name,
        [Change(op="add", entry=entry, rows=[_row(row)]) for entry, row in entries.items()],
    )
    return folder / name


def _seen(*views: list[float]) -> BankQuery:
    return BankQuery(embeddings=np.array(views, np.float32))


def _entries(banks: BankSet, query: BankQuery) -> list[str]:
    return [match.entry for match in banks.match(query)]


def test_embeddings_are_found_within_the_cosine_distance(tmp_path: Path) -> None:
    _vectors(tmp_path, "near", {"v": [3, 4, 0]}, threshold=0.05)
    banks = BankSet(tmp_path, encoder=ENCODER)
    (match,) = banks.match(_seen([6, 8, 1]))
    assert (match.entry, match.modality, match.index) == ("v", "post", 0)
    assert match.distance == pytest.approx(1 - 50 / (5 * 101**0.5), abs=1e-6)
    assert _entries(banks, _seen([3, 4, 3])) == []


def test_of_the_views_of_a_post_the_nearest_is_told_once(tmp_path: Path) -> None:
    _vectors(tmp_path, "near", {"v": [1, 0]}, threshold=0.5)
    (match,) = BankSet(tmp_path, encoder=ENCODER).match(_seen([1, 1], [0, 1], [1, 0.1]))
    assert match.distance == pytest.approx(1 - 1 / 1.01**0.5, abs=1e-6)


def test_harmless_views_do_not_cancel_what_another_view_matches(tmp_path: Path) -> None:
    _vectors(tmp_path, "bad", {"v": [1, 0]})
    _vectors(tmp_path, "good", {"logo": [0, 1]}, negative=True)
    banks = BankSet(tmp_path, encoder=ENCODER)
    assert _entries(banks, _seen([0, 1], [1, 0])) == ["v"]
    assert _entries(banks, _seen([0, 1])) == []


@pytest.mark.parametrize("encoder", [None, "other@sha256:0123456789ab"])
def test_a_bank_of_vectors_by_another_model_is_refused(tmp_path: Path, encoder: str | None) -> None:
    _vectors(tmp_path, "near", {"v": [1, 0]})
    with pytest.raises(BankError, match="cannot be compared: fill a bank with the model in use"):
        BankSet(tmp_path, encoder=encoder)


def test_a_bank_names_every_model_that_gives_its_vectors(tmp_path: Path) -> None:
    _vectors(tmp_path, "near", {"v": [1, 0]}, encoders=[ENCODER, "compact@sha256:feedfeedfeed"])
    banks = BankSet(tmp_path, encoder="compact@sha256:feedfeedfeed")
    assert _entries(banks, _seen([1, 0])) == ["v"]


def test_a_vector_of_another_length_is_an_error_and_no_miss(tmp_path: Path) -> None:
    folder = _vectors(tmp_path, "near", {"v": [1, 0]})
    banks = BankSet(tmp_path, encoder=ENCODER)
    with pytest.raises(BankError, match="rows of 2 numbers, and is asked about 3"):
        banks.match(_seen([1, 0, 0]))
    with pytest.raises(BankError, match=r"vectors of \[2, 3\] numbers"):
        append(folder, [Change(op="add", entry="w", rows=[_row([1, 0, 0])])])


def test_a_bank_of_vectors_must_name_their_model_and_no_other_bank_does() -> None:
    with pytest.raises(ValueError, match="must say by which model"):
        BankSettings(kind="embedding")
    with pytest.raises(ValueError, match="leave encoders out"):
        BankSettings(kind="pdq", encoders=(ENCODER,))


@pytest.mark.parametrize("name", ["list.csv", "list.json"])
def test_an_exported_list_names_the_model_and_fits_only_its_banks(
    tmp_path: Path, name: str
) -> None:
    folder = _vectors(tmp_path / "banks", "near", {"v": [1, 0], "w": [0.6, 0.8]})
    target = tmp_path / name
    assert export_entries(load_bank(folder), target) == 2
    settings = load_bank(folder).settings
    assert [change.entry for change in import_entries(target, settings).changes] == ["v", "w"]
    other = settings.model_copy(update={"encoders": ("other@sha256:0123456789ab",)})
    with pytest.raises(BankError, match=r"entry 1: the vector comes from the encoder 'compact@"):
        import_entries(target, other)


def test_a_vector_that_names_no_model_is_not_taken_in(tmp_path: Path) -> None:
    source = tmp_path / "list.txt"
    source.write_text(f"{_row([1, 0])}\n")
    settings = BankSettings(kind="embedding", encoders=(ENCODER,))
    with pytest.raises(BankError, match="does not name its encoder"):
        import_entries(source, settings)
