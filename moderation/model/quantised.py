"""The classifier with its encoders' matrix products in int8, for CPUs.

Weights are static, a scale a row; activations are scaled as they come, each token and each frame by
its own largest value, so that a post scores the same whatever batch it came in. An encoder of
nothing but convolutions computes in bfloat16 where the CPU has it, since torch has no such kernels
for them. Everything between the products and the fusion stay float32: they take little time, and
the fusion decides.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NoReturn

import torch
from torch import Tensor, nn
from torch.nn import functional

from moderation.model.classifier import Classifier
from moderation.model.errors import ModelError
from moderation.model.inputs import ModelInputs
from moderation.model.int8 import LEVELS, quantise_rows
from schemas import Modality

VERSION_SUFFIX: Final = "+int8"
_SMALLEST: Final = 1e-12  # a row of zeros is divided by it


class QuantisedClassifier(Classifier):
    """A copy of a classifier that computes in int8; it can neither be trained nor saved.

    Args:
        source: what is copied; it stays as it is.

    Raises:
        ModelError: the source is not on a CPU, or this build of torch has no int8 kernels.
    """

    def __init__(self, source: Classifier) -> None:
        super().__init__(source.config, source.tokenizer, source.calibration)
        if source.device.type != "cpu":
            raise ModelError(f"int8 runs on CPUs, and the model is on {source.device}; use bf16")
        if not has_int8():
            raise ModelError(
                "torch has no int8 kernels for this CPU "
                f"(its engine is {torch.backends.quantized.engine}); use bf16 or fp32"
            )
        self.load_state_dict(source.state_dict())
        self._source_version = source.version
        for encoder in (self.text_encoder, self.image_encoder, self.audio_encoder):
            quantise_layers(encoder)
        self.requires_grad_(requires_grad=False)
        self.in_bf16 = frozenset(
            modality
            for modality, encoder in (
                (Modality.IMAGE, self.image_encoder),
                (Modality.AUDIO, self.audio_encoder),
            )
            if has_bf16() and not any(isinstance(m, _QUANTISED) for m in encoder.modules())
        )
        self.eval()

    @property
    def version(self) -> str:
        """That of the source, marked: a verdict says what judged it."""
        return self._source_version + VERSION_SUFFIX

    def encode_modality(self, inputs: ModelInputs, modality: Modality) -> Tensor:
        """One encoder's vectors, float32; see the base class."""
        with torch.autocast("cpu", torch.bfloat16, enabled=modality in self.in_bf16):
            return super().encode_modality(inputs, modality).float()

    def save_pretrained(self, folder: str | Path) -> NoReturn:
        """Not possible: what is packed for this CPU is of no use to another.

        Raises:
            ModelError: always.
        """
        raise ModelError(
            f"{self.version} is packed for this CPU and cannot be written to {folder}; "
            "`moderation quantise` writes a folder in int8"
        )


def quantise_layers(module: nn.Module) -> None:
    """Replace, in place, the linear layers and transformer stacks within a module.

    Attention of other kinds keeps its float32 weights: torch reads them past the layer's forward.
    """
    for name, child in module.named_children():
        if type(child) is nn.Linear:
            setattr(module, name, Int8Linear(child.weight, child.bias))
        elif isinstance(child, nn.TransformerEncoder) and all(map(_known, child.layers)):
            setattr(module, name, Int8Transformer(child))
        elif not isinstance(child, _FIXED):
            quantise_layers(child)


_FIXED: Final = (
    nn.MultiheadAttention,
    nn.TransformerEncoder,
    nn.TransformerEncoderLayer,
    nn.TransformerDecoder,
    nn.TransformerDecoderLayer,
)


def has_int8() -> bool:
    """Whether this build of torch has the int8 kernels that are used here: on x86.

    Its engine for other CPUs, oneDNN, has none that take float32 and give it back.
    """
    return torch.backends.quantized.engine in {"x86", "fbgemm"}


def has_bf16() -> bool:
    """Whether this CPU multiplies in bfloat16; where it does not, torch's bfloat16 is slow."""
    cpu = torch.cpu.get_capabilities()
    return any(cpu.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def sums_overflow() -> bool:
    """Whether this CPU sums pairs of products in 16 bits, for which eight bits each are too many.

    So do the kernels for x86 without AVX-512 VNNI; activations then get seven bits, which doubles
    their error.
    """
    cpu = torch.cpu.get_capabilities()
    return str(cpu["architecture"]).startswith("x86") and not cpu["avx512_vnni"]


class Int8Linear(nn.Module):
    """``nn.Linear`` on int8 weights; float32 in and out."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        values, scale = quantise_rows(weight)
        # torch makes quantised tensors only by rounding; on the grid, that gives the same bytes.
        packed = torch.quantize_per_channel(
            values.float() * scale[:, None],
            scale.double(),
            torch.zeros(len(scale), dtype=torch.int64),
            axis=0,
            dtype=torch.qint8,
        )
        self._bias = torch.zeros(len(scale)) if bias is None else bias.detach().float()
        self._levels = LEVELS // 2 if sums_overflow() else LEVELS
        self._packed = torch.ops.quantized.linear_prepack(packed, None)

    def forward(self, hidden: Tensor) -> Tensor:
        """Map (..., width in) to (..., width out)."""
        largest = hidden.abs().amax(dim=-1, keepdim=True).clamp_min(_SMALLEST)
        # The kernel knows one scale for all, so each row comes to it already between -1 and 1.
        multiply = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32.default
        product = multiply(hidden / largest, 1 / self._levels, self._levels + 1, self._packed)
        return torch.addcmul(self._bias, product, largest, out=product)


class Int8Transformer(nn.Module):
    """``nn.TransformerEncoder`` of pre-norm GELU layers."""

    def __init__(self, source: nn.TransformerEncoder) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(layer) for layer in source.layers)
        self.norm = source.norm or nn.Identity()

    def forward(self, src: Tensor, src_key_padding_mask: Tensor | None = None) -> Tensor:
        """Encode (batch, tokens, width); the mask is true on tokens that are padding."""
        real = None if src_key_padding_mask is None else ~src_key_padding_mask[:, None, None, :]
        for layer in self.layers:
            src = layer(src, real)
        result: Tensor = self.norm(src)
        return result


class _Layer(nn.Module):
    def __init__(self, source: nn.Module) -> None:
        super().__init__()
        assert isinstance(source, nn.TransformerEncoderLayer)  # noqa: S101 - `_known` let nothing else in
        attention = source.self_attn
        self.heads = attention.num_heads
        self.norm1, self.norm2 = source.norm1, source.norm2
        assert attention.in_proj_weight is not None  # noqa: S101 - `_known` let nothing else in
        self.project = Int8Linear(attention.in_proj_weight, attention.in_proj_bias)
        self.out = Int8Linear(attention.out_proj.weight, attention.out_proj.bias)
        self.linear1 = Int8Linear(source.linear1.weight, source.linear1.bias)
        self.linear2 = Int8Linear(source.linear2.weight, source.linear2.bias)

    def forward(self, hidden: Tensor, real: Tensor | None) -> Tensor:
        hidden = hidden + self._attend(self.norm1(hidden), real)
        changed: Tensor = self.linear2(functional.gelu(self.linear1(self.norm2(hidden))))
        return hidden + changed

    def _attend(self, hidden: Tensor, real: Tensor | None) -> Tensor:
        parts = self.project(hidden).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind()
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=real)
        result: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return result


_QUANTISED: Final = (Int8Linear, Int8Transformer)


def _known(layer: nn.Module) -> bool:
    """Whether :class:`_Layer` computes the same as this layer."""
    return (
        isinstance(layer, nn.TransformerEncoderLayer)
        and layer.norm_first
        and layer.activation is functional.gelu
        and layer.self_attn.batch_first
        and layer.self_attn.in_proj_weight is not None
    )
