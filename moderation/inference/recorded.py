"""The steps of a classifier as recorded graphs, which run without Python's interpreter.

Threads that score side by side, and the event loop beside them, share that interpreter. A step that
is one call gives it back once and takes it again once, instead of at each of some hundred
operations. Graphs are those of ``torch.jit.trace``; nothing else in this project knows of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from moderation.inference.steps import Fused, Steps
from moderation.model import (
    MODALITIES,
    PAIRS,
    SAMPLE_RATE,
    Classifier,
    Embeddings,
    ModelInputs,
    QuantisedClassifier,
    Sample,
    collate,
    modality_shares,
    transcripts,
)
from schemas import Modality

_KINDS: Final = MappingProxyType(
    {
        Modality.TEXT: frozenset({"bert"}),
        Modality.IMAGE: frozenset({"efficientnet_lite", "hybrid", "cnn"}),
        Modality.AUDIO: frozenset({"conv_transformer"}),
    }
)
"""Encoders that do the same operations whatever a batch holds. Those that ``transformers`` brings
may decide by it, and recurrent ones pack a batch by its lengths."""

_RUNS: Final = 3
"""Of a new graph before it is used: torch watches the first one, then optimises."""


def steps_of(classifier: Classifier, *, bf16: bool) -> Steps:
    """The steps of a classifier: recorded on a CPU, as they are elsewhere.

    A class of its own may do anything in its steps, and autocast decides at each operation anew;
    neither is recorded.

    Args:
        classifier: in eval mode, on its device.
        bf16: whether all of it computes under autocast.
    """
    plain = type(classifier) in (Classifier, QuantisedClassifier)
    if plain and classifier.device.type == "cpu" and not bf16:
        return RecordedSteps(classifier)
    return Steps(classifier)


class RecordedSteps(Steps):
    """Each step one graph, with the classifier's own parameters, and the same bits as without.

    Several threads may take them at once. Recording takes a second or two. A graph keeps what the
    classifier was, calibration included: record again after changing it.

    Args:
        classifier: in eval mode, on a CPU.
    """

    def __init__(self, classifier: Classifier) -> None:
        super().__init__(classifier)
        inputs, embeddings = _example(classifier)
        with torch.inference_mode(), _expected_warnings():
            self._encoders = {
                modality: _recorded_encoder(classifier, inputs, modality)
                for modality, kinds in _KINDS.items()
                if _kind(classifier, modality) in kinds
            }
            asked = _tensors(embeddings)
            self._fusion = _recorded(_Fusion(classifier), {"forward": asked, "shares": asked})

    def encode(self, inputs: ModelInputs, modality: Modality) -> Tensor:
        """See the base class."""
        if modality not in self._encoders:
            return super().encode(inputs, modality)
        vectors: Tensor = self._encoders[modality](*_given(inputs, modality))
        return vectors.float()

    def hear(self, inputs: ModelInputs) -> tuple[Tensor, list[str]]:
        """See the base class."""
        if Modality.AUDIO not in self._encoders or not self._classifier.spells:
            return super().hear(inputs)
        spelt = self._encoders[Modality.AUDIO].spelt
        vectors, scores, frames = spelt(*_given(inputs, Modality.AUDIO))
        return vectors, transcripts(scores, frames)

    def fuse(self, embeddings: Embeddings) -> Fused:
        """See the base class."""
        probabilities, mismatch = self._fusion(*_tensors(embeddings))
        return Fused(probabilities, dict(zip(PAIRS, mismatch, strict=True)))

    def shares(self, embeddings: Embeddings) -> Tensor:
        """See the base class."""
        shares: Tensor = self._fusion.shares(*_tensors(embeddings))
        return shares


class _Fusion(nn.Module):
    """What comes after the encoders, by tensors alone, as a graph takes and gives them."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, *tensors: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        fused = Steps(self.classifier).fuse(_embeddings(tensors))
        return fused.probabilities, tuple(fused.mismatch[pair] for pair in PAIRS)

    def shares(self, *tensors: Tensor) -> Tensor:
        return modality_shares(self.classifier, _embeddings(tensors))


def _tensors(embeddings: Embeddings) -> tuple[Tensor, ...]:
    return (*(embeddings.vectors[modality] for modality in MODALITIES), embeddings.present)


def _embeddings(tensors: tuple[Tensor, ...]) -> Embeddings:
    *vectors, present = tensors
    return Embeddings(dict(zip(MODALITIES, vectors, strict=True)), present)


def _kind(classifier: Classifier, modality: Modality) -> str:
    config = classifier.config
    return {
        Modality.TEXT: config.text.kind,
        Modality.IMAGE: config.image.kind,
        Modality.AUDIO: config.audio.kind,
    }[modality]


def _given(inputs: ModelInputs, modality: Modality) -> tuple[Tensor, ...]:
    """What a modality's encoder takes of a batch."""
    return {
        Modality.TEXT: (inputs.text_ids, inputs.text_mask),
        Modality.IMAGE: (inputs.images,),
        Modality.AUDIO: (inputs.audio, inputs.audio_lengths),
    }[modality]


def _example(classifier: Classifier) -> tuple[ModelInputs, Embeddings]:
    """A batch with padding in it, and every modality."""
    size = classifier.config.image.size
    samples = [
        Sample(
            text=text,
            image=np.full((3, size, size), 128, np.uint8),
            audio=np.zeros(SAMPLE_RATE // parts, np.float32),
        )
        for text, parts in (("hello", 2), ("hi", 3))
    ]
    inputs = collate(samples, tokenizer=classifier.tokenizer, config=classifier.config)
    with torch.inference_mode():
        return inputs, classifier.encode(inputs)


def _recorded_encoder(classifier: Classifier, inputs: ModelInputs, modality: Modality) -> Any:
    given = _given(inputs, modality)
    methods = {"forward": given}
    if modality is Modality.AUDIO and classifier.spells:
        methods["spelt"] = given
    # Roundings become part of the graph; where it runs, autocast is off.
    with torch.autocast("cpu", torch.bfloat16, enabled=modality in classifier.in_bf16):
        return _recorded(classifier.encoder_of(modality), methods)


def _recorded(module: nn.Module, methods: Mapping[str, tuple[Tensor, ...]]) -> Any:
    """Graphs of a module's methods, by example; they have run, so that no post waits for that."""
    graphs: Any = torch.jit.trace_module(  # type: ignore[no-untyped-call]  # torch ships it without types
        module, dict(methods), check_trace=False
    )
    with torch.autocast("cpu", enabled=False):
        for name, example in methods.items():
            for _ in range(_RUNS):
                getattr(graphs, name)(*example)
    return graphs


@contextmanager
def _expected_warnings() -> Iterator[None]:
    """Without those that recording is known to give; any other one is told, or raised in tests.

    Warnings of all threads are filtered so meanwhile.
    """
    constant = "Converting a tensor to a Python"
    inside: type[Warning] = torch.jit.TracerWarning  # type: ignore[attr-defined]  # public by its documentation, left out of its __all__
    with warnings.catch_warnings():
        # What may come in its place needs a compiler at run time, or has no public interface.
        warnings.filterwarnings("ignore", "`torch.jit.trace", DeprecationWarning)
        # Attention checks its shapes, of which only the numbers of rows and tokens ever change.
        warnings.filterwarnings("ignore", constant, inside, r"torch\.nn\.")
        # Padding follows from the sides of a picture, which are always those of the configuration.
        warnings.filterwarnings("ignore", constant, inside, r"moderation\.model\.efficientnet_lite")
        yield
