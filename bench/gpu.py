"""Everything about a GPU in one command: ``python -m bench.gpu``.

The ceiling of a bf16 matrix product on this very device; how much of it the encoders of ``base``
use (weights are fresh: speed does not depend on them), as the engine runs them and in the ways that
it might; posts a second by what they hold; how many cores must decode to keep it busy; whether
copies hide behind work, from a trace. Then all that ``bench.performance`` measures behind Kafka, on
this device; a part that fails, for want of a broker say, is told, and the others go on. Without a
GPU the model's part runs on the CPU with small models, which measures nothing. The last line is one
JSON object of the ratios.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import torch

from bench.performance import latency, peers_table, pipeline, plumbing, scale
from bench.performance.__main__ import Ratios, run_parts
from bench.performance.base_model import base_classifier
from bench.performance.ceilings import flops_of, matmul_flops, seconds_of, wait
from bench.performance.decoded import decoded
from bench.performance.machine import describe_machine
from bench.performance.made_posts import MIXES, Mix, make_posts, picture
from bench.performance.options import Options
from bench.performance.overlap import traced
from bench.performance.report import SMOKE_DIR, Report
from bench.performance.spread import Spread
from moderation.inference import Scorer
from moderation.inference.precision import in_precision
from moderation.media import MediaLimits, decode_image
from moderation.model import Classifier, ModelInputs, Sample, collate
from schemas import Modality

BATCHES: Final[Mapping[Modality, int]] = {
    Modality.TEXT: 512,
    Modality.IMAGE: 256,
    Modality.AUDIO: 64,
}
SMALL_BATCH: Final = 2
TEXT_TOKENS: Final = 128
POSTS: Final[Mapping[Mix, int]] = {"text": 16_384, "mixed": 4_096, "image": 2_048, "audio": 1_024}
SMALL_POSTS: Final = 8
DECODED_PICTURES: Final = 100
PICTURE_SIZES: Final = ((640, 480), (1280, 960), (4000, 3000))
GOAL_UTILISATION: Final = 0.5


def main() -> None:
    """Measure on the GPU, or check on the CPU that everything works."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--model-only", action="store_true", help="leave Kafka out")
    given = parser.parse_args()
    on_gpu = given.device != "cpu"
    if not on_gpu:
        print("no GPU: a reduced check on the CPU, whose figures say nothing")
    options = Options(
        small=not on_gpu, rounds=3, device=given.device, machine=describe_machine(given.device)
    )
    failed = run_parts(parts(options, model_only=given.model_only), options.device)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def parts(options: Options, *, model_only: bool) -> dict[str, Callable[[], Ratios]]:
    """What is measured, by name, the model first; on a CPU nothing else."""
    found: dict[str, Callable[[], Ratios]] = {"model": partial(measure, options)}
    if options.device != "cpu" and not model_only:
        found |= {
            "pipeline": partial(pipeline.measure, options),
            "peers": partial(peers_table.measure, options),
            "plumbing": partial(plumbing.measure, options),
            "latency": partial(latency.measure, options),
            "scale": partial(scale.measure, options, scale.BACKLOG),
        }
    return found


def measure(options: Options) -> Ratios:
    """The model on its device, without Kafka."""
    report = Report("gpu", options.machine, small=options.small)
    device = torch.device(options.device)
    ceiling = matmul_flops(device, small=options.small)
    side = "matrix product in bf16"
    report.add("Ceiling", {"": side, "TFLOP/s": Spread(*(_tera(v) for v in _parts(ceiling)))})
    source = base_classifier(small=options.small)
    model, _ = in_precision(source, "bf16", device)
    _utilisation(model, ceiling.median, options, report)
    scorer = Scorer(source, options.device, precision="bf16", cache_bytes=0)
    rates = _by_mix(scorer, options, report)
    _decoding(rates["image"], options, report)
    _overlap(scorer, options, report)
    return report.finish()


def _utilisation(model: Classifier, ceiling: float, options: Options, report: Report) -> None:
    """FLOPs a second of each encoder over full batches without padding, over the ceiling."""
    seconds, flops = 0.0, 0.0
    for modality, full in BATCHES.items():
        count = options.posts(full, SMALL_BATCH)
        inputs = _batch(model, modality, count).to(model.device)
        work = partial(_encode, model, inputs, modality)
        issued = flops_of(work)
        row: dict[str, Any] = {
            "encoder": modality,
            "batch": count,
            "GFLOP/row": issued / count / 1e9,
        }
        for name, variant in _variants(model, work, modality, inputs, options).items():
            try:
                taken = Spread.of(seconds_of(variant, model.device))
            except Exception as error:  # noqa: BLE001 - a way that does not work here is a result, and is told
                row[name] = type(error).__name__
                continue
            row[name] = f"{issued / taken.median / ceiling:.0%}"
            if name == "engine":
                seconds, flops = seconds + taken.median, flops + issued
                row["rows/s"] = count / taken.median
        report.add("Utilisation of the ceiling by `base`, by how it runs", row)
    goal = None if options.small else GOAL_UTILISATION
    report.ratio("mfu_base", flops / seconds / ceiling, goal)


def _variants(
    model: Classifier,
    work: Callable[[], object],
    modality: Modality,
    inputs: ModelInputs,
    options: Options,
) -> dict[str, Callable[[], object]]:
    """As the engine runs an encoder, and as it might."""
    found: dict[str, Callable[[], object]] = {"engine": work}
    if options.small:
        return found
    for name, mode in (("compiled", "default"), ("CUDA graphs", "reduce-overhead")):
        encoder: Any = torch.compile(
            partial(model.encode_modality, inputs, modality), mode=mode, dynamic=False
        )
        found[name] = partial(_in_bf16, encoder, model.device.type)
    return found


def _encode(model: Classifier, inputs: ModelInputs, modality: Modality) -> torch.Tensor:
    return _in_bf16(partial(model.encode_modality, inputs, modality), model.device.type)


def _in_bf16(work: Callable[[], torch.Tensor], kind: str) -> torch.Tensor:
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16):
        return work()


def _batch(model: Classifier, modality: Modality, count: int) -> ModelInputs:
    """Rows of one length, so that nothing is padding."""
    generator = torch.Generator().manual_seed(0)
    if modality is Modality.TEXT:
        ids = torch.randint(1_000, 20_000, (count, TEXT_TOKENS), generator=generator).tolist()
        samples = [Sample(text=row) for row in ids]
    elif modality is Modality.IMAGE:
        side = model.config.image.size
        pixels = torch.randint(0, 256, (count, 3, side, side), generator=generator)
        samples = [Sample(image=one.to(torch.uint8).numpy()) for one in pixels]
    else:
        sounds = torch.randn(count, model.config.audio.max_samples, generator=generator) * 0.1
        samples = [Sample(audio=one.numpy()) for one in sounds]
    return collate(samples, tokenizer=model.tokenizer, config=model.config)


def _by_mix(scorer: Scorer, options: Options, report: Report) -> dict[Mix, float]:
    """Posts a second of the whole scorer, decoded posts in, scores out."""
    rates: dict[Mix, float] = {}
    for mix in MIXES:
        posts = decoded(make_posts(mix, options.posts(POSTS[mix], SMALL_POSTS)))
        scorer.score(posts[: max(1, len(posts) // 4)])
        found = []
        for _ in range(options.rounds):
            begin = time.perf_counter()
            scorer.score(posts)
            found.append(len(posts) / (time.perf_counter() - begin))
        rate = Spread.of(found)
        rates[mix] = rate.median
        report.add(
            "Posts a second by what they hold, `base`, decoded posts to scores",
            {"posts": mix, "posts/s": rate},
        )
        report.ratio(f"posts_per_s_{mix}", rate.median)
    return rates


def _decoding(device_rate: float, options: Options, report: Report) -> None:
    """Pictures a second of one core, and how many cores keep the device busy."""
    limits = MediaLimits()
    for width, height in PICTURE_SIZES[: 1 if options.small else None]:
        rng = random.Random(0)  # noqa: S311 - draws made pictures, nothing secret
        count = options.posts(DECODED_PICTURES, 2) * PICTURE_SIZES[0][0] // width or 1
        files = [picture(rng, (width, height)) for _ in range(count)]
        begin = time.thread_time()
        for file in files:
            decode_image(file, limits)
        rate = len(files) / (time.thread_time() - begin)
        cores = device_rate / rate
        report.add(
            "Decode-bound below so many cores",
            {"JPEG": f"{width}x{height}", "pictures/s a core": rate, "cores": cores},
        )
        report.ratio(f"decode_cores_{width}x{height}", cores)


def _overlap(scorer: Scorer, options: Options, report: Report) -> None:
    if options.device == "cpu":
        report.ratio("copies_hidden", None)
        report.ratio("device_busy", None)
        return
    posts = decoded(make_posts("mixed", POSTS["mixed"]))
    trace = SMOKE_DIR / "overlap-trace.json"
    found = traced(partial(scorer.score, posts), trace)
    wait(scorer.device)
    report.add(
        f"Overlap, from {trace}",
        {"": "mixed posts", "device busy": found.busy, "copies hidden": found.copies_hidden},
    )
    report.ratio("device_busy", found.busy)
    report.ratio("copies_hidden", found.copies_hidden)


def _parts(spread: Spread) -> tuple[float, float, float]:
    return spread.median, spread.low, spread.high


def _tera(value: float) -> float:
    return value / 1e12


if __name__ == "__main__":
    main()
