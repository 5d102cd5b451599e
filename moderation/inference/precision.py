"""In which numbers the classifier computes."""

from __future__ import annotations

import copy
from typing import Final, Literal, TypeAlias

import torch
from torch import nn

from moderation.inference.errors import DeviceError
from moderation.model import Classifier, QuantisedClassifier, has_int8

Precision: TypeAlias = Literal["auto", "fp32", "bf16", "int8"]
"""``auto`` is bf16 on a GPU; on a CPU, int8 for a model stored in int8 where torch has the
kernels, and fp32 for others.

``bf16`` computes in bfloat16 where that is safe (autocast), on matrices that are kept in it; slow
on CPUs that lack it.
``int8`` is for CPUs: see :class:`~moderation.model.QuantisedClassifier`.
"""

GPU_PRECISION: Final = "bf16"

_PRODUCTS: Final = (nn.Linear, nn.Conv1d, nn.Conv2d)
"""Layers that autocast runs in bfloat16."""


def in_precision(
    classifier: Classifier, precision: Precision, device: torch.device
) -> tuple[Classifier, bool]:
    """The classifier to compute with on a device, in eval mode, and whether to do so in bfloat16.

    Raises:
        DeviceError: int8 on a GPU.
    """
    on_gpu = device.type != "cpu"
    if precision == "auto":
        in_int8 = classifier.config.storage == "int8" and has_int8()
        precision = GPU_PRECISION if on_gpu else "int8" if in_int8 else "fp32"
    if precision == "bf16":
        return with_bf16_matrices(classifier).to(device).eval(), True
    if precision == "fp32":
        return classifier.to(device).eval(), False
    if on_gpu:
        raise DeviceError(f"int8 is for CPUs, and the device is {device}; use bf16, or device cpu")
    return QuantisedClassifier(classifier.to(device)), False


def with_bf16_matrices(source: Classifier) -> Classifier:
    """A copy whose encoders keep the matrices of their products in bfloat16.

    Autocast would round them to that at every batch; kept so, they take half the memory, and give
    the same numbers. Embeddings, norms and the fusion stay in float32.
    """
    model = copy.deepcopy(source)
    for encoder in (model.text_encoder, model.image_encoder, model.audio_encoder):
        for module in encoder.modules():
            if isinstance(module, _PRODUCTS):
                module.to(torch.bfloat16)
    return model
