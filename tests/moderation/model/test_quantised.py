"""The classifier that computes in int8."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import moderation
from moderation.model import (
    SAMPLE_RATE,
    Classifier,
    ModelError,
    QuantisedClassifier,
    Sample,
    collate,
    has_int8,
    tiny_classifier,
)
from moderation.model import quantised as quantised_module
from moderation.model.quantised import Int8Linear, Int8Transformer, quantise_layers
from tests.moderation.model.making import PIECES

SHIPPED = Path(moderation.__file__).parent / "weights" / "compact"
NOISE = np.random.default_rng(3)

SAMPLES = [
    Sample(text="You are a pathetic idiot, shut up"),
    Sample(text="Good morning, have a nice day!"),
    Sample(text="你真是个白痴，给我闭嘴"),
    Sample(text="Selling pure cocaine, message me on Telegram"),
    Sample(image=NOISE.integers(0, 256, (120, 90, 3), dtype=np.uint8)),
    Sample(audio=NOISE.uniform(-0.3, 0.3, 2 * SAMPLE_RATE).astype(np.float32)),
    Sample(audio=NOISE.uniform(-0.3, 0.3, SAMPLE_RATE).astype(np.float32)),
]  # fmt: skip


def probabilities(model: Classifier, samples: list[Sample]) -> torch.Tensor:
    inputs = collate(samples, tokenizer=model.tokenizer, config=model.config)
    with torch.inference_mode():
        return model(inputs).probabilities


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return Classifier.from_pretrained(SHIPPED)


@pytest.fixture(scope="module")
def quantised(shipped: Classifier) -> QuantisedClassifier:
    return QuantisedClassifier(shipped)


def test_the_shipped_model_says_about_the_same_in_int8(
    shipped: Classifier, quantised: QuantisedClassifier
) -> None:
    exact, rough = probabilities(shipped, SAMPLES), probabilities(quantised, SAMPLES)
    assert (exact - rough).abs().max() < 0.08
    assert (exact - rough).abs().mean() < 0.01
    assert not torch.equal(exact, rough)


def test_its_version_says_that_it_is_int8(
    shipped: Classifier, quantised: QuantisedClassifier
) -> None:
    assert quantised.version == f"{shipped.version}+int8"


def test_the_source_stays_as_it_was(shipped: Classifier, quantised: QuantisedClassifier) -> None:
    del quantised
    assert shipped.version == Classifier.from_pretrained(SHIPPED).version
    assert not any(isinstance(part, Int8Transformer) for part in shipped.modules())


@pytest.mark.parametrize("place", range(len(SAMPLES)))
def test_a_post_scores_the_same_alone_and_in_a_batch(
    quantised: QuantisedClassifier, place: int
) -> None:
    loud = Sample(audio=NOISE.uniform(-1, 1, 5 * SAMPLE_RATE).astype(np.float32))
    alone = probabilities(quantised, [SAMPLES[place]])[0]
    together = probabilities(quantised, [*SAMPLES, loud, Sample(text="shut up " * 60)])[place]
    # A product that lies between two levels may be rounded either way: sums differ in their order.
    assert torch.allclose(alone, together, atol=2e-3)


def test_pre_norm_transformers_compute_the_same_but_for_rounding() -> None:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(
        32, 4, 64, activation="gelu", batch_first=True, norm_first=True
    )
    stack = nn.TransformerEncoder(layer, 2, nn.LayerNorm(32), enable_nested_tensor=False).eval()
    hidden = torch.randn(3, 9, 32)
    padding = torch.arange(9)[None, :] >= torch.tensor([9, 5, 2])[:, None]
    exact = stack(hidden, src_key_padding_mask=padding)[~padding]
    with torch.inference_mode():
        rough = Int8Transformer(stack)(hidden, src_key_padding_mask=padding)[~padding]
    assert (exact - rough).norm() < 0.03 * exact.norm()


@pytest.mark.parametrize("vnni", [True, False])
def test_a_linear_layer_is_exact_to_a_few_parts_in_a_thousand_on_either_kind_of_cpu(
    vnni: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpu = {"architecture": "x86_64", "avx512_vnni": vnni}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: cpu)
    torch.manual_seed(0)
    layer = nn.Linear(256, 64)
    hidden = torch.randn(10, 256)
    rough = Int8Linear(layer.weight, layer.bias)(hidden)
    assert (rough - layer(hidden)).norm() < (0.015 if vnni else 0.025) * layer(hidden).norm()


def test_a_linear_layer_maps_a_row_alike_whatever_stands_beside_it() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(256, 64)
    rough = Int8Linear(layer.weight, layer.bias)
    hidden = torch.randn(10, 256)
    beside = torch.cat([hidden, torch.zeros(1, 256), 100 * torch.randn(5, 256)])
    assert torch.allclose(rough(hidden), rough(beside)[:10], atol=1e-5)
    assert torch.allclose(rough(beside)[10], layer.bias, atol=1e-6)


@pytest.mark.parametrize("rows", [1, 240])
def test_a_linear_layer_scales_in_place_and_comes_to_the_same_bits(rows: int) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(384, 64)
    rough = Int8Linear(layer.weight, layer.bias)
    hidden = torch.randn(2, rows, 384)
    kept = hidden.clone()
    with torch.inference_mode():
        largest = hidden.abs().amax(dim=-1, keepdim=True)
        product = Int8Linear(layer.weight, None)(hidden / largest)
        assert torch.equal(rough(hidden), torch.addcmul(layer.bias, product, largest))
    assert torch.equal(hidden, kept)


def test_a_cpu_without_the_kernels_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantised_module, "has_int8", lambda: False)
    with pytest.raises(ModelError, match="no int8 kernels for this CPU"):
        QuantisedClassifier(tiny_classifier())


@pytest.fixture
def engine() -> Iterator[str]:
    """The engine that torch chose for this CPU, which a test may change."""
    chosen: str = torch.backends.quantized.engine
    yield chosen
    torch.backends.quantized.engine = chosen


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", ["x86", "fbgemm", "onednn", "qnnpack"])
def test_int8_is_offered_only_where_the_kernels_compute(name: str) -> None:
    if name not in torch.backends.quantized.supported_engines:
        pytest.skip(f"this build of torch has no engine {name}")
    torch.backends.quantized.engine = name
    if has_int8():
        assert Int8Linear(torch.eye(8), None)(torch.ones(1, 8)).isfinite().all()
    else:
        with pytest.raises(ModelError, match=name):
            QuantisedClassifier(tiny_classifier())


def test_a_transformer_of_another_kind_is_left_alone() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)  # post-norm, ReLU
    holder = nn.Sequential(nn.TransformerEncoder(layer, 1), nn.Linear(8, 4)).eval()
    hidden = torch.randn(1, 3, 8)
    exact = holder[0](hidden)
    quantise_layers(holder)
    assert torch.equal(holder[0](hidden), exact)
    assert not isinstance(holder[1], nn.Linear)


def test_it_refuses_to_be_saved(tmp_path: Path) -> None:
    model = QuantisedClassifier(tiny_classifier())
    with pytest.raises(ModelError, match="moderation quantise"):
        model.save_pretrained(tmp_path)


def test_it_has_nothing_to_train() -> None:
    model = QuantisedClassifier(tiny_classifier())
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert (
        probabilities(model, [Sample(**{k.value: v for k, v in PIECES.items()})]).isfinite().all()
    )
