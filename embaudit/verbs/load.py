"""Loading: paths and the names of columns -> a plan -> a validated set."""

from collections.abc import Callable, Mapping, Sequence

from embaudit.core.location import AnyPath, Location
from embaudit.core.machine import allowed, enforced
from embaudit.data import EmbeddingSet, Label, place_of
from embaudit.data.left_out_rows import ZERO, check_known, ids_of_findings, labels_as_text
from embaudit.errors import UsageError, truth
from embaudit.files import Choice, Names, choose, read
from embaudit.files.chosen_columns import unlabelled_of
from embaudit.planning.memory import outgrowing
from embaudit.planning.plan import Plan, plan_of_input
from embaudit.search import Progress
from embaudit.settings.settings import Settings
from embaudit.verbs.set_from_arrays import settled


def load(
    path: AnyPath,
    labels: AnyPath | None = None,
    *,
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    join: str | None = None,
    label_level: int | None = None,
    unlabelled: str | None = None,
    where: str | None = None,
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
    label_level: where a row has several labels, (N, L), which of them counts, from 0.
    unlabelled: what becomes of rows without a label: "drop" leaves them out, "distractor" makes
    each a negative of all others; by default they are refused.
    where: rows of which this does not hold are left out, as "split == 'test' and label != -1".
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
            "where": where,
        },
        keep_columns,
        {
            "sample": sample,
            "seed": seed,
            "memory_budget": memory_budget,
            "label_level": label_level,
        },
    )
    names = Names(
        embedding_column,
        label_column,
        id_column,
        join,
        tuple(keep_columns),
        label_level,
        where,
        unlabelled_of(unlabelled),
    )
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
        f"{name}: give a text, got {value!r}."
        for name, value in names.items()
        if not isinstance(value, str | None)
    ]
    if not isinstance(keep, list | tuple) or not all(isinstance(name, str) for name in keep):
        problems.append(f"keep_columns: give a list of names, got {keep!r}.")
    least = {"seed": 0, "label_level": 0}
    problems += [
        f"{name}: give a whole number from {least.get(name, 1)} up, got {value!r}."
        for name, value in numbers.items()
        if not (value is None and name != "seed")
        and (not isinstance(value, int) or value < least.get(name, 1))
    ]
    if problems:
        raise UsageError("\n".join(problems))


def load_inputs(
    embeddings: Location,
    labels: Location | None,
    names: Names,
    settings: Settings,
    progress: Progress,
    check_size: Callable[[int], None] = lambda rows: None,
) -> EmbeddingSet:
    """The set in the files; what cannot be done is said before values are read."""
    progress("reading", 0, 0)  # of unknown length
    with enforced(allowed(settings.memory_budget)):
        chosen = choose(embeddings, labels, names, unpack_bits=settings.unpack_bits)
        rows = chosen.size[0]
        leaves_out = settings.drop or settings.ignore_label or names.where or names.unlabelled
        if not leaves_out:
            check_size(min(rows, settings.sample or rows))
        plan = plan_of_input(settings, chosen.size)
    return read_as_planned(chosen, settings, plan)


def read_as_planned(chosen: Choice, settings: Settings, plan: Plan) -> EmbeddingSet:
    """The chosen columns as a set; its rows are where the plan has them, once classes are known."""
    with enforced(plan.allowed):
        data = read(
            chosen,
            on_disk=lambda classes: plan.with_classes(classes).on_disk,
            **settings.reading,
        )
    return settled(data, settings)


def read_pair_as_planned(
    chosen: Choice, gallery: Choice, settings: Settings, plan: Plan
) -> tuple[EmbeddingSet, EmbeddingSet]:
    """A set and its gallery, which is read whole; both are on disk, or neither."""
    whole = settings.model_copy(update={"sample": None})

    def on_disk(classes: int) -> bool:
        return plan.with_classes(classes).on_disk

    with enforced(plan.allowed):
        data = read(chosen, on_disk=on_disk, among=(), **settings.reading)
        there = on_disk(len(data.classes))
        other = read(gallery, on_disk=lambda _: there, among=data.classes, **whole.reading)
    both = [(one.left_out, one.classes) for one in (data, other)]
    check_known(both, place_of("labels", data.sources))
    return settled(data, settings, alone=False), settled(other, whole, alone=False)
