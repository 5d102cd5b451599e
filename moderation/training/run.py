"""A training run, stage by stage, each kept on disk so that a run can be taken up again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from moderation.evaluation import DEV, TRAIN, Report, Row, evaluate
from moderation.model import MODALITIES, PRESETS, Classifier, Embeddings, TextTokenizer
from moderation.training.calibrate import fit_calibration
from moderation.training.encoder_stage import encode_all, encoder_of, summary, train_encoder
from moderation.training.errors import TrainingError
from moderation.training.examples import load_examples
from moderation.training.fusion_stage import Encoded, fusion_modules, train_fusion
from moderation.training.loss import targets
from moderation.training.recipe import Recipe, StageRecipe
from moderation.training.stage import Reporter
from moderation.training.vocabulary import build_tokenizer, initialise_text_encoder
from schemas import Modality

FUSION: Final = "fusion"
TOKENIZER_FILE: Final = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works on.

    Attributes:
        rows: of both splits.
        recipe: its numbers.
        preset: name of the model's dimensions.
        checkpoints: folder in which every finished stage is kept.
        initial_text: folder with MiniLM's files, or None to start the text encoder at random.
        reporter: makes a listener for the stage of the given name.
    """

    rows: Sequence[Row]
    recipe: Recipe
    preset: str
    checkpoints: Path
    initial_text: Path | None
    reporter: Callable[[str], Reporter]

    def split(self, name: str) -> list[Row]:
        """The rows of one split."""
        return [row for row in self.rows if row.split == name]


def train(run: Run) -> tuple[Classifier, Report]:
    """Each encoder first, then the fusion, then the calibration; measured on the dev split.

    Raises:
        ManifestError: a media file is missing or broken.
        TrainingError: a split has no rows, or a checkpoint is of another model.
    """
    for split in (TRAIN, DEV):
        if not run.split(split):
            raise TrainingError(
                f'no row of the manifests has split "{split}"; a run learns from train rows and '
                "calibrates on dev rows"
            )
    torch.manual_seed(run.recipe.seed)
    torch.set_num_threads(run.recipe.threads)
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    model = start_model(run)
    for modality in MODALITIES:
        train_one_encoder(run, model, modality)
    train_and_calibrate_fusion(run, model)
    return model.eval(), evaluate(model, run.split(DEV))


def start_model(run: Run) -> Classifier:
    """The model before training: vocabulary chosen, text encoder initialised."""
    config = PRESETS[run.preset]
    kept = run.checkpoints / TOKENIZER_FILE
    if kept.is_file():
        tokenizer = TextTokenizer.from_file(kept, max_tokens=config.text.max_tokens)
    elif run.initial_text is None:
        tokenizer = TextTokenizer.of_characters(max_tokens=config.text.max_tokens)
    else:
        texts = [row.text for row in run.split(TRAIN) if row.text]
        tokenizer = build_tokenizer(run.initial_text, texts, max_tokens=config.text.max_tokens)
    kept.write_text(tokenizer.to_json(), "utf-8")
    text = dataclasses.replace(config.text, vocab_size=tokenizer.vocab_size)
    model = Classifier(dataclasses.replace(config, text=text), tokenizer)
    if run.initial_text is not None:
        initialise_text_encoder(model, run.initial_text)
    return model


def train_one_encoder(run: Run, model: Classifier, modality: Modality) -> None:
    """Train one encoder, or take it up from its checkpoint."""
    reporter = run.reporter(modality.value)
    encoder = encoder_of(model, modality)
    if _take_up(run, modality.value, encoder, reporter):
        return
    train_rows, dev_rows = (
        load_examples(model, run.split(name), modality, max_tokens=run.recipe.text_tokens)
        for name in (TRAIN, DEV)
    )
    if not len(train_rows):
        reporter.note("no training rows; the encoder stays as it is")
        return
    train_encoder(
        model,
        modality,
        train=train_rows,
        dev=dev_rows,
        recipe=stage_recipe(run.recipe, modality),
        seed=run.recipe.seed,
        reporter=reporter,
    )
    _keep(run, modality.value, encoder)


def train_and_calibrate_fusion(run: Run, model: Classifier) -> None:
    """Train what is above the encoders, or take it up; then calibrate on the dev split."""
    reporter = run.reporter(FUSION)
    stage = nn.ModuleDict({"layers": fusion_modules(model), "heads": _Heads(model)})
    dev_rows = run.split(DEV)
    dev = encode_rows(run, model, dev_rows)

    def dev_logits() -> Tensor:
        with torch.inference_mode():
            return model.fuse(Embeddings(dev.vectors, dev.present)).logits

    if not _take_up(run, FUSION, stage, reporter):
        train_fusion(
            model,
            train=encode_rows(run, model, run.split(TRAIN)),
            after_epoch=lambda: summary(dev_logits().numpy(), dev.target.numpy(), model.categories),
            recipe=run.recipe.fusion,
            seed=run.recipe.seed,
            reporter=reporter,
        )
        _keep(run, FUSION, stage)
    model.eval()
    groups = [("+".join(row.modalities), row.source) for row in dev_rows]
    model.calibration = fit_calibration(dev_logits().clone(), dev.target, groups)


def encode_rows(run: Run, model: Classifier, rows: Sequence[Row]) -> Encoded:
    """All rows through all encoders, once."""
    present = torch.tensor([[m in row.modalities for m in MODALITIES] for row in rows])
    present = present.view(len(rows), len(MODALITIES))
    vectors = {}
    for place, modality in enumerate(MODALITIES):
        full = torch.zeros(len(rows), model.embedding_width(modality))
        examples = load_examples(model, rows, modality, max_tokens=run.recipe.text_tokens)
        if len(examples):
            cost = stage_recipe(run.recipe, modality).batch_cost
            full[present[:, place]] = encode_all(model, modality, examples, batch_cost=cost)
        vectors[modality] = full
    return Encoded(vectors, present, targets([row.labels for row in rows], model.categories))


def stage_recipe(recipe: Recipe, modality: Modality) -> StageRecipe:
    """The part of a recipe that trains one encoder."""
    return {
        Modality.TEXT: recipe.text,
        Modality.IMAGE: recipe.image,
        Modality.AUDIO: recipe.audio,
    }[modality]


class _Heads(nn.Module):
    """The model's own parameters, so that they can be kept with the modules of their stage."""

    def __init__(self, model: Classifier) -> None:
        super().__init__()
        self.absent = model.absent
        self.head_weight = model.head_weight
        self.head_bias = model.head_bias


def _take_up(run: Run, name: str, module: nn.Module, reporter: Reporter) -> bool:
    path = run.checkpoints / f"{name}.safetensors"
    if not path.is_file():
        return False
    try:
        module.load_state_dict(load_file(path))
    except RuntimeError as error:
        raise TrainingError(
            f"{path} is of another model ({error}); remove it or choose another folder"
        ) from error
    reporter.note(f"taken up from {path}")
    return True


def _keep(run: Run, name: str, module: nn.Module) -> None:
    state = {key: value.contiguous() for key, value in module.state_dict().items()}
    save_file(state, run.checkpoints / f"{name}.safetensors")
