"""What banks know is found again, and what a match means follows the bank's settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rules.banks import (
    BankError,
    BankQuery,
    BankSet,
    BankSettings,
    Change,
    PictureHash,
    append,
    compact,
    create_bank,
    dihedral_hashes,
    picture_hash,
    text_fingerprint,
    text_hash,
    text_sha256,
)
from rules.matchers import Folder
from schemas import Action

TEXT = "Join our channel today and double your coins within a week, guaranteed, ask me how!"
DIGEST = hashlib.sha256(b"file").hexdigest()


def _bank(folder: Path, name: str, rows: Iterable[tuple[str, str]] = (), **settings: Any) -> Path:
    create_bank(folder / name, BankSettings(**settings))
    append(folder / name, [Change(op="add", entry=entry, rows=[row]) for entry, row in rows])
    return folder / name


def _picture(seed: int, size: int = 96) -> npt.NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 6, 3)).astype(float)
    places = np.linspace(0, 5, size)
    rows = np.stack(
        [coarse[int(p)] * (1 - p % 1) + coarse[min(5, int(p) + 1)] * (p % 1) for p in places]
    )
    both = np.stack(
        [rows[:, int(p)] * (1 - p % 1) + rows[:, min(5, int(p) + 1)] * (p % 1) for p in places],
        axis=1,
    )
    return both.astype(np.uint8)


def _asked(text: str) -> BankQuery:
    return BankQuery(text=text_hash(text, Folder()))


def _entries(banks: BankSet, query: BankQuery) -> list[str]:
    return [match.entry for match in banks.match(query)]


def test_the_same_text_is_found_however_disguised(tmp_path: Path) -> None:
    _bank(tmp_path, "scams", [("one", text_sha256(TEXT, Folder()))], kind="text")
    banks = BankSet(tmp_path)
    assert _entries(banks, _asked(TEXT.upper().replace("O", "О").replace(" ", "  "))) == ["one"]
    assert _entries(banks, _asked(TEXT + " now")) == []


def test_a_text_changed_a_little_is_found_and_another_is_not(tmp_path: Path) -> None:
    fingerprint = text_fingerprint(TEXT, Folder())
    assert fingerprint is not None
    _bank(tmp_path, "scams", [("one", fingerprint.hex())], kind="near_text")
    banks = BankSet(tmp_path)
    (match,) = banks.match(_asked(TEXT.replace("ask me how", "ask me now")))
    assert (match.entry, match.modality) == ("one", "text")
    assert 0 < match.distance <= 31
    assert _entries(banks, _asked("The weather in the mountains was lovely all through May.")) == []


def test_a_text_too_short_for_a_fingerprint_has_none() -> None:
    assert text_fingerprint("hi there", Folder()) is None


def test_pictures_are_found_turned_mirrored_and_framed(tmp_path: Path) -> None:
    picture = _picture(1)
    hashes, quality = dihedral_hashes(picture)
    assert quality >= 50
    _bank(tmp_path, "memes", [("meme", row.hex()) for row in hashes], kind="pdq")
    banks = BankSet(tmp_path)
    framed = np.pad(picture, ((20, 20), (9, 9), (0, 0)), constant_values=255)
    for seen in (picture, np.rot90(picture), picture[:, ::-1], framed):
        pdq, quality = picture_hash(np.ascontiguousarray(seen))
        assert _entries(banks, BankQuery(images=[PictureHash(pdq=pdq, quality=quality)])) == [
            "meme"
        ]
    pdq, quality = picture_hash(_picture(2))
    assert _entries(banks, BankQuery(images=[PictureHash(pdq=pdq, quality=quality)])) == []


def test_a_picture_of_low_quality_is_not_sought(tmp_path: Path) -> None:
    _bank(tmp_path, "memes", [("meme", "00" * 32)], kind="pdq")
    banks = BankSet(tmp_path)
    assert _entries(banks, BankQuery(images=[PictureHash(pdq=bytes(32), quality=49)])) == []
    assert _entries(banks, BankQuery(images=[PictureHash(pdq=bytes(32), quality=50)])) == ["meme"]


@pytest.mark.parametrize(("bits", "known"), [(10, True), (11, False)])
def test_a_bank_of_its_own_threshold_reaches_no_further(
    tmp_path: Path, bits: int, *, known: bool
) -> None:
    _bank(tmp_path, "strict", [("a", "00" * 32)], kind="pdq", threshold=10, action="remove")
    _bank(tmp_path, "wide", [("b", "00" * 32)], kind="pdq", action="limit")
    apart = ((1 << bits) - 1).to_bytes(32)
    found = BankSet(tmp_path).match(BankQuery(images=[PictureHash(pdq=apart)]))
    told = [(match.bank, match.distance, match.action) for match in found]
    strict, wide = ("strict", bits, Action.REMOVE), ("wide", bits, Action.LIMIT)
    assert told == ([strict, wide] if known else [wide])


@pytest.mark.parametrize(("kind", "part"), [("image", "image"), ("audio", "audio")])
def test_files_are_found_by_digest_and_named_by_place(tmp_path: Path, kind: str, part: str) -> None:
    _bank(tmp_path, "files", [("file", DIGEST)], kind=kind, action="remove")
    query = BankQuery(
        images=[PictureHash(sha256="00" * 32), PictureHash(sha256=DIGEST)], audio=[None, DIGEST]
    )
    (match,) = BankSet(tmp_path).match(query)
    assert (match.modality, match.index, match.action) == (part, 1, Action.REMOVE)


def test_a_match_in_a_negative_bank_cancels_the_others_on_the_same_part(tmp_path: Path) -> None:
    _bank(tmp_path, "bad", [("a", DIGEST), ("b", "11" * 32)], kind="image")
    _bank(tmp_path, "known_good", [("logo", DIGEST)], kind="image", negative=True)
    query = BankQuery(images=[PictureHash(sha256=DIGEST), PictureHash(sha256="11" * 32)])
    assert _entries(BankSet(tmp_path), query) == ["b"]


def test_a_flooding_entry_asks_for_review_until_a_reviewer_confirms_it(tmp_path: Path) -> None:
    folder = _bank(
        tmp_path,
        "files",
        [("f", DIGEST)],
        kind="audio",
        action="remove",
        flood_posts=2,
        flood_window_s=60,
    )
    now = 1_000.0
    banks = BankSet(tmp_path, clock=lambda: now)
    actions = [banks.match(BankQuery(audio=[DIGEST, DIGEST]))[0].action for _ in range(4)]
    assert actions == [Action.REMOVE, Action.REMOVE, Action.REVIEW, Action.REVIEW]
    assert banks.stats()["files"].quarantined == 1
    append(folder, [Change(op="confirm", entry="f", by="reviewer")])
    banks.reload()
    assert banks.match(BankQuery(audio=[DIGEST]))[0].action is Action.REMOVE


def test_matches_spread_over_time_are_no_flood(tmp_path: Path) -> None:
    _bank(tmp_path, "files", [("f", DIGEST)], kind="audio", flood_posts=2, flood_window_s=60)
    times = iter(range(0, 10_000, 100))
    banks = BankSet(tmp_path, clock=lambda: float(next(times)))
    assert not any(banks.match(BankQuery(audio=[DIGEST]))[0].quarantined for _ in range(9))


def test_a_denied_entry_matches_no_more(tmp_path: Path) -> None:
    folder = _bank(tmp_path, "files", [("f", DIGEST)], kind="audio")
    banks = BankSet(tmp_path)
    before = banks.look_up([]).versions
    append(folder, [Change(op="deny", entry="f", by="reviewer")])
    banks.reload()
    assert _entries(banks, BankQuery(audio=[DIGEST])) == []
    assert banks.look_up([]).versions != before


def test_a_ratio_takes_the_same_share_of_posts_every_time(tmp_path: Path) -> None:
    _bank(tmp_path, "files", [("f", DIGEST)], kind="audio", ratio=0.25)
    banks = BankSet(tmp_path)
    queries = [BankQuery(key=f"post-{n}", audio=[DIGEST]) for n in range(1_000)]
    taken = [bool(found) for found in banks.match_many(queries)]
    assert 200 < sum(taken) < 300
    assert taken == [bool(found) for found in banks.match_many(queries)]


@pytest.mark.parametrize("kind", ["pdq", "image"])
def test_compacting_changes_nothing_that_is_found(tmp_path: Path, kind: str) -> None:
    rows = [(f"e{n}", hashlib.sha256(b"%d" % n).hexdigest()) for n in range(5_000)]
    folder = _bank(tmp_path, "bank", rows, kind=kind)
    append(folder, [Change(op="deny", entry="e1")])
    queries = [
        BankQuery(images=[PictureHash(sha256=row, pdq=bytes.fromhex(row))]) for _, row in rows[:50]
    ]
    before = BankSet(tmp_path).match_many(queries)
    compact(folder)
    append(folder, [Change(op="add", entry="late", rows=["ab" * 32])])
    banks = BankSet(tmp_path)
    assert banks.match_many(queries) == before
    assert [len(found) for found in before].count(0) == 1
    assert _entries(
        banks, BankQuery(images=[PictureHash("ab" * 32, bytes.fromhex("ab" * 32))])
    ) == ["late"]


def test_a_damaged_base_is_refused(tmp_path: Path) -> None:
    folder = _bank(tmp_path, "files", [("f", DIGEST)], kind="audio")
    compact(folder)
    (rows,) = folder.glob("base-*.npy")
    fresh = bytearray(rows.read_bytes())
    fresh[-1] ^= 1
    rows.write_bytes(fresh)
    with pytest.raises(BankError, match="damaged"):
        BankSet(tmp_path)


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 31"):
        BankSettings(kind="pdq", threshold=40)
    with pytest.raises(ValueError, match="leave the threshold out"):
        BankSettings(kind="image", threshold=1)


def test_a_row_of_the_wrong_length_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    folder = _bank(tmp_path, "files", [("f", DIGEST)], kind="audio")
    with pytest.raises(BankError, match="2 bytes"):
        append(
            folder,
            [
                Change(op="add", entry="g", rows=["ab" * 32]),
                Change(op="add", entry="h", rows=["abcd"]),
            ],
        )
    assert BankSet(tmp_path).stats()["files"].rows == 1
