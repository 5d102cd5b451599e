"""The worker asks the banks about each post, follows their files, and never passes a failure by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from rules.banks import BankKind, BankQuery, Change, PictureHash, append, text_hash
from rules.matchers import Folder
from schemas import Action, BankPart, Media, Modality, NotScannedReason, Post
from tests.workers.moderator.banking import TEXT, digest, make_bank
from tests.workers.moderator.making import make_post
from workers.moderator.banks import WorkerBanks
from workers.moderator.errors import StartError
from workers.moderator.fingerprints import Fingerprints

KNOWN, OTHER = digest(b"known"), digest(b"other")


def asked(post: Post, *digests: str | None, text: bool = False) -> tuple[Post, Fingerprints]:
    query = BankQuery(
        post.post_id,
        text=text_hash(post.text or "", Folder()) if text else None,
        images=[PictureHash(sha256=one) for one in digests],
    )
    return post, Fingerprints(query)


def pictures(count: int, post_id: str = "post-1") -> Post:
    return make_post(post_id, images=tuple(Media(key=f"{place}.jpg") for place in range(count)))


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_bank(tmp_path / "banks" / "files", "image", {"e1": [KNOWN]}, action="remove")
    return tmp_path / "banks"


def test_a_known_picture_is_found_at_its_place_in_the_post(
    folder: Path, registry: CollectorRegistry
) -> None:
    banks = WorkerBanks(folder, registry)
    post, prints = asked(pictures(3), OTHER, None, KNOWN)
    (found,) = banks.look_up([post], [prints])
    (match,) = found.matches["files"]
    assert (match.modality, match.index, match.distance) == (BankPart.IMAGE, 2, 0)
    assert (match.action, match.entry) == (Action.REMOVE, "e1")
    assert found.versions.keys() == {"files"}
    assert found.not_scanned == ()
    labels = {"bank": "files", "action": "remove"}
    assert registry.get_sample_value("moderation_bank_matches_total", labels) == 1


def test_a_bank_that_knows_nothing_was_asked_all_the_same(
    folder: Path, registry: CollectorRegistry
) -> None:
    post, prints = asked(pictures(1), OTHER)
    (found,) = WorkerBanks(folder, registry).look_up([post], [prints])
    assert found.matches == {"files": []}


def test_of_one_bank_and_part_the_nearest_entry_is_told(
    tmp_path: Path, registry: CollectorRegistry
) -> None:
    near = text_hash(TEXT.replace("ask me", "tell me"), Folder()).near
    same = text_hash(TEXT, Folder()).near
    assert near is not None
    assert same is not None
    make_bank(tmp_path / "scams", "near_text", {"a-near": [near.hex()], "same": [same.hex()]})
    post, prints = asked(make_post(text=TEXT), text=True)
    (found,) = WorkerBanks(tmp_path, registry).look_up([post], [prints])
    assert [(one.entry, one.distance) for one in found.matches["scams"]] == [("same", 0)]


def test_a_failing_look_up_is_named_for_its_post_alone(
    folder: Path, registry: CollectorRegistry
) -> None:
    make_bank(folder / "sounds", "audio", {})
    posts, prints = zip(
        asked(pictures(1, "good"), KNOWN),
        asked(pictures(2, "bad"), "no digest", None),
        asked(pictures(1, "fine"), OTHER),
        strict=True,
    )
    good, bad, fine = WorkerBanks(folder, registry).look_up(posts, prints)
    assert len(good.matches["files"]) == 1
    assert fine.not_scanned == ()
    assert bad.matches == {}
    assert [(one.modality, one.index, one.reason) for one in bad.not_scanned] == [
        (Modality.IMAGE, 0, NotScannedReason.BANK_FAILED),
        (Modality.IMAGE, 1, NotScannedReason.BANK_FAILED),
    ]
    assert bad.not_scanned[0].detail == "the banks could not be asked: BankError"
    assert registry.get_sample_value("moderation_bank_lookup_failures_total") == 1


def test_changed_files_are_taken_and_the_metrics_say_so(
    folder: Path, registry: CollectorRegistry
) -> None:
    banks = WorkerBanks(folder, registry)
    append(folder / "files", [Change(op="add", entry="e2", rows=[OTHER])])
    make_bank(folder / "sounds", "audio", {}, renew_within_s=60)
    banks.refresh()
    post, prints = asked(pictures(1), OTHER)
    (found,) = banks.look_up([post], [prints])
    assert found.matches["files"][0].entry == "e2"
    assert banks.names == ["files", "sounds"]
    sample = registry.get_sample_value
    assert sample("moderation_bank_entries", {"bank": "files"}) == 2
    age = sample("moderation_bank_age_seconds", {"bank": "files"})
    assert age is not None
    assert age >= 0
    assert sample("moderation_bank_renew_within_seconds", {"bank": "sounds"}) == 60
    assert sample("moderation_bank_renew_within_seconds", {"bank": "files"}) is None


def test_banks_that_cannot_be_loaded_anew_leave_the_old_in_force_until_they_are_mended(
    folder: Path, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    banks = WorkerBanks(folder, registry)
    delta = folder / "files" / "delta.jsonl"
    before = delta.read_bytes()
    delta.write_bytes(before + b"{half a line")
    banks.refresh()
    banks.refresh()
    post, prints = asked(pictures(1), KNOWN)
    assert banks.look_up([post], [prints])[0].matches["files"]
    sample = registry.get_sample_value
    assert sample("moderation_bank_reload_failures_total") == 2
    behind = sample("moderation_banks_behind_seconds")
    assert behind is not None
    assert behind > 0
    assert len(caplog.records) == 1, "the same reason is said once"
    delta.write_bytes(before)
    banks.refresh()
    assert sample("moderation_banks_behind_seconds") == 0


def test_a_flooding_entry_is_counted_in_quarantine(
    tmp_path: Path, registry: CollectorRegistry
) -> None:
    make_bank(tmp_path / "files", "image", {"e1": [KNOWN]}, action="remove", flood_posts=1)
    banks = WorkerBanks(tmp_path, registry)
    posts, prints = zip(*(asked(pictures(1, f"p{n}"), KNOWN) for n in range(2)), strict=True)
    first, second = banks.look_up(posts, prints)
    assert first.matches["files"][0].action is Action.REMOVE
    assert (second.matches["files"][0].action, second.matches["files"][0].quarantined) == (
        Action.REVIEW,
        True,
    )
    sample = registry.get_sample_value
    assert sample("moderation_bank_quarantined_entries", {"bank": "files"}) == 1


ENCODER = "compact@sha256:0123456789ab"


def vectors_bank(folder: Path, name: str = "vectors", **settings: Any) -> Path:
    row = np.array([0.6, 0.8], np.float32).tobytes().hex()
    return make_bank(folder / name, "embedding", {"v1": [row]}, encoders=(ENCODER,), **settings)


def test_a_bank_of_vectors_is_asked_about_what_the_classifier_gave(
    folder: Path, registry: CollectorRegistry
) -> None:
    vectors_bank(folder, action="limit")
    banks = WorkerBanks(folder, registry, encoder=ENCODER)
    assert banks.want_vectors
    post, prints = asked(make_post(text=TEXT))
    seen = np.array([[1, 0], [0.64, 0.768]], np.float32)
    (found,) = banks.look_up([post], [prints], [seen])
    (match,) = found.matches["vectors"]
    assert (match.modality, match.entry, match.action) == (BankPart.POST, "v1", Action.LIMIT)
    assert match.distance == pytest.approx(1 - 0.9984 / 0.9997, abs=1e-3)
    assert match.find().distance == match.distance


def test_a_bank_that_came_while_the_post_was_under_way_is_not_said_to_know_nothing(
    folder: Path, registry: CollectorRegistry
) -> None:
    banks = WorkerBanks(folder, registry, encoder=ENCODER)
    post, prints = asked(make_post(text=TEXT))
    vectors_bank(folder)
    banks.refresh()
    taken_before = replace(prints, kinds=frozenset({BankKind.PDQ}))
    (found,) = banks.look_up([post], [taken_before], [None])
    assert (found.matches, found.versions, found.not_scanned) == ({}, {}, ())


def test_vectors_that_do_not_fit_are_a_failed_look_up_of_every_piece(
    tmp_path: Path, registry: CollectorRegistry
) -> None:
    vectors_bank(tmp_path)
    banks = WorkerBanks(tmp_path, registry, encoder=ENCODER)
    post, prints = asked(pictures(1))
    (found,) = banks.look_up([post], [prints], [np.ones((1, 3), np.float32)])
    assert [(one.modality, one.reason) for one in found.not_scanned] == [
        (Modality.TEXT, NotScannedReason.BANK_FAILED),
        (Modality.IMAGE, NotScannedReason.BANK_FAILED),
    ]


def test_a_bank_filled_by_another_model_stays_out_and_is_told(
    folder: Path, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    banks = WorkerBanks(folder, registry, encoder="compact@sha256:feedfeedfeed")
    vectors_bank(folder)
    banks.refresh()
    assert banks.names == ["files"]
    assert (
        "by compact@sha256:feedfeedfeed. Vectors of different"
        in caplog.records[-1].__dict__["reason"]
    )
    behind = registry.get_sample_value("moderation_banks_behind_seconds")
    assert behind is not None
    assert behind > 0


@pytest.mark.parametrize("encoder", [None, "compact@sha256:feedfeedfeed"])
def test_a_worker_does_not_start_with_a_bank_of_another_models_vectors(
    folder: Path, registry: CollectorRegistry, encoder: str | None
) -> None:
    vectors_bank(folder)
    with pytest.raises(StartError, match=r"vectors by compact@sha256:0123456789ab, and"):
        WorkerBanks(folder, registry, encoder=encoder)


def test_a_worker_does_not_start_without_the_folder(
    tmp_path: Path, registry: CollectorRegistry
) -> None:
    with pytest.raises(StartError, match="is no folder"):
        WorkerBanks(tmp_path / "banks", registry)


def test_words_on_matches_are_shown(folder: Path, registry: CollectorRegistry) -> None:
    banks = WorkerBanks(folder, registry)
    sample = registry.get_sample_value
    labels = {"bank": "files"}
    assert sample("moderation_bank_confirmed_share", labels) is None, "nobody has said anything"
    append(
        folder / "files",
        [Change(op="deny", entry="e1", decision=f"decision-{number}") for number in range(20)],
    )
    banks.refresh()
    assert sample("moderation_bank_denials", labels) == 20
    assert sample("moderation_bank_confirmed_share", labels) == 0
    assert sample("moderation_bank_doubted", labels) == 1
    assert sample("moderation_bank_reloads_total") == 1
