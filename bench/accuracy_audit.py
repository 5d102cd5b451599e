"""Do the ledger's intervals hold the truth? ``python -m bench.accuracy_audit [--verdicts N]``.

A made-up stream of verdicts whose truth is known: harms are rare and of unequal frequency, scores
are skewed, some harm is invisible to the model, languages differ. A first sample with one rate for
all gives the plan, as ``moderation ledger plan`` does. Then samples are drawn by that plan again
and again, some of each are never reviewed, and the ledger's own code estimates precision, recall,
false-positive rate and prevalence of each category. Printed is how often the 95 % intervals cover
the truth, beside what the escalated posts alone would say. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from schemas import CATEGORIES, Action, Modality
from workers.audit_plan import AuditPlan
from workers.ledger.accuracy.allocation import neyman_rates
from workers.ledger.accuracy.figures import FIGURES, measure
from workers.ledger.accuracy.intervals import Estimate, Floats, Mask
from workers.ledger.accuracy.planning import event_shares
from workers.ledger.accuracy.weights import response_weights

GOAL: Final = (0.93, 0.97)

PREVALENCE: Final = dict(
    zip(CATEGORIES, (0.008, 0.03, 0.012, 0.02, 0.002, 0.003, 0.005, 0.04), strict=True)
)
"""Share of posts with the harm: from 1 in 500 to 1 in 25."""

INVISIBLE: Final = 0.1
"""Share of harmful posts that the model scores like harmless ones."""

BORDERLINE: Final = 0.02
"""Share of harmless posts, a category, that look somewhat like harm."""

THRESHOLD: Final = 0.5
REMOVE_FROM: Final = 0.9
LANGUAGES: Final = {"en": 0.6, "zh": 0.3, "pt": 0.1}
MODALITIES: Final = {
    (Modality.TEXT,): 0.6,
    (Modality.TEXT, Modality.IMAGE): 0.3,
    (Modality.AUDIO,): 0.1,
}
REVIEWED: Final = {Action.ALLOW: 0.9, Action.REVIEW: 0.98, Action.REMOVE: 0.95}
"""Share of the drawn verdicts that get a reviewer in time."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A million verdicts and the truth about them."""

    flagged: Mask
    """shape = (categories, verdicts)"""
    harmful: Mask
    """shape = (categories, verdicts)"""
    action: npt.NDArray[np.int64]
    """Place in the actions, shape = (verdicts,)"""
    stratum: npt.NDArray[np.int64]
    """Place in ``strata``, shape = (verdicts,)"""
    strata: tuple[str, ...]

    def __len__(self) -> int:
        return int(self.action.size)


def make_stream(verdicts: int, rng: np.random.Generator, plan: AuditPlan) -> Stream:
    """Make a stream up."""
    languages = rng.choice(len(LANGUAGES), verdicts, p=list(LANGUAGES.values()))
    modalities = rng.choice(len(MODALITIES), verdicts, p=list(MODALITIES.values()))
    harmful = np.array([rng.random(verdicts) < share for share in PREVALENCE.values()])
    scores = np.array([_scores(harm, languages, rng) for harm in harmful])
    highest = scores.max(axis=0)
    action = np.digitize(highest, [THRESHOLD, REMOVE_FROM])
    band = np.digitize(highest, plan.score_edges)
    sizes = (len(REVIEWED), len(plan.score_edges) + 1, len(MODALITIES), len(LANGUAGES))
    codes = np.ravel_multi_index((action, band, modalities, languages), sizes)
    found, stratum = np.unique(codes, return_inverse=True)
    cells = zip(*np.unravel_index(found, sizes), strict=True)
    lowest = [0.0, *plan.score_edges]
    names = tuple(
        plan.stratum(
            list(REVIEWED)[acted],
            {"any": lowest[part]},
            list(MODALITIES)[kinds],
            list(LANGUAGES)[spoken],
        )
        for acted, part, kinds, spoken in cells
    )
    return Stream(scores >= THRESHOLD, harmful, action, stratum, names)


def _scores(
    harm: Mask, languages: npt.NDArray[np.int64], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Of one category: log-odds are normal around -7, around -2 on the border, around 1.5 in harm.

    The model sees less in the languages that it learned less of.
    """
    size = harm.size
    log_odds = -7.0 + 1.5 * rng.standard_normal(size, dtype=np.float32)
    border = ~harm & (rng.random(size) < BORDERLINE)
    log_odds[border] = rng.normal(-2.0, 1.7, border.sum())
    visible = harm & (rng.random(size) >= INVISIBLE)
    log_odds[visible] = rng.normal(1.5 - 0.5 * languages[visible], 2.0)
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample: which verdicts were reviewed, and how many each stands for."""

    reviewed: npt.NDArray[np.int64]
    weights: Floats


def draw(stream: Stream, rates: Floats, rng: np.random.Generator) -> Drawn:
    """Draw each verdict with its stratum's rate, and lose some before they are reviewed."""
    drawn = np.flatnonzero(rng.random(len(stream), dtype=np.float32) < rates[stream.stratum])
    action, stratum = stream.action[drawn], stream.stratum[drawn]
    answered = rng.random(drawn.size) < np.array(list(REVIEWED.values()))[action]
    weights = response_weights(rates[stratum], answered, stratum, action)
    return Drawn(drawn[answered], weights)


def plan_rates(stream: Stream, rate: float, rng: np.random.Generator) -> Floats:
    """Rates by stratum, from a first sample with one rate for all."""
    pilot = draw(stream, np.full(len(stream.strata), rate), rng)
    stratum = stream.stratum[pilot.reviewed]
    flagged, harmful = (table[:, pilot.reviewed] for table in (stream.flagged, stream.harmful))
    sizes: Floats = np.bincount(
        stratum, weights=pilot.weights, minlength=len(stream.strata)
    ).astype(np.float64)
    known = sizes > 0.0
    shares = event_shares(stratum, flagged, harmful, len(stream.strata))
    rates: Floats = np.full(len(stream.strata), rate)
    rates[known] = neyman_rates(sizes[known], shares[known], rate * sizes.sum())
    return rates


def estimates(
    stream: Stream, category: int, reviewed: npt.NDArray[np.int64] | slice, weights: Floats
) -> dict[str, Estimate]:
    """The ledger's figures of a category."""
    flagged, harmful = stream.flagged[category, reviewed], stream.harmful[category, reviewed]
    return dict(measure(weights, flagged, harmful).shares)


def measure_coverage(
    stream: Stream, rates: Floats, repetitions: int, rng: np.random.Generator
) -> dict[str, dict[str, float]]:
    """How often the intervals cover the truth, by category and figure."""
    everything = np.ones(len(stream))
    truth = [estimates(stream, place, slice(None), everything) for place in range(len(CATEGORIES))]
    covered = np.zeros((len(CATEGORIES), len(FIGURES)))
    for _ in range(repetitions):
        sample = draw(stream, rates, rng)
        for place, known in enumerate(truth):
            found = estimates(stream, place, sample.reviewed, sample.weights)
            covered[place] += [
                name in found and found[name].low <= known[name].value <= found[name].high
                for name in FIGURES
            ]
    shares = covered / repetitions
    return {
        category: dict(zip(FIGURES, map(float, shares[place]), strict=True))
        for place, category in enumerate(CATEGORIES)
    }


def naive(stream: Stream, category: int) -> dict[str, float]:
    """What the escalated posts say by themselves, however many there are."""
    escalated = stream.action == list(REVIEWED).index(Action.REVIEW)
    found = estimates(stream, category, np.flatnonzero(escalated), np.ones(escalated.sum()))
    return {name: found[name].value if name in found else math.nan for name in FIGURES}


def print_table(
    stream: Stream,
    coverage: dict[str, dict[str, float]],
    by_category: dict[str, float],
    alone: dict[str, dict[str, float]],
) -> None:
    """Coverage of every figure, and truth against what the escalations alone say."""
    heads = ("precision", "recall", "FPR", "prevalence")
    print(
        f"\n{'coverage of 95 % intervals':<28}" + "".join(f"{head:>12}" for head in heads), end=""
    )
    print(f"{'together':>12}")
    for category, figures in coverage.items():
        shares = [*figures.values(), by_category[category]]
        print(f"{category:<28}" + "".join(f"{share:>12.1%}" for share in shares))
    print(f"\n{'truth / escalations alone':<28}" + "".join(f"{head:>18}" for head in heads))
    for place, category in enumerate(coverage):
        truth = estimates(stream, place, slice(None), np.ones(len(stream)))
        cells = [f"{truth[name].value:.2%} / {alone[category][name]:.2%}" for name in FIGURES]
        print(f"{category:<28}" + "".join(f"{cell:>18}" for cell in cells))


def run(verdicts: int, repetitions: int, rate: float, seed: int) -> dict[str, Any]:
    """Measure and print; the result is what the last line shows."""
    rng = np.random.default_rng(seed)
    stream = make_stream(verdicts, rng, AuditPlan(default_rate=rate))
    rates = plan_rates(stream, rate, rng)
    size = float(np.bincount(stream.stratum, minlength=len(stream.strata)) @ rates)
    print(
        f"{verdicts:,} verdicts in {len(stream.strata)} strata, {size:,.0f} drawn with "
        f"probabilities from {rates.min():.4f} to {rates.max():.4f}, {repetitions} times over"
    )
    coverage = measure_coverage(stream, rates, repetitions, rng)
    by_category = {name: float(np.mean(list(found.values()))) for name, found in coverage.items()}
    alone = {category: naive(stream, place) for place, category in enumerate(CATEGORIES)}
    print_table(stream, coverage, by_category, alone)
    low, high = min(by_category.values()), max(by_category.values())
    met = GOAL[0] <= low <= high <= GOAL[1]
    print(
        f"\nby category the intervals cover the truth {low:.1%} to {high:.1%} of the time, "
        f"{'within' if met else 'NOT within'} {GOAL[0]:.0%} to {GOAL[1]:.0%}"
    )
    return {
        "coverage": {name: round(share, 4) for name, share in by_category.items()},
        "coverage_by_figure": coverage,
        "recall_by_escalations_alone": {
            name: round(found["recall"], 4) for name, found in alone.items()
        },
        "goal": GOAL,
        "met": met,
        "verdicts": verdicts,
        "drawn": round(size),
        "repetitions": repetitions,
        "seed": seed,
    }


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--verdicts", type=int, default=1_000_000)
    parser.add_argument(
        "--repetitions", type=int, default=2000, help="samples; 2000 tell coverage to half a point"
    )
    parser.add_argument("--rate", type=float, default=0.01, help="share of the verdicts drawn")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(json.dumps(run(given.verdicts, given.repetitions, given.rate, given.seed)))


if __name__ == "__main__":
    main()
