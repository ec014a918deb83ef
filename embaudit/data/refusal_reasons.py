"""Why a set cannot be audited."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from embaudit.core.prepared_points import Rows
from embaudit.data.left_out_rows import LeftOut, once_left_out
from embaudit.data.sources_and_notices import Array, Label, Source, place_of
from embaudit.errors import Problem, option


def shape_problems(
    vectors: Array,
    labels: Sequence[Label] | None,
    ids: Sequence[Label] | None,
    where: str,
    marks: str,
) -> list[str]:
    """What is wrong with arrays before their values are; where, marks: how they are called."""
    problems = form_problems(where, vectors)
    if problems:
        return problems
    rows, dim = vectors.shape
    if rows == 0 or dim == 0:
        problems.append(nothing_in(where, rows, dim))
    if labels is not None and len(labels) != rows:
        cause = f"{marks}: {len(labels)} labels for {rows} embeddings."
        turned = "Each column is a vector? Then give x.T." if len(labels) == dim else ""
        remedy = turned or "Give one label for every row, in the same order."
        problems.append(Problem(cause, remedy))
    if ids is not None and len(ids) != rows:
        cause = f"ids: {len(ids)} ids for {rows} embeddings."
        problems.append(Problem(cause, "Give one for every row."))
    return problems


def form_problems(where: str, vectors: Array) -> list[str]:
    """Why an array is of no shape or dtype of embeddings; empty if it is."""
    if vectors.ndim != 2:
        return [shape_problem(where, vectors.shape, vectors.dtype)]
    if vectors.dtype.kind not in "fiu" or vectors.dtype.itemsize > 8:
        cause = f"{where}: dtype {vectors.dtype} is no float16/32/64 or integer."
        return [Problem(cause, "Give x.astype('float32'), if its values are numbers.")]
    return []


def shape_problem(where: str, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> Problem:
    """Why an array that is not 2-D holds no embeddings, and what makes it one."""
    known = {
        0: "Give an array of one vector a row.",
        1: "One vector a row? Stack a column of them: numpy.stack(df['embedding'])."
        if dtype.kind == "O"
        else "One vector a row is wanted; a single one is x[None, :].",
    }
    sizes = [size for size in shape if size != 1]
    squeezed = tuple(sizes) if len(sizes) == 2 else (*shape[:1], math.prod(shape[1:]))
    remedy = known.get(len(shape), f"One vector a row: x.reshape{squeezed}.")
    return Problem(
        f"{where}: has shape {shape} of {dtype}; embeddings are 2-D: rows, dimensions.", remedy
    )


def nothing_in(where: str, rows: int, dim: int) -> Problem:
    """Why an empty set cannot be audited."""
    return Problem(
        f"{where}: nothing to audit in {rows} rows of {dim} dimensions.",
        "Give embeddings that hold values.",
    )


def audit_problems(
    codes: Rows,
    labels: Sequence[Label] | None,
    left_out: Sequence[LeftOut],
    sources: Sequence[Source],
    total: int,
    *,
    alone: bool,
) -> list[str]:
    """Why rows of these class codes cannot be audited, once some of `total` are left out."""
    where = place_of("embeddings", sources)
    if labels is None:
        problems = pair_problems(len(codes), where)
    elif alone or not len(codes):
        problems = class_problems(np.bincount(codes), place_of("labels", sources), labels)
    else:
        problems = []
    return [once_left_out(Problem(one), left_out, total) for one in problems]


def pair_problems(rows: int, where: str) -> list[str]:
    """Why so many rows without labels cannot be audited; empty if they can."""
    if not rows:
        return [nothing_left(where)]
    if rows == 1:
        cause = f"{where}: a single row, and every figure is of pairs."
        return [Problem(cause, "Give at least two rows.")]
    return []


def nothing_left(where: str) -> Problem:
    """Why no rows cannot be audited."""
    return Problem(f"{where}: no row is left.", "Leave out fewer.")


def _several_fields(labels: Sequence[Label]) -> str:
    """What to do about texts that each hold a path, say, and a label."""
    if not labels or not all(isinstance(label, str) for label in labels):
        return ""
    for mark, called in ((";", "a semicolon"), ("\t", "a tab"), (",", "a comma"), (" ", "a blank")):
        counts = {str(label).count(mark) for label in labels}
        if len(counts) == 1 and counts != {0}:
            return (
                f"Each has {counts.pop() + 1} fields with {called} between them. Save them as "
                f".csv, with commas and a header, and name one with {option('label_column')}."
            )
    return ""


def class_problems(sizes: Rows, where: str, labels: Sequence[Label] = ()) -> list[str]:
    """Why classes of these sizes cannot be audited; empty if they can.

    labels: of all rows, where they are known.
    """
    if len(sizes) == 0:
        return [nothing_left(where)]
    if len(sizes) == 1:
        cause = f"{where}: only one class, so there are no negatives."
        return [Problem(cause, "Give at least two.")]
    if sizes.max() == 1:
        return [
            Problem(
                f"{where}: every class has a single row, so there are no positives.",
                _several_fields(labels)
                or "Are these ids rather than labels? Give labels that at least two rows share.",
            )
        ]
    return []
