"""A training run followed from Python: saved checkpoints -> trend."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from embaudit.core.location import AnyPath
from embaudit.data import Label
from embaudit.errors import UsageError, truth
from embaudit.report.trend_document import Trend
from embaudit.search import Progress, silent
from embaudit.settings.settings import settings_among
from embaudit.verbs.input_coercion import names_of
from embaudit.verbs.trend.cache import Cache
from embaudit.verbs.trend.checkpoint_audits import trend_of
from embaudit.verbs.trend.checkpoint_series import series_of


def trend(
    checkpoints: Sequence[AnyPath],
    labels: AnyPath | None = None,
    *,
    no_labels: bool = False,
    metric: str = "l2",
    margin: float = 0.0,
    batch: str | tuple[int, int] | None = None,
    measures: str | Sequence[str] = "standard",
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    join: str | None = None,
    unpack_bits: bool = False,
    drop: str | Sequence[str] = (),
    ignore_label: Label | Sequence[Label] = (),
    acknowledge: str | Sequence[str] = (),
    sample: int | None = None,
    search: str = "auto",
    effort: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    memory_budget: str | int | None = None,
    cache_dir: str | PathLike[str] | None = None,
    progress: Progress = silent,
) -> Trend:
    """Follow a training run: where precision grew, where collapse began, which checkpoint is best.

    checkpoints: paths of embeddings of the same rows, two at least, in any order: they are taken
    in that of the numbers in their names. cache_dir: a folder in which audits are kept for the
    next time; None keeps none. The other options are those of `embaudit.load` and `embaudit.audit`.

    Raises InputRefused for what cannot be audited or is of other rows, BudgetExceeded, UsageError.
    """
    if isinstance(checkpoints, str | bytes | PathLike) or not isinstance(checkpoints, Sequence):
        raise UsageError(
            "checkpoints: give a list of paths.", "For example sorted(glob.glob('step*.npy'))."
        )
    settings = settings_among(locals(), labels=not truth("no_labels", no_labels))
    names = names_of(embedding_column, label_column, id_column, join)
    series = series_of(checkpoints, labels, names, settings)
    return trend_of(series, Cache(_folder(cache_dir), _unkept), progress)


def _folder(cache_dir: Any) -> Path | None:
    if not isinstance(cache_dir, str | PathLike | None):
        raise UsageError("cache_dir: give the path of a folder of this machine.")
    return None if cache_dir is None else Path(cache_dir)


def _unkept(message: str) -> None:
    """What cannot be kept is computed again the next time: nothing that a caller must know."""
