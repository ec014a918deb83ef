"""What a report was made from and with: its run id, the set in figures, its environment."""

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from embaudit.core.plugins import versions
from embaudit.core.prepared_points import Rows
from embaudit.data import EmbeddingSet, Notice
from embaudit.data.left_out_rows import DROPPABLE, IGNORED, WHERE
from embaudit.errors import first_few
from embaudit.evidence import Evidence
from embaudit.measures import PRECISION_AT_1, precision_with_own_rows
from embaudit.report import DataSummary, GallerySummary
from embaudit.report.base_model import Model
from embaudit.search import version
from embaudit.settings.settings import Settings
from embaudit.version import __version__


def run_id(
    data: EmbeddingSet,
    options: Model,
    gates: Sequence[str] = (),
    gallery: EmbeddingSet | None = None,
) -> str:
    """The same for the same inputs, options and version; also told apart by the columns read."""
    sets = [data] if gallery is None else [data, gallery]
    told = {
        "inputs": [
            (source.role, source.sha256, source.column) for one in sets for source in one.sources
        ],
        "read": fingerprint(data, gallery),
        "options": options.model_dump(mode="json"),
        "gate": list(gates),
        "version": __version__,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def fingerprint(data: EmbeddingSet, gallery: EmbeddingSet | None = None) -> str:
    """Of what was read of the inputs: which rows, under which labels; of a gallery, too."""
    read = hashlib.sha256()
    for one in [data] if gallery is None else [data, gallery]:
        read.update(json.dumps(one.classes).encode())
        for part in (one.starts, one.input_rows, one.vectors[:1024]):
            read.update(np.ascontiguousarray(part).tobytes())
    return read.hexdigest()[:16]


def chosen_of(data: EmbeddingSet) -> dict[str, Any]:
    """Options of a document that say which rows of the input there are, and as what."""
    told = data.left_out
    return {
        "sample": data.size if data.drawn else None,
        "unpack_bits": data.unpacked,
        "drop": tuple(one.reason for one in told if one.reason in DROPPABLE),
        "ignore_label": tuple(one.label for one in told if one.reason == IGNORED),
        "where": next((one.label for one in told if one.reason == WHERE), None),
    }


def left_out_of(data: EmbeddingSet) -> dict[str, int]:
    """How many rows were left out, by reason."""
    counts: Counter[str] = Counter()
    for one in data.left_out:
        counts[one.reason] += one.count
    return dict(counts)


def points_read(data: EmbeddingSet) -> str:
    """Of the vectors, whatever their labels: of 1,024 input rows, from the first to the last."""
    order = np.argsort(data.input_rows, kind="stable")
    some = order[np.linspace(0, data.size - 1, min(data.size, 1024)).astype(np.int64)]
    read = hashlib.sha256(repr((data.vectors.shape, data.vectors.dtype.str)).encode())
    read.update(np.ascontiguousarray(data.stored.as_stored(some)).tobytes())
    return read.hexdigest()[:16]


def summary(evidence: Evidence) -> DataSummary:
    """The set in figures."""
    data, sizes = evidence.data, evidence.data.sizes
    anchors = int(sizes[sizes > 1].sum())
    if evidence.gallery is not None:
        anchors = int((evidence.gallery_scan.positives > 0).sum())
    return DataSummary(
        rows=data.size,
        dim=data.dim,
        classes=len(data.class_sizes),
        anchors=anchors,
        singleton_classes=int((data.class_sizes == 1).sum()),
        distractors=data.distractors,
        duplicate_rows=evidence.duplicate_rows,
        left_out=left_out_of(data),
    )


def gallery_summary(evidence: Evidence) -> GallerySummary | None:
    """The gallery in figures, where there is one."""
    gallery, queries = evidence.gallery, evidence.data.sizes
    if gallery is None:
        return None
    known, leakage = gallery.sizes[: len(queries)] > 0, evidence.leakage
    strange = ~known & evidence.data.labelled_classes
    return GallerySummary(
        rows=gallery.size,
        classes=int((gallery.class_sizes > 0).sum()),
        shared_classes=int(known.sum()),
        queries_without_positives=int(queries[strange].sum()),
        distractors=gallery.distractors,
        leaked_rows=len(leakage.queries),
        leaked_same_label=int(leakage.same_label.sum()),
        leaked_other_label=int(leakage.other_label.sum()),
        own_rows=evidence.own_rows,
        left_out=left_out_of(gallery),
        precision_at_1_with_own_rows=precision_with_own_rows(evidence),
    )


def gallery_notices(evidence: Evidence) -> Iterator[Notice]:
    """What the user should know of two sets that were compared."""
    gallery, told = evidence.gallery, gallery_summary(evidence)
    if gallery is None or told is None:
        return
    if told.queries_without_positives:
        strange = len(evidence.data.class_sizes) - told.shared_classes
        yield Notice(
            "no_positives",
            f"{told.queries_without_positives} of {evidence.data.size} queries are of {strange} "
            "classes that the gallery does not hold: they have no positive, so they are no "
            "anchors, and no figure over anchors (precision, recall, violations) counts them.",
        )
    if told.own_rows:
        yield Notice("gallery_holds_queries", _own_rows(evidence, told))
    if told.leaked_rows > told.own_rows or told.leaked_other_label:
        pairs = _pairs(evidence, evidence.leakage.twins)
        yield Notice(
            "leakage",
            f"{told.leaked_rows} of {evidence.data.size} queries are identical to a row of the "
            f"gallery, {told.leaked_same_label} under the same label and "
            f"{told.leaked_other_label} under another (query row {first_few(pairs)}): leakage "
            "that flatters every figure, or two exports of one set. All are counted but the rows "
            "that queries are themselves.",
        )


def _own_rows(evidence: Evidence, told: GallerySummary) -> str:
    """What the user should know of queries that the gallery holds."""
    gallery = evidence.gallery
    assert gallery is not None
    ids = evidence.data.ids is not None and gallery.ids is not None
    precision, beside = PRECISION_AT_1.of(evidence).value, ""
    if precision is not None and told.precision_at_1_with_own_rows is not None:
        beside = (
            f" Precision@1 is {precision:.1%} without them, which is what a gate decides on, and "
            f"would be {told.precision_at_1_with_own_rows:.1%} with them."
        )
    return (
        f"{told.own_rows} of {evidence.data.size} queries are rows of the gallery themselves "
        f"(equal values and {'ids' if ids else 'labels'}; query row "
        f"{first_few(_pairs(evidence, evidence.leakage.itself))}). A row is no match of itself, so "
        f"that match is left out of every figure.{beside}"
    )


def _pairs(evidence: Evidence, twins: Rows) -> list[str]:
    """Which queries are which rows of the gallery; twins: (k,) of the leaked ones, -1 for none."""
    gallery, rows = evidence.gallery, evidence.data.input_rows[evidence.leakage.queries]
    assert gallery is not None
    there = twins >= 0
    both = zip(rows[there].tolist(), gallery.input_rows[twins[there]].tolist(), strict=True)
    return [f"{row} is gallery row {twin}" for row, twin in both]


def environment(settings: Settings, **work: Any) -> dict[str, Any]:
    """Versions, threads and work done: what may differ between two equal runs."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "faiss": version(),
        "platform": platform.platform(),
        "threads": settings.workers,
        **({"plugins": plugins} if (plugins := versions()) else {}),
        **work,
    }
