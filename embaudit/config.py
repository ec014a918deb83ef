"""What an audit is asked to do: options checked before anything is read or computed."""

import difflib
import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from embaudit.errors import UsageError
from embaudit.memory import budget_of
from embaudit.report import Measure
from embaudit.space import Metric

PRESETS = ("paper", "standard", "all")


@dataclass(frozen=True)
class Settings:
    """Checked options of one audit. `batch` None is the default shape for the data."""

    metric: Metric = "l2"
    margin: float = 0.0
    batch: tuple[int, int] | None = None
    measures: str = "standard"
    gates: tuple[str, ...] = ()
    seed: int = 0
    threads: int = 1
    block_rows: int | None = None
    sample: int | None = None
    memory_budget: int | None = None


def settings_of(
    *,
    metric: str = "l2",
    margin: float = 0.0,
    batch: str | tuple[int, int] | None = None,
    measures: str | Sequence[str] = "standard",
    gate: str | Sequence[str] = (),
    seed: int = 0,
    threads: int | None = None,
    block_rows: int | None = None,
    sample: int | None = None,
    memory_budget: str | int | None = None,
) -> Settings:
    """Settings from what the user gave; raises UsageError for what cannot be understood."""
    if metric not in ("l2", "cosine"):
        raise UsageError(f"Unknown metric {metric!r}.", "Use l2 or cosine.")
    if not (math.isfinite(margin) and margin >= 0):
        raise UsageError(f"The margin must be a number of at least 0, not {margin}.")
    if seed < 0:
        raise UsageError(f"The seed must be at least 0, not {seed}.")
    if threads is not None and threads < 1:
        raise UsageError(f"--threads must be at least 1, not {threads}.")
    if block_rows is not None and block_rows < 1:
        raise UsageError(f"block_rows must be at least 1, not {block_rows}.")
    if sample is not None and sample < 1:
        raise UsageError(f"--sample must be at least 1, not {sample}.")
    return Settings(
        metric="cosine" if metric == "cosine" else "l2",
        margin=float(margin),
        batch=batch_shape(batch) if isinstance(batch, str) else _checked_batch(batch),
        measures=measures if isinstance(measures, str) else ",".join(measures),
        gates=(gate,) if isinstance(gate, str) else tuple(gate),
        seed=seed,
        threads=min(threads or available_threads(), available_threads()),
        block_rows=block_rows,
        sample=sample,
        memory_budget=budget_of(memory_budget) if isinstance(memory_budget, str) else memory_budget,
    )


def batch_shape(text: str) -> tuple[int, int]:
    """`18x4` -> (18, 4): classes x rows per class of a training batch."""
    match = re.fullmatch(r"\s*(\d+)\s*[xX]\s*(\d+)\s*", text)
    if not match:
        raise UsageError(
            f"Cannot read the batch shape {text!r}.",
            "Give classes x rows per class, for example --batch 18x4.",
        )
    shape = _checked_batch((int(match[1]), int(match[2])))
    assert shape is not None
    return shape


def _checked_batch(batch: tuple[int, int] | None) -> tuple[int, int] | None:
    if batch is None:
        return None
    classes, samples = batch
    if classes < 2 or samples < 2:
        raise UsageError(
            f"A batch of {classes} classes x {samples} rows has no triplets.",
            "Give at least 2x2: two classes for negatives, two rows each for positives.",
        )
    return int(classes), int(samples)


def chosen_measures(
    asked: str, needed: Iterable[str], measures: Sequence[Measure]
) -> tuple[Measure, ...]:
    """The measures of presets and ids in a comma list, and those needed, in reading order."""
    wanted = set(needed)
    for name in filter(None, (part.strip() for part in asked.split(","))):
        if name in PRESETS:
            wanted |= {measure.id for measure in measures if name in measure.presets}
        else:
            wanted.add(known_measure(name, measures).id)
    if not asked.replace(",", "").strip():
        raise UsageError("No measures asked for.", f"Use {', '.join(PRESETS)} or measure ids.")
    return tuple(measure for measure in measures if measure.id in wanted)


def known_measure(name: str, measures: Sequence[Measure]) -> Measure:
    """The measure of an id; an unknown one is an error with the nearest right names."""
    for measure in measures:
        if measure.id == name:
            return measure
    near = difflib.get_close_matches(name, [measure.id for measure in measures], n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(f"Unknown measure {name!r}.", f"{hint}`embaudit explain` lists them all.")


def available_threads() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
