"""Pretrained encoders by folder: what they give, what is kept of them, what is refused."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    ASTFeatureExtractor,
    ASTModel,
    AutoConfig,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    PreTrainedTokenizerFast,
    ViTImageProcessor,
    ViTModel,
    WhisperFeatureExtractor,
    WhisperModel,
    XLMRobertaModel,
)

from moderation.model import (
    MODALITIES,
    PRESETS,
    SAMPLE_RATE,
    AudioConfig,
    Classifier,
    ImageConfig,
    ModelConfig,
    ModelConfigError,
    ModelFolderError,
    Sample,
    TextConfig,
    TextTokenizer,
    new_classifier,
    tiny_classifier,
)
from moderation.model.layers import masked_mean
from schemas import Modality
from tests.moderation.model.making import (
    ARCHITECTURES,
    TINY_VIT,
    batch,
    roberta_pipeline,
    sample_of,
    small,
)

PICTURE = np.random.default_rng(8).integers(0, 256, (32, 32, 3), dtype=np.uint8)
SOUND = np.random.default_rng(9).uniform(-0.4, 0.4, SAMPLE_RATE * 3 // 4).astype(np.float32)
MEAN, SPREAD = [0.5, 0.4, 0.3], [0.2, 0.25, 0.3]


def fresh_config(kind: str, **more: Any) -> Any:
    fields = {name: value for name, value in ARCHITECTURES[kind].items() if name != "model_type"}
    return AutoConfig.for_model(kind, **fields, **more)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders as the hub has them, of the smallest models with random weights."""
    root = tmp_path_factory.mktemp("sources")
    torch.manual_seed(2)
    XLMRobertaModel(fresh_config("xlm-roberta")).save_pretrained(root / "xlmr")
    PreTrainedTokenizerFast(
        tokenizer_object=roberta_pipeline(),
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
    ).save_pretrained(root / "xlmr")
    clip = CLIPConfig(
        text_config={"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2},
        vision_config=TINY_VIT,
    )
    CLIPModel(clip).save_pretrained(root / "clip")
    size = {"height": 32, "width": 32}
    CLIPImageProcessor(
        image_mean=MEAN, image_std=SPREAD, size={"shortest_edge": 32}, crop_size=size
    ).save_pretrained(root / "clip")
    ViTModel(fresh_config("vit")).save_pretrained(root / "vit")
    ViTImageProcessor(image_mean=MEAN, image_std=SPREAD, size=size).save_pretrained(root / "vit")
    whisper = fresh_config(
        "whisper",
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=16,
        vocab_size=20,
        pad_token_id=0,
    )
    WhisperModel(whisper).save_pretrained(root / "whisper")
    WhisperFeatureExtractor(feature_size=80, chunk_length=1).save_pretrained(root / "whisper")
    ASTModel(fresh_config("audio-spectrogram-transformer")).save_pretrained(root / "ast")
    ASTFeatureExtractor(num_mel_bins=32, max_length=100, mean=-3.0, std=2.5).save_pretrained(
        root / "ast"
    )
    return root


def base_of(root: Path, *, image: str = "clip", audio: str = "whisper") -> ModelConfig:
    """The ``base`` preset with these folders for sources, small elsewhere."""
    return dataclasses.replace(
        small("base"),
        text=TextConfig(kind="pretrained", source=str(root / "xlmr")),
        image=ImageConfig(kind="pretrained", source=str(root / image), stem=()),
        audio=AudioConfig(kind="pretrained", source=str(root / audio), max_seconds=1.0),
    )


@pytest.fixture(scope="module")
def base(sources: Path) -> Classifier:
    return new_classifier(base_of(sources)).eval()


def vectors_of(model: Classifier, sample: Sample, modality: Modality) -> torch.Tensor:
    with torch.inference_mode():
        return model.encode(batch(model, sample)).vectors[modality]


def test_text_is_read_as_the_source_reads_it(sources: Path, base: Classifier) -> None:
    whole = XLMRobertaModel.from_pretrained(sources / "xlmr").eval()
    ids = torch.tensor(base.tokenizer.encode(["hello 你好"]))
    with torch.inference_mode():
        hidden = whole(input_ids=ids).last_hidden_state
    expected = masked_mean(hidden, torch.ones_like(ids).bool())
    found = vectors_of(base, Sample(text="hello 你好"), Modality.TEXT)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_a_text_as_long_as_the_window_is_read(base: Classifier) -> None:
    window = base.config.text.max_tokens
    assert window <= ARCHITECTURES["xlm-roberta"]["max_position_embeddings"] - 2
    found = vectors_of(base, Sample(text="ab" * window), Modality.TEXT)
    assert bool(found.isfinite().all())


def test_clip_sees_a_picture_as_its_own_processor_gives_it(sources: Path, base: Classifier) -> None:
    pixels = CLIPImageProcessor.from_pretrained(sources / "clip")(PICTURE, return_tensors="pt")
    whole = CLIPModel.from_pretrained(sources / "clip").eval()
    with torch.inference_mode():
        expected = whole.vision_model(**pixels).pooler_output
    found = vectors_of(base, Sample(image=PICTURE), Modality.IMAGE)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-3)


def test_a_vit_gives_its_class_token(sources: Path) -> None:
    model = new_classifier(base_of(sources, image="vit")).eval()
    pixels = ViTImageProcessor.from_pretrained(sources / "vit")(PICTURE, return_tensors="pt")
    whole = ViTModel.from_pretrained(sources / "vit").eval()
    with torch.inference_mode():
        expected = whole(**pixels).last_hidden_state[:, 0]
    found = vectors_of(model, Sample(image=PICTURE), Modality.IMAGE)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-3)


def test_whisper_hears_a_sound_as_its_own_extractor_gives_it(
    sources: Path, base: Classifier
) -> None:
    extractor = WhisperFeatureExtractor.from_pretrained(sources / "whisper")
    features = extractor(SOUND, sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
    whole = WhisperModel.from_pretrained(sources / "whisper").eval()
    with torch.inference_mode():
        hidden = whole.encoder(features).last_hidden_state
    inputs = batch(base, Sample(audio=SOUND))
    with torch.inference_mode():
        frames, lengths = base.audio_encoder.frames(inputs.audio, inputs.audio_lengths)
    torch.testing.assert_close(frames, hidden, atol=2e-3, rtol=1e-2)
    assert lengths.tolist() == [38]  # frames of 20 ms in 0.75 s


def test_a_shorter_window_uses_the_first_of_whispers_positions(sources: Path) -> None:
    config = base_of(sources)
    shorter = dataclasses.replace(config.audio, max_seconds=0.5)
    model = new_classifier(dataclasses.replace(config, audio=shorter)).eval()
    whole = WhisperModel.from_pretrained(sources / "whisper")
    positions = model.audio_encoder.get_parameter("encoder.embed_positions.weight")
    assert model.config.audio.max_samples == SAMPLE_RATE // 2
    torch.testing.assert_close(positions, whole.encoder.embed_positions.weight[:25])


def test_a_spectrogram_transformer_hears_a_sound_as_its_own_extractor_gives_it(
    sources: Path,
) -> None:
    model = new_classifier(base_of(sources, audio="ast")).eval()
    extractor = ASTFeatureExtractor.from_pretrained(sources / "ast")
    values = extractor(SOUND, sampling_rate=SAMPLE_RATE, return_tensors="pt").input_values
    whole = ASTModel.from_pretrained(sources / "ast").eval()
    with torch.inference_mode():
        patches = whole(values).last_hidden_state[:, 2:].unflatten(1, (2, 9))
    inputs = batch(model, Sample(audio=SOUND))
    with torch.inference_mode():
        frames, lengths = model.audio_encoder.frames(inputs.audio, inputs.audio_lengths)
    torch.testing.assert_close(frames, patches.mean(dim=1), atol=1e-3, rtol=1e-2)
    assert lengths.tolist() == [6]  # patches of 16 spectra, 10 apart, in 73


def test_a_saved_model_needs_its_sources_no_more(sources: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(sources, own)
    model = new_classifier(base_of(own)).eval()
    model.save_pretrained(tmp_path / "saved")
    shutil.rmtree(own)
    loaded = Classifier.from_pretrained(tmp_path / "saved")
    inputs = batch(model, sample_of(*MODALITIES))
    with torch.inference_mode():
        torch.testing.assert_close(loaded(inputs).logits, model(inputs).logits)
    assert loaded.version == model.version
    assert str(tmp_path) not in (tmp_path / "saved" / "config.json").read_text("utf-8")


def test_pixels_are_normalised_as_the_source_says(base: Classifier) -> None:
    assert base.config.image.pixel_mean == tuple(MEAN)
    assert base.config.image.pixel_spread == tuple(SPREAD)
    assert base.config.image.size == TINY_VIT["image_size"]


def test_a_source_that_is_not_there_is_answered_with_the_nearest_folder(sources: Path) -> None:
    config = base_of(sources, image="clap")
    with pytest.raises(ModelConfigError, match=r"did you mean '.*clip'\?"):
        new_classifier(config)


def test_an_encoder_of_another_modality_is_refused(sources: Path) -> None:
    with pytest.raises(ModelConfigError, match="whisper"):
        new_classifier(base_of(sources, audio="xlmr"))


def test_an_encoder_with_a_decoder_is_no_text_encoder(sources: Path) -> None:
    config = base_of(sources)
    text = dataclasses.replace(config.text, source=str(sources / "whisper"))
    with pytest.raises(ModelConfigError, match="decoder"):
        new_classifier(dataclasses.replace(config, text=text))


def test_a_source_without_a_tokenizer_is_refused(sources: Path, tmp_path: Path) -> None:
    shutil.copytree(sources / "xlmr", tmp_path / "xlmr")
    (tmp_path / "xlmr" / "tokenizer.json").unlink()
    config = base_of(sources)
    text = dataclasses.replace(config.text, source=str(tmp_path / "xlmr"))
    with pytest.raises(ModelConfigError, match=r"tokenizer\.json"):
        new_classifier(dataclasses.replace(config, text=text))


def test_a_tokenizer_is_needed_where_no_source_brings_one() -> None:
    with pytest.raises(ModelConfigError, match="give new_classifier a tokenizer"):
        new_classifier(PRESETS["compact"])


def test_dimensions_of_a_source_must_be_read_before_a_model_is_built() -> None:
    with pytest.raises(ModelConfigError, match="new_classifier"):
        Classifier(PRESETS["base"], tiny_classifier().tokenizer)


def test_a_tokenizer_that_pads_otherwise_than_the_encoder_counts_is_refused() -> None:
    characters = TextTokenizer.of_characters(max_tokens=32)
    with pytest.raises(ModelFolderError, match="pad_token_id"):
        new_classifier(small("base"), characters)
