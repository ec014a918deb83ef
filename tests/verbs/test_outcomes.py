"""The forecast against what happened: batch-hard training continued from real checkpoints.

Of the folder that EMBAUDIT_DATA names: glyph/batch_hard_outcomes.json has 50 runs, each from a
checkpoint of a `raw` or a `unit` network (train200_step<N>.npy, unit_train200_step<N>.npy) with
one batch shape. Nothing is fitted to them but the edges of the bands. `pytest -s` prints the table.
"""

import json
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

import embaudit
from embaudit.core.intervals import sampled_share
from embaudit.report import ForecastRow
from embaudit.verbs.forecast import UNTRAINED
from tests.search.test_real_data import GLYPH, MARGIN, pytestmark  # noqa: F401 - skips the module

ROWS = 12_400


@dataclass(frozen=True)
class Run:
    """One continued training, and what was forecast from its checkpoint."""

    network: str
    steps: int
    batch: int
    spread: float
    before: float
    after: float
    forecast: ForecastRow
    precision: float  # @1 on the saved rows, the lower end of what the forecast saw

    @property
    def pressure(self):
        return self.forecast.pressure.value

    @property
    def spread_halves(self):
        return self.spread < 0.5

    @property
    def precision_halves(self):
        return self.after < 0.5 * self.before


@pytest.fixture(scope="module")
def runs():
    outcomes = json.loads((GLYPH / "batch_hard_outcomes.json").read_text())
    labels = np.load(GLYPH / "train_labels.npy")[:ROWS]
    checkpoints = dict.fromkeys((run["network"], run["warmup_steps"]) for run in outcomes)
    found = []
    for network, steps in checkpoints:
        own = [run for run in outcomes if (run["network"], run["warmup_steps"]) == (network, steps)]
        name = f"{'unit_' if network == 'unit' else ''}train200_step{steps:05}.npy"
        shapes = [(run["classes_per_batch"], run["samples_per_class"]) for run in own]
        sweep = embaudit.forecast(np.load(GLYPH / name), labels, margin=MARGIN, batches=shapes)
        seen = sweep.precision_at_1.lower
        rows = {(row.classes_per_batch, row.samples_per_class): row for row in sweep.forecast}
        for run, shape in zip(own, shapes, strict=True):
            ends = run["precision_at_1_before"], run["precision_at_1_after"]
            found.append(
                Run(network, steps, run["batch"], run["spread_ratio"], *ends, rows[shape], seen)
            )
    return found


def auc(scores, outcomes):
    """Share of pairs of a run where it happened and one where not that are in order."""
    with_it = [score for score, happened in zip(scores, outcomes, strict=True) if happened]
    without = [score for score, happened in zip(scores, outcomes, strict=True) if not happened]
    pairs = [(high > low) + (high == low) / 2 for high in with_it for low in without]
    return sum(pairs) / len(pairs)


def band(run):
    """By pressure alone: the risk of an untrained network is high, its rows being so near."""
    high = run.forecast.pressure.upper
    return "low" if high < 0.6 else "rising" if high < 0.9 else "high"


def safe(run):
    gap = run.forecast.gap
    return band(run) == "low" or (gap is not None and gap.upper <= 0)


def test_pressure_tells_which_spreads_halve_and_batch_size_does_not(runs):
    happened = [run.spread_halves for run in runs]
    pressure = auc([run.pressure for run in runs], happened)
    batch = auc([np.log(run.batch) for run in runs], happened)
    print(f"\nspread halves ({sum(happened)} of 50): AUC {pressure:.3f}, log batch {batch:.3f}")
    assert len(runs) == 50
    assert pressure >= 0.88
    assert pressure >= batch + 0.15


def test_pressure_tells_which_raw_networks_lose_their_precision(runs):
    trained = [run for run in runs if run.network == "raw" and run.steps >= 30]
    happened = [run.precision_halves for run in trained]
    value = auc([run.pressure for run in trained], happened)
    print(f"\nprecision@1 halves ({sum(happened)} of {len(trained)}): AUC {value:.3f}")
    assert value >= 0.95


def test_the_bands_are_three_different_outcomes(runs):
    shares, counts = {}, {}
    print("\nband    runs  spread halves           precision@1 halves      of trained networks")
    for name in ("low", "rising", "high"):
        own = [run for run in runs if band(run) == name]
        late = [run.precision_halves for run in own if run.steps > 0]
        halved = [run.spread_halves for run in own], [run.precision_halves for run in own], late
        shares[name] = [sampled_share(sum(happened), len(happened)) for happened in halved]
        counts[name] = sum(halved[0]), sum(halved[1]), len(own)
        told = "  ".join(f"{x.value:5.0%} [{x.lower:4.0%}, {x.upper:4.0%}]  " for x in shares[name])
        print(f"{name:7} {len(own):4}  {told}")
    # below 0.6 most keep their spread, above it nearly none; below 0.9 trained networks keep
    # their precision, above it most lose it: 99 % binomial intervals that do not meet
    assert shares["low"][0].upper < shares["rising"][0].lower
    assert shares["rising"][2].value == 0
    assert shares["rising"][2].upper < shares["high"][2].lower
    # what `embaudit explain` and the page say
    assert counts == {"low": (0, 0, 5), "rising": (25, 3, 27), "high": (18, 12, 18)}


def test_what_was_safe_kept_its_precision(runs):
    kept = [run for run in runs if safe(run)]
    assert len(kept) == 9
    assert all(run.after > run.before - 0.02 for run in kept)


def test_only_the_untrained_network_lost_its_precision_below_the_high_band(runs):
    early = [run for run in runs if run.precision_halves and band(run) != "high"]
    assert {(run.network, run.steps) for run in early} == {("raw", 0)}
    assert all(run.forecast.risk == "high" for run in early)  # its spread is below the margin


def test_a_low_precision_means_that_a_network_is_hardly_trained(runs):
    cautioned = [run for run in runs if run.precision < UNTRAINED]
    assert {run.steps for run in cautioned} == {0, 30}
    early = [run for run in runs if run.precision_halves and band(run) != "high"]
    assert all(run in cautioned for run in early)


def test_the_curve(runs):
    edges = (0.0, 0.6, 0.7, 0.8, 0.9, 1.0)
    print("\npressure     runs  spread halves  tenth  precision@1 halves")
    for low, high in pairwise(edges):
        own = [run for run in runs if low <= run.pressure < high]
        halves = sum(run.spread_halves for run in own)
        tenth = sum(run.spread < 0.1 for run in own)
        lost = sum(run.precision_halves for run in own)
        print(f"{low:.1f} to {high:.1f}  {len(own):6} {halves:14} {tenth:6} {lost:19}")
        assert own
