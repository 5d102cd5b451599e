"""The bench of the ledger's intervals, on a small share of its stream."""

from __future__ import annotations

import json
import sys

import pytest

from bench.accuracy_audit import main
from schemas import CATEGORIES


def test_a_small_run_ends_in_one_json_object_with_the_coverage_by_category(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["accuracy_audit", "--verdicts", "50000", "--repetitions", "20", "--rate", "0.02"]
    monkeypatch.setattr(sys, "argv", words)

    main()

    *table, last = capsys.readouterr().out.splitlines()
    result = json.loads(last)
    assert set(result["coverage"]) == set(CATEGORIES)
    # Of 640 intervals; seeds are fixed, and half of this would still be far from a broken one.
    assert sum(result["coverage"].values()) / len(CATEGORIES) > 0.9
    assert min(result["recall_by_escalations_alone"].values()) > 0.8  # the truth is about 0.66
    assert any("self_harm" in line for line in table)
