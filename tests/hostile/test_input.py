"""Hostile input is answered with a reason, whatever it is: the short course of ``fuzz.py``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.media import DecodingPool, GuardedDecoder, MediaError, MediaLimits
from tests.hostile import fuzz
from tests.hostile.answering import Answering
from tests.hostile.cases import NASTY_PATTERNS, patterns
from tests.hostile.files import picture_bombs, pictures, polyglots, sound_bombs, sounds
from tests.hostile.records import BROKEN, DEPTHS, NASTY_TEXTS, values
from tests.hostile.urls import PRIVATE, SERVER, SPELT, TRICKS, Attempt, attempts
from tests.moderation.media.corpus import outcome
from workers.personal_data import masked

LIMITS = MediaLimits()

few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate for the local server")
    with Answering.running(tmp_path_factory.mktemp("store")) as answering:
        yield answering


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodingPool]:
    pool = DecodingPool(1, memory_bytes=512 * 1024 * 1024)
    yield pool
    pool.close()


@few
@given(value=values())
def test_every_record_is_answered(answering: Answering, value: bytes) -> None:
    assert answering.record(value)


@pytest.mark.parametrize("make", BROKEN)
def test_broken_json_is_set_aside_however_deep_it_is(answering: Answering, make: object) -> None:
    for depth in DEPTHS:
        assert callable(make)
        assert answering.record(make(depth)).startswith(("not_json: ", "contract: "))


@few
@given(attempt=attempts())
def test_every_address_is_answered(answering: Answering, attempt: Attempt) -> None:
    assert answering.attempt(attempt)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_connected_to_by_name_or_after_it_changed(
    answering: Answering, address: str
) -> None:
    url = "https://media.test:{port}/a.png"
    redirect = "https://media.test:{port}/redirect?to=/a.png"

    by_name = answering.attempt(Attempt(url, (address,)))
    changed = answering.attempt(Attempt(redirect, (SERVER, address)))

    assert by_name.startswith("forbidden: ")
    # The connection is kept, or the name is asked again and refused: either is no way inside.
    assert changed == "read" or changed.startswith("forbidden: ")


@pytest.mark.parametrize("host", SPELT)
def test_no_notation_of_a_private_address_is_connected_to_even_when_it_is_listed(
    answering: Answering, host: str
) -> None:
    listed = () if ":" in host or "[" in host else (host,)

    for trick in TRICKS:
        said = answering.attempt(
            Attempt(trick.format(host), ("10.0.0.1",), ("media.test", *listed))
        )
        assert said.startswith(("forbidden: ", "unreachable: "))


@few
@given(case=patterns())
def test_every_expression_is_refused_or_searched(
    answering: Answering, case: tuple[str, str]
) -> None:
    assert answering.pattern(*case)


@pytest.mark.parametrize("pattern", NASTY_PATTERNS, ids=lambda pattern: pattern[:24])
def test_expressions_that_would_backtrack_for_ever_are_harmless(
    answering: Answering, pattern: str
) -> None:
    assert answering.pattern(pattern, "a" * 20_000 + "!")


@pytest.mark.parametrize("text", NASTY_TEXTS, ids=range(len(NASTY_TEXTS)))
def test_masking_ends_whatever_the_text(text: str) -> None:
    assert len(masked(text)) <= len(text) + 20


@pytest.mark.parametrize("name", [*picture_bombs(), *pictures()])
def test_every_picture_is_decoded_or_refused_with_a_reason(pool: DecodingPool, name: str) -> None:
    raw = (picture_bombs() | pictures())[name]

    seconds = 1.0 if name in picture_bombs() else 30.0
    answer = outcome(GuardedDecoder(pool, seconds=seconds).image, raw, LIMITS)

    if isinstance(answer, MediaError):
        assert name in picture_bombs()
        assert str(answer)
    else:
        assert max(answer.pixels.shape[:2]) <= LIMITS.kept_side_px


@pytest.mark.parametrize("name", [*sound_bombs(), *sounds()])
def test_every_sound_is_decoded_or_refused_with_a_reason(pool: DecodingPool, name: str) -> None:
    raw = (sound_bombs() | sounds())[name]

    answer = outcome(GuardedDecoder(pool, seconds=30.0).audio, raw, LIMITS)

    if isinstance(answer, MediaError):
        assert name in sound_bombs() or name in {"wav adpcm", "aiff"}
        assert str(answer)
    else:
        assert len(answer.samples) <= LIMITS.kept_seconds * 16_000 + 1


@pytest.mark.parametrize("first", ["jpeg", "png", "webp", "gif"])
def test_a_file_of_two_formats_is_judged_by_its_first_bytes_or_refused(
    pool: DecodingPool, first: str
) -> None:
    for second in ["png", "gif", "jpeg"]:
        for raw in polyglots(pictures()[first], pictures()[second]):
            answer = outcome(GuardedDecoder(pool, seconds=30.0).image, raw, LIMITS)
            assert isinstance(answer, MediaError) or answer.pixels.shape[2] == 3


@few
@given(raw=st.binary(max_size=300))
def test_noise_is_neither_picture_nor_sound(pool: DecodingPool, raw: bytes) -> None:
    decoder = GuardedDecoder(pool, seconds=30.0)

    assert isinstance(outcome(decoder.image, raw, LIMITS), MediaError)
    assert isinstance(outcome(decoder.audio, raw, LIMITS), MediaError)


def test_the_fuzzer_ends_with_a_line_that_counts_what_went_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzz.main(["--cases", "30", "--seed", "3", "--keep", str(tmp_path)]) == 0

    tally = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert tally.pop("seconds") > 0
    assert 0 < tally.pop("peak_mib") <= fuzz.CAP_MIB
    assert tally == {"cases": 30, "crashes": 0, "hangs": 0, "unanswered": 0}


def test_a_tally_with_anything_wrong_is_not_good() -> None:
    assert fuzz.Tally(cases=9, peak_mib=fuzz.CAP_MIB).is_good()
    for wrong in ("crashes", "hangs", "unanswered"):
        assert not fuzz.Tally(cases=9, **{wrong: 1}).is_good()
    assert not fuzz.Tally(cases=9, peak_mib=fuzz.CAP_MIB + 1).is_good()
