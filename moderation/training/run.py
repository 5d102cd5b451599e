"""A training run, stage by stage, each kept on disk so that a run can be taken up again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from moderation.evaluation import DEV, TRAIN, Report, Row, evaluate
from moderation.model import (
    MODALITIES,
    PRESETS,
    Classifier,
    ModelConfig,
    TextTokenizer,
    new_classifier,
)
from moderation.training.audio_stage import AudioLearner
from moderation.training.batch import BatchMaker
from moderation.training.calibrate import fit_calibration
from moderation.training.checkpoints import keep_finished, take_up_finished
from moderation.training.contrast import find_pairs
from moderation.training.device import choose_device
from moderation.training.encoder_stage import EncoderLearner, HeadLearner, encode_all
from moderation.training.errors import TrainingError
from moderation.training.examples import CROP_MARGIN, Examples, load_examples
from moderation.training.fusion_stage import FusionLearner, FusionParts, fuse_all
from moderation.training.initial_image import freeze_first_stages, initialise_image_encoder
from moderation.training.known_model import known_model
from moderation.training.loss import targets
from moderation.training.mixing import Encoded
from moderation.training.processes import Processes
from moderation.training.recipe import Recipe, StageRecipe
from moderation.training.reporting import Reporter, SilentReporter
from moderation.training.seeding import seed_everything
from moderation.training.stage import StageSetting, run_stage
from moderation.training.vocabulary import build_tokenizer, initialise_text_encoder
from moderation.training.word_pieces import learn_tokenizer
from schemas import Modality

FUSION: Final = "fusion"
STAGES: Final = (*(modality.value for modality in MODALITIES), FUSION)
TOKENIZER_FILE: Final = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works on.

    Attributes:
        rows: of both splits.
        recipe: its numbers.
        preset: name of the model's dimensions, or the dimensions themselves.
        checkpoints: folder in which every stage is kept.
        initial_text: folder with MiniLM's files, or None to start the text encoder at random, with
            a vocabulary learnt from the training texts.
        initial_image: file of EfficientNet-Lite0's weights, or None to start the image encoder at
            random.
        reporter: makes a listener for the stage of the given name.
        device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.
        processes: that train together, each of which calls :func:`train`.
        curves: also write TensorBoard events and a picture; needs the extra ``train``.
        start: folder of a model to fine-tune; preset and initial weights then count for nothing.
    """

    rows: Sequence[Row]
    recipe: Recipe
    preset: str | ModelConfig
    checkpoints: Path
    initial_text: Path | None
    reporter: Callable[[str], Reporter]
    initial_image: Path | None = None
    device: str = "auto"
    processes: Processes = field(default_factory=Processes.of_environment)
    curves: bool = False
    start: Path | None = None

    def split(self, name: str) -> list[Row]:
        """The rows of one split."""
        return [row for row in self.rows if row.split == name]


def train(run: Run) -> tuple[Classifier, Report]:
    """Each encoder first, then the fusion, then the calibration; measured on the dev split.

    Raises:
        ManifestError: a media file is missing or broken.
        TrainingError: a split has no rows, or a checkpoint is of another model.
    """
    with run.processes.joined(device_of(run)):
        model = train_encoders_here(run, MODALITIES)
        train_and_calibrate_fusion(run, model)
    report = evaluate(model.eval(), run.split(DEV))
    return model.cpu(), report


def train_encoders(run: Run, modalities: Sequence[Modality]) -> Classifier:
    """The first stages, or some of them; what is finished lies in the checkpoints.

    Raises:
        ManifestError: a media file is missing or broken.
        TrainingError: a split has no rows, or a checkpoint is of another model.
    """
    with run.processes.joined(device_of(run)):
        return train_encoders_here(run, modalities)


def train_encoders_here(run: Run, modalities: Sequence[Modality]) -> Classifier:
    """As :func:`train_encoders`, in processes that are joined."""
    for split in (TRAIN, DEV):
        if not run.split(split):
            raise TrainingError(
                f'no row of the manifests has split "{split}"; a run learns from train rows and '
                "calibrates on dev rows"
            )
    torch.set_num_threads(run.recipe.threads)
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    with run.processes.first_before_others():
        model = start_model(run).to(device_of(run))
    for modality in modalities:
        train_one_encoder(run, model, modality)
    return model


def start_model(run: Run) -> Classifier:
    """The model before training: one to fine-tune, or a new one."""
    seed_everything(run.recipe.seed, "start")
    kept = run.checkpoints / TOKENIZER_FILE
    model = known_model(run.start, vocabulary=kept) if run.start else _new_model(run, kept)
    kept.write_text(model.tokenizer.to_json(), "utf-8")
    if run.start is not None or run.initial_image is not None:
        freeze_first_stages(model.image_encoder, run.recipe.frozen_image_stages)
    return model


def _new_model(run: Run, kept: Path) -> Classifier:
    """Vocabulary chosen, or as it was kept; encoders initialised."""
    config = PRESETS[run.preset] if isinstance(run.preset, str) else run.preset
    tokenizer: TextTokenizer | None
    if kept.is_file():
        tokenizer = TextTokenizer.from_file(kept, max_tokens=config.text.max_tokens)
    elif config.text.source:
        tokenizer = None  # a pretrained text encoder brings its own
    else:
        tokenizer = make_tokenizer(run, max_tokens=config.text.max_tokens)
    if tokenizer is not None:
        text = dataclasses.replace(config.text, vocab_size=tokenizer.vocab_size)
        config = dataclasses.replace(config, text=text)
    model = new_classifier(config, tokenizer)
    # An encoder of another kind takes the vocabulary alone.
    if run.initial_text is not None and config.text.kind == "bert":
        initialise_text_encoder(model, run.initial_text)
    if run.initial_image is not None:
        initialise_image_encoder(model.image_encoder, run.initial_image)
    return model


def make_tokenizer(run: Run, *, max_tokens: int) -> TextTokenizer:
    """Its vocabulary chosen for the training texts: out of MiniLM's, or learnt anew."""
    texts = [row.text for row in run.split(TRAIN) if row.text]
    if run.initial_text is None:
        return learn_tokenizer(texts, max_tokens=max_tokens)
    return build_tokenizer(run.initial_text, texts, max_tokens=max_tokens)


def train_one_encoder(run: Run, model: Classifier, modality: Modality) -> None:
    """Train one encoder, or take it up from its checkpoint."""
    name = modality.value
    setting = setting_of(run, model, name)
    encoder = model.encoder_of(modality)
    if taken_up(setting, encoder):
        return
    train_rows, dev_rows = (
        load_examples(
            model,
            run.split(split),
            modality,
            max_tokens=run.recipe.text_tokens,
            crop_margin=CROP_MARGIN if split == TRAIN else 1.0,
        )
        for split in (TRAIN, DEV)
    )
    if not len(train_rows):
        setting.reporter.note("no training rows; the encoder stays as it is")
        return
    recipe = stage_recipe(run.recipe, modality)
    seed_everything(run.recipe.seed, name, "start")
    run_stage(make_learner(run, model, train_rows, dev_rows), recipe, setting)
    if run.processes.first:
        keep_finished(run.checkpoints, name, encoder)


def make_learner(
    run: Run, model: Classifier, train_rows: Examples, dev_rows: Examples
) -> HeadLearner[Any]:
    """What teaches the encoder of the examples' modality."""
    make_batch = batch_maker(run, model)
    cost = stage_recipe(run.recipe, train_rows.modality).batch_cost
    if train_rows.modality is not Modality.AUDIO:
        return EncoderLearner(model, train_rows, dev_rows, make_batch=make_batch, batch_cost=cost)
    return AudioLearner(
        model,
        train_rows,
        dev_rows,
        make_batch=make_batch,
        batch_cost=cost,
        ctc_weight=run.recipe.ctc_weight,
        event_weight=run.recipe.event_weight,
    )


def train_and_calibrate_fusion(run: Run, model: Classifier) -> None:
    """Train what is above the encoders, or take it up; then calibrate on the dev split."""
    setting = setting_of(run, model, FUSION)
    dev_rows = run.split(DEV)
    dev = encode_rows(run, model, dev_rows)
    parts = FusionParts(model)
    if not taken_up(setting, parts):
        rows = run.split(TRAIN)
        train_rows = encode_rows(run, model, rows)
        pairs = find_pairs(train_rows, rows, encode_transcripts(run, model, rows))
        seed_everything(run.recipe.seed, FUSION, "start")
        learner = FusionLearner.of(
            run.recipe, model, train_rows, dev, dev_rows=dev_rows, pairs=pairs
        )
        run_stage(learner, run.recipe.fusion, setting)
        if run.processes.first:
            keep_finished(run.checkpoints, FUSION, parts)
    logits = fuse_all(model, dev)
    model.calibration = fit_calibration(logits, dev.target, otherwise=model.calibration)


def encode_rows(run: Run, model: Classifier, rows: Sequence[Row]) -> Encoded:
    """All rows through all encoders, once."""
    present = torch.tensor([[m in row.modalities for m in MODALITIES] for row in rows])
    present = present.view(len(rows), len(MODALITIES))
    vectors: dict[Modality, Tensor] = {}
    for place, modality in enumerate(MODALITIES):
        full = torch.zeros(len(rows), model.embedding_width(modality))
        examples = load_examples(model, rows, modality, max_tokens=run.recipe.text_tokens)
        if len(examples):
            cost = stage_recipe(run.recipe, modality).batch_cost
            full[present[:, place]] = encode_all(
                model, examples, batch_maker(run, model), batch_cost=cost
            )
        vectors[modality] = full
    return Encoded(vectors, present, targets([row.labels for row in rows], model.categories))


def encode_transcripts(run: Run, model: Classifier, rows: Sequence[Row]) -> Tensor:
    """What is spoken in each row as the text encoder reads it; zeros where that is unknown."""
    texts = [Row(id=row.id, text=row.transcript or None) for row in rows]
    return encode_rows(run, model, texts).vectors[Modality.TEXT]


def stage_recipe(recipe: Recipe, modality: Modality) -> StageRecipe:
    """The part of a recipe that trains one encoder."""
    return {
        Modality.TEXT: recipe.text,
        Modality.IMAGE: recipe.image,
        Modality.AUDIO: recipe.audio,
    }[modality]


def batch_maker(run: Run, model: Classifier) -> BatchMaker:
    """How this run makes batches."""
    return BatchMaker(model, max_tokens=run.recipe.text_tokens, changes=run.recipe.text_changes)


def device_of(run: Run) -> torch.device:
    """Where this process computes."""
    return choose_device(run.device, gpu=run.processes.local_rank)


def setting_of(run: Run, model: Classifier, name: str) -> StageSetting:
    """Where and how the stage of a name runs."""
    return StageSetting(
        name=name,
        seed=run.recipe.seed,
        folder=run.checkpoints,
        checkpoint_minutes=run.recipe.checkpoint_minutes,
        reporter=run.reporter(name) if run.processes.first else SilentReporter(),
        device=model.device,
        processes=run.processes,
        curves=run.curves,
    )


def taken_up(setting: StageSetting, module: nn.Module) -> bool:
    """Whether the stage was finished before; then the module has its weights."""
    path = take_up_finished(setting.folder, setting.name, module)
    if path is not None:
        setting.reporter.note(f"taken up from {path}")
    return path is not None
