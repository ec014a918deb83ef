"""Why a set cannot be audited."""

from collections.abc import Sequence

from embaudit.data.source import Array, Label
from embaudit.space import Rows


def shape_problems(
    vectors: Array,
    labels: Sequence[Label] | None,
    ids: Sequence[Label] | None,
    where: str,
    marks: str,
) -> list[str]:
    """What is wrong with arrays before their values are; where, marks: how they are called."""
    if vectors.ndim != 2:
        return [f"{where}: expected a 2-D array (rows, dimensions), got {vectors.ndim}-D."]
    if vectors.dtype.kind not in "fiu" or vectors.dtype.itemsize > 8:
        return [f"{where}: dtype {vectors.dtype} is no float16/32/64 or integer."]
    problems = []
    rows, dim = vectors.shape
    if rows == 0 or dim == 0:
        problems.append(nothing_in(where, rows, dim))
    if labels is not None and len(labels) != rows:
        problems.append(
            f"{marks}: {len(labels)} labels for {rows} embeddings; "
            "give one label for every row, in the same order."
        )
    if ids is not None and len(ids) != rows:
        problems.append(f"ids: {len(ids)} ids for {rows} embeddings; give one for every row.")
    return problems


def nothing_in(where: str, rows: int, dim: int) -> str:
    """Why an empty set cannot be audited."""
    return (
        f"{where}: nothing to audit in {rows} rows of {dim} dimensions; "
        "give embeddings that hold values."
    )


def pair_problems(rows: int, where: str) -> list[str]:
    """Why so many rows without labels cannot be audited; empty if they can."""
    if rows == 1:
        return [f"{where}: a single row, and every figure is of pairs; give at least two rows."]
    return []


def class_problems(sizes: Rows, where: str) -> list[str]:
    """Why classes of these sizes cannot be audited; empty if they can."""
    if len(sizes) == 1:
        return [f"{where}: only one class, so there are no negatives; give at least two."]
    if sizes.max() == 1:
        return [
            f"{where}: every class has a single row, so there are no positives; "
            "are these ids rather than labels? Give labels that at least two rows share."
        ]
    return []
