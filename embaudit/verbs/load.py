"""Loading: paths and the names of columns -> a validated set, for Python."""

from collections.abc import Mapping, Sequence

from embaudit.core.location import AnyPath
from embaudit.core.machine import allowed
from embaudit.data import EmbeddingSet, Label
from embaudit.data.left_out import ZERO, ids_of_findings, labels_as_text
from embaudit.errors import UsageError, truth
from embaudit.files import Names, choose, read
from embaudit.planning.memory import outgrowing


def load(
    path: AnyPath,
    labels: AnyPath | None = None,
    *,
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    join: str | None = None,
    keep_columns: Sequence[str] = (),
    no_labels: bool = False,
    sample: int | None = None,
    seed: int = 0,
    memory_budget: int | None = None,
    alone: bool = True,
    unpack_bits: bool = False,
    drop: str | Sequence[str] = (),
    ignore_label: Label | Sequence[Label] = (),
) -> EmbeddingSet:
    """Read saved embeddings (N, n) and their N labels into a validated EmbeddingSet.

    path: a file, or a directory of shards of one format; or its address: s3://bucket/key,
    gs://bucket/key, hdfs://host/path, file:///path. `embaudit.files.formats.FORMATS` has the
    formats, a .npy or .parquet among them.
    labels: where they are not beside the embeddings, a file (or a directory of such), one label a
    row in the same order; a .csv or .txt, too.
    The columns are names in a table, an .npz or a .csv; the obvious ones are found.
    keep_columns: columns of text, numbers or booleans whose values go along with the rows.
    join: a column of the labels file that holds the ids of the embeddings, in any order.
    no_labels: look for no labels, and read none: an audit then tells what needs none.
    sample: keep that many rows, each class its share, drawn with `seed`; all rows are checked.
    memory_budget: bytes; by default 80 % of what the system allows. Rows of which an audit would
    not fit it go to a temporary file, which lasts as long as the set.
    alone: False for queries or a gallery, whose classes may have a single row each.
    unpack_bits: the embeddings are 8-bit integers that hold 8 bits each; they become 8 n
    dimensions of 0 and 1 (of int8 the bits of x + 128).
    ignore_label: labels whose rows are left out, -1 or ("unknown", ""); drop: "zero_rows" leaves
    out rows of zeros. What else `audit` can drop depends on its metric: give it there.

    Raises InputRefused, listing every problem found, StoreLost, BudgetExceeded, or UsageError.
    """
    _check_types(
        {
            "embedding_column": embedding_column,
            "label_column": label_column,
            "id_column": id_column,
            "join": join,
        },
        keep_columns,
        {"sample": sample, "seed": seed, "memory_budget": memory_budget},
    )
    names = Names(embedding_column, label_column, id_column, join, tuple(keep_columns))
    labelled, bits = not truth("no_labels", no_labels), truth("unpack_bits", unpack_bits)
    ignored, dropped = labels_as_text(ignore_label), ids_of_findings(drop)
    if ignored and not labelled:
        raise UsageError("ignore_label: there are no labels.", "Drop no_labels, or ignore_label.")
    if late := [one for one in dropped if one != ZERO]:
        raise UsageError(
            f"drop: which rows are {' and '.join(late)} depends on the metric.",
            f"Give drop={late!r} to the audit.",
        )
    chosen = choose(path, labels, names, labelled=labelled, unpack_bits=bits)
    return read(
        chosen,
        on_disk=outgrowing(chosen.size, sample, allowed(memory_budget), labelled=labelled),
        sample=sample,
        seed=seed,
        memory_budget=memory_budget,
        among=None if truth("alone", alone) else (),
        ignored=ignored,
        drop_zeros=ZERO in dropped,
    )


def _check_types(names: Mapping[str, object], keep: object, numbers: Mapping[str, object]) -> None:
    """Raise UsageError for options of other types than they have."""
    problems = [
        f"{name}: the name of a column is a text, got {value!r}."
        for name, value in names.items()
        if not isinstance(value, str | None)
    ]
    if not isinstance(keep, list | tuple) or not all(isinstance(name, str) for name in keep):
        problems.append(f"keep_columns: give a list of names, got {keep!r}.")
    least = {"seed": 0}
    problems += [
        f"{name}: give a whole number from {least.get(name, 1)} up, got {value!r}."
        for name, value in numbers.items()
        if not (value is None and name != "seed")
        and (not isinstance(value, int) or value < least.get(name, 1))
    ]
    if problems:
        raise UsageError("\n".join(problems))
