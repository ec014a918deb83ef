"""Mining: options -> data -> scan -> triplets for the next training run, from saved vectors."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from embaudit.core.prepared_points import Floats, Rows
from embaudit.data import EmbeddingSet, Label
from embaudit.errors import UsageError, option
from embaudit.evidence import Evidence
from embaudit.measures import triplet_of
from embaudit.report import Triplet
from embaudit.report.acknowledged_notices import heard
from embaudit.report.mining_document import Mining, MiningOptions, MiningRule, Without
from embaudit.search import Progress, silent
from embaudit.settings.settings import Settings, checked, settings_among
from embaudit.verbs.input_coercion import Given, names_of
from embaudit.verbs.mine.selection import Selection, select
from embaudit.verbs.mine.triplet_table import Mined
from embaudit.verbs.provenance import chosen_of
from embaudit.verbs.run_context import RunContext, run_context_on

EXAMPLES = 20
OF_MODES = {"margin": "semi-hard", "epsilon": "multi-similarity", "band": "percentile"}


def mine(
    embeddings: Any,
    labels: Any = None,
    *,
    metric: str = "l2",
    mode: str = "hardest",
    positive: str = "hardest",
    per_anchor: int = 1,
    margin: float | None = None,
    epsilon: float | None = None,
    band: str | tuple[float, float] | None = None,
    min_distance: float = 0.0,
    relative_margin: float | None = None,
    agreement: bool = False,
    keep_duplicates: bool = False,
    ids: Any = None,
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    unpack_bits: bool = False,
    drop: str | Sequence[str] = (),
    ignore_label: Label | Sequence[Label] = (),
    acknowledge: str | Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    memory_budget: str | int | None = None,
    progress: Progress = silent,
) -> Mined:
    """Triplets with hard negatives for embeddings (N, n) with N labels.

    Embeddings and labels are given as to `embaudit.audit`, also as paths; an EmbeddingSet that
    `embaudit.load` gave may have columns to keep. mode: "hardest", "semi-hard" (give the
    training's margin), "multi-similarity" (epsilon, by default 0.1) or "percentile" (band, by
    default 1 to 5), as `embaudit.report.mining_document.MiningRule` defines them; positive:
    "hardest", "easiest" or "random". Negatives nearer than min_distance, or (under cosine) more
    than 1 - relative_margin times as similar as the positive, copies of rows under other labels,
    and, with agreement, rows whose neighbours carry the anchor's label are left out. The other
    options are those of `audit`.

    Raises InputRefused for data that cannot be audited, BudgetExceeded, UsageError for options.
    """
    given = locals()
    rule = rule_of(**{name: given[name] for name in MiningRule.model_fields})
    settings = settings_among(given, margin=0.0, search="exact")
    names = names_of(embedding_column, label_column, id_column)
    data = Given(embeddings, labels, ids, settings, names).read()
    return mined(data, settings, rule, progress)


def rule_of(**options: Any) -> MiningRule:
    """A rule from what the user gave, None being nothing.

    Raises UsageError for all that cannot be understood, or would change nothing in this mode.
    """
    given = {name: value for name, value in options.items() if value is not None}
    rule = checked(MiningRule, given)
    for name, mode in OF_MODES.items():
        if name in given and rule.mode != mode:
            raise UsageError(
                f"{option(name)} is of {mode} mode, and the mode is {rule.mode}.",
                f"Give {option('mode', mode)}, or drop it.",
            )
    return rule


def mined(
    data: EmbeddingSet, settings: Settings, rule: MiningRule, progress: Progress = silent
) -> Mined:
    """Mine a validated set with checked settings."""
    if rule.relative_margin is not None and settings.metric != "cosine":
        raise UsageError(
            "relative margin: it is a share of the positive's similarity, and l2 has distances.",
            f"Give {option('metric', 'cosine')}, or {option('min_distance')}.",
        )
    with run_context_on(data, settings, progress) as session:
        with session.timing("scan"):
            session.evidence.scan  # noqa: B018 - timed by name
        with session.timing("selection"):
            most = min(rule.per_anchor, data.size)  # negatives that there can be
            found = select(session.evidence, rule.model_copy(update={"per_anchor": most}))
        return _document(session, rule, found)


def _document(session: RunContext, rule: MiningRule, found: Selection) -> Mined:
    evidence, data = session.evidence, session.evidence.data
    ordered, distances = _triplets(evidence, found)
    rows = data.input_rows[ordered]
    taken = (found.negatives.rows >= 0).sum(axis=1)
    options = MiningOptions(
        metric=evidence.metric, rule=rule, seed=evidence.seed, **chosen_of(data)
    )
    means = [float(mean) for mean in distances.mean(axis=0)] if len(rows) else [None, None]
    told = Mining(
        **session.header(options),
        **heard(data.notices, session.settings.acknowledge),
        triplets=len(rows),
        anchors=int((taken > 0).sum()),
        short=int(((taken > 0) & (taken < rule.per_anchor)).sum()),
        without=Without(
            no_positive=data.size - len(found.anchors),
            no_negative=int((found.alone == 0).sum()),
            filtered=int(((taken == 0) & (found.alone > 0)).sum()),
        ),
        removed=found.removed,
        d_positive=means[0],
        d_negative=means[1],
        violated=float((distances[:, 0] > distances[:, 1]).mean()) if len(rows) else None,
        examples=tuple(_examples(data, ordered, rows, distances)),
    )
    return Mined(told, rows, distances, data, ordered)


def _triplets(evidence: Evidence, found: Selection) -> tuple[Rows, Floats]:
    """Ordered rows (t, 3) and distances (t, 2), by the anchor's input row."""
    by_input = np.argsort(evidence.data.rows[found.anchors], kind="stable")
    at, place = np.nonzero(found.negatives.rows[by_input] >= 0)
    at = by_input[at]
    negatives, d2 = found.negatives.rows[at, place], found.negatives.d2[at, place]
    ordered = np.stack((found.anchors[at], found.positives[at], negatives), axis=1)
    return ordered, np.sqrt(np.stack((found.d2_positives[at], d2), axis=1)) * evidence.unit


def _examples(
    data: EmbeddingSet, ordered: Rows, rows: Rows, distances: Floats
) -> Iterator[Triplet]:
    """The triplets with the largest gaps."""
    violation = distances[:, 0] - distances[:, 1]
    for at in np.lexsort((rows[:, 2], rows[:, 0], -violation))[:EXAMPLES].tolist():
        yield triplet_of(data, ordered[at].tolist(), distances[at], float(violation[at]))
