"""The whole path: options -> data -> evidence -> measures -> report -> gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from embaudit.core.location import AnyPath
from embaudit.data import EmbeddingSet, Label
from embaudit.errors import InputRefused, UsageError, truth
from embaudit.evidence import Evidence
from embaudit.files.gallery_columns import sides_of
from embaudit.measures import anchors_of
from embaudit.report import Report
from embaudit.report.invocation import Invocation
from embaudit.search import Executor, Progress, one_blas_thread, silent
from embaudit.settings.settings import Settings, settings_among
from embaudit.verbs.audit_report import check_matches, report_of, search_anchors
from embaudit.verbs.audit_request import AuditRequest, request_of
from embaudit.verbs.input_coercion import Given, is_path, names_of, pair_of
from embaudit.verbs.run_context import run_context_on


@dataclass(frozen=True)
class Audited:
    """A report, and the evidence that it was made from."""

    report: Report
    evidence: Evidence

    def anchors(self) -> Mapping[str, Any]:
        """A row for each anchor: columns by name (`measures.anchor_table`)."""
        with one_blas_thread():
            return anchors_of(self.evidence)

    def kept(self) -> Mapping[int, Mapping[str, Any]]:
        """The kept columns of rows that are suspect, of hard triplets, or on the map, by row."""
        data = self.evidence.data
        own = ["anchor"] if self.report.gallery else ["anchor", "positive", "negative"]
        rows = {getattr(one, role) for one in self.report.hardest_triplets for role in own}
        rows |= {one.row for one in self.report.blame.worst_rows} if self.report.blame else set()
        drawn = self.report.distributions and self.report.distributions.map
        rows |= set(drawn.rows) if drawn and data.columns else set()
        at = {
            row: row if data.kept is None else int(np.searchsorted(data.kept, row)) for row in rows
        }
        return {
            row: {name: values[at[row]] for name, values in data.columns.items()} for row in rows
        }


def audit(
    embeddings: Any,
    labels: Any = None,
    *,
    no_labels: bool = False,
    metric: str = "l2",
    margin: float = 0.0,
    batch: str | tuple[int, int] | None = None,
    measures: str | Sequence[str] = "standard",
    gate: str | Sequence[str] = (),
    baseline: AnyPath | None = None,
    ids: Any = None,
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    gallery: Any = None,
    gallery_labels: Any = None,
    gallery_ids: Any = None,
    pairs: bool = False,
    unpack_bits: bool = False,
    drop: str | Sequence[str] = (),
    ignore_label: Label | Sequence[Label] = (),
    acknowledge: str | Sequence[str] = (),
    sample: int | None = None,
    search: str = "auto",
    effort: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    block_rows: int | None = None,
    memory_budget: str | int | None = None,
    progress: Progress = silent,
) -> Report:
    """Audit embeddings (N, n) with N labels, or an EmbeddingSet that `embaudit.load` gave.

    embeddings: a path or address, as `embaudit.load` takes it; or a matrix of float16/32/64 or
    integers, a tensor, a frame, a table or a column of vectors (`embaudit explain python` has all).
    labels: N integers, booleans or texts, or a path. embedding_column, label_column, id_column: of
    a file or table, where the obvious ones are not meant. no_labels: there are none; only what
    needs none is told.
    metric: "l2" or "cosine". margin: the training margin alpha, in units of the embeddings.
    batch: "18x4" or (18, 4), classes x rows of a training batch. measures: "paper", "standard",
    "all" or ids. gate: rules such as "violated_triplets <= 0.05", "precision_at_1 decrease <= 1%",
    or a preset. baseline: an earlier report, a .json file, that rules about changes compare with.
    gallery: the set that every row is compared with instead of its own (a train set, the other
    modality), an array with its `gallery_labels` or an EmbeddingSet; query_f and gallery_f of one
    file are found by themselves; positives and negatives are
    its rows, and what has no meaning there is undefined. pairs: row i belongs to row i of the
    gallery, and no labels are given.
    unpack_bits: the embeddings are 8-bit integers that hold 8 bits each, (N, n); each bit is a
    dimension. ignore_label: labels whose rows are left out, -1 or ("unknown", ""). drop: ids of
    findings whose rows are left out, "zero_rows" or ("repeated_block", "stray_rows"). Rows are
    told by their number in the input.
    acknowledge: ids of notices and findings that are known: counted in the report, and not told;
    what is bad is told all the same.
    sample: audit that many rows of the arrays, each class its share, drawn with `seed`.
    search: "exact", "approximate", or "auto", which is exact as far as a stated cost goes.
    effort: 0 to 6, tighter certified intervals; by default 1 with "all", else 0.
    block_rows divides the work and changes no figure. memory_budget: bytes, or a text like "2G";
    rows that do not fit it go to a temporary file.

    Raises InputRefused for data that cannot be audited, BudgetExceeded, UsageError for options.
    """
    loaded_without = isinstance(embeddings, EmbeddingSet) and not embeddings.labelled
    settings = settings_among(
        locals(), labels=not (truth("no_labels", no_labels) or loaded_without)
    )
    request = request_of(settings)
    names = replace(
        names_of(embedding_column, label_column, id_column), pairs=truth("pairs", pairs)
    )
    own, notices = names, []
    alone = gallery is None and labels is None and settings.labels and is_path(embeddings)
    if alone and (sides := sides_of(embeddings, names)):
        names, own, notice = sides
        gallery, notices = embeddings, [notice]
    if names.pairs and (gallery is None or labels is not None or gallery_labels is not None):
        raise UsageError("pairs: row i belongs to row i of a gallery.", "Give gallery alone.")
    if gallery is None:
        if gallery_labels is not None or gallery_ids is not None:
            raise UsageError("Labels or ids of a gallery, but no gallery.", "Give gallery=.")
        data = Given(embeddings, labels, ids, settings, names).read()
        return _with_anchors(run(data, settings, request, progress))
    if not settings.labels:
        raise UsageError("A gallery needs labels: what is a positive is told by them.")
    whole = settings.model_copy(update={"sample": None})
    queries = Given(embeddings, labels, ids, settings, names)
    other = Given(gallery, gallery_labels, gallery_ids, whole, own, "gallery")
    if names.pairs and queries.rows != other.rows:
        told = f"gallery: has {other.rows} rows, the embeddings {queries.rows}."
        raise InputRefused(told, "Give as many of both.")
    if queries.chosen is not None:
        queries.chosen.notices += notices
    data, reference = pair_of(queries, other)
    return _with_anchors(run(data, settings, request, progress, reference))


def _with_anchors(found: Audited) -> Report:
    """The report with its table of anchors: it outlives the set, which may be far larger."""
    if not found.evidence.data.labelled:
        return found.report
    return found.report.with_anchors(found.anchors())


def run(
    data: EmbeddingSet,
    settings: Settings,
    request: AuditRequest,
    progress: Progress = silent,
    gallery: EmbeddingSet | None = None,
    executor: Executor | None = None,
    invocation: Invocation | None = None,
) -> Audited:
    """Audit a validated set with checked settings, against a gallery if one is given.

    executor: who does the dear searches, by default threads of this process. invocation: what the
    command line gave, for advice that can be pasted.
    """
    with run_context_on(data, settings, progress, gallery=gallery, executor=executor) as session:
        evidence = session.evidence
        check_matches(evidence)
        search_anchors(session, request.conditions)
        return Audited(report_of(session, request, invocation), evidence)
