"""Matrices in eight bits: one signed byte a weight, one scale a row.

Symmetric, per output channel, as in Jacob et al., "Quantization and Training of Neural Networks for
Efficient Integer-Arithmetic-Only Inference" (2018). A weight is ``value * scale``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

LEVELS: Final = 127  # on each side of zero; -128 stays unused, so that negating is exact
SCALE_SUFFIX: Final = ".int8_scale"
MATRIX_SUFFIXES: Final = (".weight", ".in_proj_weight")
"""Ends of the names of linear, convolution and embedding weights; learned tokens, queries and
positions are small and stay as they are."""


def quantise_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Round each row to its own grid.

    The scale is rounded to bfloat16. Its eight bits times seven bits of level are exact in float32,
    so a matrix that is on its grid already comes out just as it went in.

    Args:
        weight: float, shape = (rows, ...).

    Returns:
        int8 values of the same shape, and float32 scales, shape = (rows,).
    """
    exact = weight.detach().float()
    largest = exact.flatten(1).abs().amax(dim=1)
    scale = (largest / LEVELS).bfloat16().float()
    scale = torch.where(scale > 0, scale, 1.0)
    values = (exact / _by_row(scale, exact)).round().clamp(-LEVELS, LEVELS)
    return values.to(torch.int8), scale


def dequantise_rows(values: Tensor, scale: Tensor) -> Tensor:
    """The float32 matrix of :func:`quantise_rows`."""
    return values.float() * _by_row(scale, values)


def pack_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict with its matrices in eight bits and the rest as it is."""
    packed: dict[str, Tensor] = {}
    for name, value in state.items():
        if value.is_floating_point() and value.ndim > 1 and name.endswith(MATRIX_SUFFIXES):
            packed[name], packed[name + SCALE_SUFFIX] = quantise_rows(value)
        else:
            packed[name] = value
    return packed


def unpack_state(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of :func:`pack_state`, in float32; one without bytes comes out as it is."""
    return {
        name: dequantise_rows(value, packed[name + SCALE_SUFFIX])
        if name + SCALE_SUFFIX in packed
        else value
        for name, value in packed.items()
        if not name.endswith(SCALE_SUFFIX)
    }


def _by_row(scale: Tensor, like: Tensor) -> Tensor:
    return scale.view(-1, *[1] * (like.ndim - 1))
