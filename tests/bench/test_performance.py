"""What the benchmarks of the worker measure with: posts, spreads, traces, processes, reports."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from bench.performance import report as reporting
from bench.performance.__main__ import Ratios, run_parts
from bench.performance.decoded import decoded
from bench.performance.made_posts import SMALL_POST_BYTES, make_posts, small_post
from bench.performance.options import Options, nothing_more, parsed
from bench.performance.overlap import merged, overlap_of
from bench.performance.peers.stages import Stages
from bench.performance.processes import ProcessEndedError, measured
from bench.performance.report import Report
from bench.performance.spread import Spread, plain
from schemas import Post, Verdict
from tests.support.waiting import eventually

MACHINE = {
    "cpu": "a CPU",
    "cores": 2,
    "cores_used": 1,
    "device": "cpu",
    "python": "3.11",
    "quiet": False,
}


def test_posts_are_the_same_for_the_same_seed_and_no_two_are_alike() -> None:
    posts = make_posts("text", 200)

    assert posts == make_posts("text", 200)
    assert len({post.text for post in posts}) == 200


def test_mixed_posts_carry_what_can_be_decoded() -> None:
    posts = decoded(make_posts("mixed", 40))

    assert sum(len(post.images) for post in posts) == 10
    assert sum(len(post.audio) for post in posts) == 2
    assert all(post.text and not post.not_scanned for post in posts)


@pytest.mark.parametrize("number", [0, 7, 99_999])
def test_a_small_post_has_its_size_and_keeps_to_the_contract(number: int) -> None:
    assert len(small_post(number)) == SMALL_POST_BYTES
    assert Post.from_bytes(small_post(number)).post_id == f"post-{number:08}"


def test_the_peers_stages_answer_with_a_verdict() -> None:
    key, value = Stages().answer(small_post(3))

    assert key == b"post-00000003"
    verdict = Verdict.from_bytes(value)
    assert verdict.post_id == "post-00000003"
    assert verdict.text_keys  # as the worker's, for the default policy asks for campaigns


def test_a_part_that_fails_is_told_and_the_others_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> Ratios:
        raise TimeoutError("no answer came")

    failed = run_parts({"pipeline": fail, "plumbing": lambda: {"plumbing_vs_raw": 0.5}}, "cpu")

    written = capsys.readouterr()
    assert failed == ["pipeline"]
    assert "no answer came" in written.err
    assert json.loads(written.out.splitlines()[-1]) == {
        "pipeline_failed": True,
        "plumbing_vs_raw": 0.5,
        "plumbing_failed": False,
    }


@pytest.mark.parametrize(("device", "told"), [("cpu", True), ("cuda:0", False)])
def test_what_measures_a_gpu_besides_is_named_where_none_was_measured(
    device: str, *, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    run_parts({}, device)

    assert ("make bench-gpu" in capsys.readouterr().out) is told


def test_a_run_that_is_asked_to_stop_ends_as_by_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["plumbing", "--small"])
    before = signal.getsignal(signal.SIGTERM)
    try:
        parsed("Measures.", nothing_more)
        with pytest.raises(SystemExit, match="143"):
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_spread_tells_the_median_and_the_range() -> None:
    assert str(Spread.of([3.0, 1.0, 2.0])) == "2 (1–3)"
    assert [plain(value) for value in (12_345.6, 0.123456, 99.96)] == ["12,350", "0.1235", "99.96"]


def test_copies_are_hidden_where_a_kernel_runs_meanwhile() -> None:
    kernels = [(0.0, 10.0), (5.0, 12.0), (20.0, 30.0)]

    found = overlap_of(kernels, copies=[(8.0, 16.0), (20.0, 24.0)])

    assert merged(kernels) == [(0.0, 12.0), (20.0, 30.0)]
    assert found.busy == pytest.approx(22 / 30)
    assert found.copies_hidden == pytest.approx(8 / 12)


def test_without_kernels_or_copies_nothing_is_claimed() -> None:
    assert overlap_of([], []).copies_hidden is None
    assert overlap_of([(0.0, 1.0)], []).copies_hidden is None


def test_a_measured_process_tells_what_it_computed() -> None:
    begin = time.time()
    with measured([sys.executable, "-c", "while True: pass"], {}) as process:
        eventually(
            lambda: process.samples and process.samples[-1].cpu_seconds > 0.2,
            describe="0.2 CPU seconds",
        )
        process.require_alive()
        assert process.cpu_at(begin) <= process.cpu_at(time.time())
        assert process.samples[-1].rss_bytes > 2**20


def test_a_process_that_ends_is_told_with_what_it_printed() -> None:
    with measured([sys.executable, "-c", "raise SystemExit('no model')"], {}) as process:

        def ended() -> bool:
            try:
                process.require_alive()
            except ProcessEndedError as error:
                return "no model" in str(error)
            return False

        eventually(ended, describe="the end is told")


def test_a_small_run_leaves_the_committed_results_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reporting, "RESULTS_DIR", tmp_path / "results")
    report = Report("plumbing", MACHINE | {"busy_before": 0.5}, small=True)
    report.add("A table", {"": "worker", "posts/s": Spread(2.0, 1.0, 3.0), "of": 0.5})
    report.ratio("times", 2.0, goal=1.5)
    report.ratio("unknown", None, goal=1.0)

    ratios = report.finish()

    assert ratios == {"times": 2.0, "times_met": True, "unknown": None, "unknown_met": None}
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == ratios
    assert not (tmp_path / "results").exists()
    written = json.loads((tmp_path / "runs/bench/plumbing.json").read_text())
    assert written["tables"]["A table"][0]["posts/s"] == {"median": 2.0, "low": 1.0, "high": 3.0}


def test_a_gpu_has_results_of_its_own() -> None:
    assert Options(device="cuda:1").report("peers").name == "peers-cuda"
    assert Options().report("peers").name == "peers"
