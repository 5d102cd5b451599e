"""Matrices in eight bits: how far they are off, and that they stay where they are."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.model import Classifier, tiny_classifier
from moderation.model.int8 import dequantise_rows, pack_state, quantise_rows, unpack_state

seeds = st.integers(0, 2**31)
sizes = st.floats(1e-12, 1e6)


def matrix(seed: int, size: float) -> torch.Tensor:
    return torch.randn(5, 7, generator=torch.Generator().manual_seed(seed)) * size


@given(seeds, sizes)
@settings(max_examples=50, deadline=None)
def test_a_weight_is_off_by_at_most_about_half_a_level(seed: int, size: float) -> None:
    weight = matrix(seed, size)
    values, scale = quantise_rows(weight)
    off = (dequantise_rows(values, scale) - weight).abs()
    # The largest weight of a row may lie a quarter level beyond the last one: its scale is rounded.
    assert (off <= 0.51 * scale[:, None]).all()


@given(seeds, sizes)
@settings(max_examples=50, deadline=None)
def test_a_matrix_on_its_grid_comes_out_as_it_went_in(seed: int, size: float) -> None:
    once = dequantise_rows(*quantise_rows(matrix(seed, size)))
    assert torch.equal(dequantise_rows(*quantise_rows(once)), once)


def test_a_row_of_zeros_stays_zero() -> None:
    assert not dequantise_rows(*quantise_rows(torch.zeros(2, 3))).any()


def test_only_matrices_are_packed() -> None:
    state = {"layer.weight": torch.randn(4, 3), "layer.bias": torch.randn(4), "rows": torch.ones(2)}
    packed = pack_state(state)
    assert packed["layer.weight"].dtype == torch.int8
    assert torch.equal(packed["layer.bias"], state["layer.bias"])
    assert set(unpack_state(packed)) == set(state)


def test_a_folder_in_int8_is_smaller_loads_like_any_and_keeps_its_version(tmp_path: Path) -> None:
    model = tiny_classifier()
    model.save_pretrained(tmp_path / "float")
    model.config = dataclasses.replace(model.config, storage="int8")
    model.save_pretrained(tmp_path / "int8")

    def size(name: str) -> int:
        return (tmp_path / name / "model.safetensors").stat().st_size

    assert size("int8") < 0.45 * size("float")  # tiny has many small tensors; large ones: a quarter
    loaded = Classifier.from_pretrained(tmp_path / "int8")
    assert loaded.version == model.version
    loaded.save_pretrained(tmp_path / "again")
    assert Classifier.from_pretrained(tmp_path / "again").version == model.version
    assert loaded.version != Classifier.from_pretrained(tmp_path / "float").version
