"""In which numbers the classifier computes."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import torch

from moderation.inference.errors import DeviceError
from moderation.model import Classifier, QuantisedClassifier, has_int8

Precision: TypeAlias = Literal["auto", "fp32", "bf16", "int8"]
"""``auto`` is bf16 on a GPU; on a CPU, int8 for a model stored in int8 where torch has the
kernels, and fp32 for others.

``bf16`` computes in bfloat16 where that is safe (autocast); slow on CPUs that lack it.
``int8`` is for CPUs: see :class:`~moderation.model.QuantisedClassifier`.
"""

GPU_PRECISION: Final = "bf16"


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
    if precision != "int8":
        return classifier.to(device).eval(), precision == "bf16"
    if on_gpu:
        raise DeviceError(f"int8 is for CPUs, and the device is {device}; use bf16, or device cpu")
    return QuantisedClassifier(classifier.to(device)), False
