"""What would be read, how it was chosen, and why an audit would refuse it."""

from collections.abc import Sequence

import numpy as np

from embaudit.core.location import AnyPath
from embaudit.core.machine import Needs, allowed
from embaudit.data import EmbeddingSet, Label, Notice
from embaudit.data.left_out_rows import ZERO
from embaudit.errors import BudgetExceeded, InputRefused, truth
from embaudit.files.chosen_columns import Choice, Names
from embaudit.files.column import Column, Table
from embaudit.files.column_choice import choose
from embaudit.files.reader import read
from embaudit.files.roles import EMBEDDINGS, IDS, JOIN, LABELS, Role
from embaudit.planning.memory import Workload, goes_to_disk, needs_of_audit, outgrowing
from embaudit.planning.search_plan import plan_for
from embaudit.report.acknowledged import heard
from embaudit.report.inspection import ClassView, ColumnView, FileView, Inspection
from embaudit.settings.settings import settings_among
from embaudit.verbs.given_sets import names_of


def inspect(
    path: AnyPath,
    labels: AnyPath | None = None,
    *,
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    join: str | None = None,
    no_labels: bool = False,
    unpack_bits: bool = False,
    drop: str | Sequence[str] = (),
    ignore_label: Label | Sequence[Label] = (),
    acknowledge: str | Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    memory_budget: str | int | None = None,
) -> Inspection:
    """What an audit would read of files, how the columns were chosen, and every problem found.

    The options are those of `embaudit.load`; what would be refused is told, not raised. Raises
    UsageError for options.
    """
    settings = settings_among(locals(), labels=not truth("no_labels", no_labels))
    return inspected(
        path,
        labels,
        names=names_of(embedding_column, label_column, id_column, join),
        labelled=settings.labels,
        sample=settings.sample,
        seed=settings.seed,
        memory_budget=settings.memory_budget,
        unpack_bits=settings.unpack_bits,
        ignored=settings.ignore_label,
        drop=settings.drop,
        acknowledge=settings.acknowledge,
    )


def inspected(
    path: AnyPath,
    labels: AnyPath | None = None,
    *,
    names: Names,
    labelled: bool = True,
    sample: int | None = None,
    seed: int = 0,
    memory_budget: int | None = None,
    unpack_bits: bool = False,
    ignored: Sequence[str] = (),
    drop: Sequence[str] = (),
    acknowledge: Sequence[str] = (),
) -> Inspection:
    """Read all that an audit would read, and tell; what would be refused is told, not raised.

    labelled: False for an audit without labels.
    unpack_bits: the embeddings are packed bits. ignored, drop: labels, as text, and ids of findings
    whose rows an audit would leave out; of the findings only rows of zeros are looked for.
    acknowledge: ids of notices that are only counted.
    """
    chosen = choose(path, labels, names, labelled=labelled, unpack_bits=unpack_bits)
    limit = allowed(memory_budget)
    needs = _needs(chosen, sample, limit)
    loaded: EmbeddingSet | None = None
    problems: list[str] = list(dict.fromkeys(chosen.problems.found))
    over = False
    if not problems:
        try:
            needs.check(limit, "An audit")
            loaded = read(
                chosen,
                on_disk=outgrowing(chosen.size, sample, limit, labelled=labelled),
                sample=sample,
                seed=seed,
                memory_budget=memory_budget,
                ignored=ignored,
                drop_zeros=ZERO in drop,
            )
        except InputRefused as refusal:
            problems = [*refusal.problems]
        except BudgetExceeded as excess:
            problems, over = [*excess.problems], True
    found = chosen.vectors is not None
    read_in = chosen.notices if loaded is None else loaded.notices
    told = heard((*read_in, *_later(drop)), acknowledge)
    return Inspection(
        files=_views(chosen),
        rows=chosen.rows if found else None,
        dim=chosen.dim if found else None,
        dtype=chosen.first.stored if found else None,
        classes=_classes(loaded) if loaded is not None and loaded.labelled else None,
        needed=needs.total or None,
        allowed=limit,
        over_budget=over,
        notices=told["warnings"],
        acknowledged=told["acknowledged"],
        problems=tuple(problems),
    )


def _needs(chosen: Choice, sample: int | None, budget: int) -> Needs:
    """Of the dearer of reading and auditing (l2)."""
    if not chosen.vectors or (chosen.labelled and not chosen.classes):
        return Needs({"nothing": 0})
    rows, dim = min(chosen.rows, sample or chosen.rows), chosen.dim
    work = Workload(
        rows,
        dim,
        chosen.dtype.itemsize,
        "l2",
        approximate=plan_for(rows, dim).approximate,
        labelled=chosen.labelled,
    )
    on_disk = goes_to_disk(work, budget)
    audit = needs_of_audit(work, on_disk=on_disk)
    return max(audit, chosen.needs(sample, on_disk=on_disk), key=lambda needs: needs.total)


def _later(drop: Sequence[str]) -> list[Notice]:
    """What is said of findings whose rows are not looked for here."""
    later = [one for one in drop if one != ZERO]
    told = f"Rows of {', '.join(later)} are looked for by an audit, and counted here."
    return [Notice("left_out_later", told)] if later else []


def _classes(loaded: EmbeddingSet) -> ClassView:
    sizes = loaded.sizes
    singletons = int(np.count_nonzero(sizes == 1))
    return ClassView(len(sizes), int(sizes.min()), int(sizes.max()), singletons)


def _views(chosen: Choice) -> tuple[FileView, ...]:
    """The files, those of the embeddings first, each once."""
    names = chosen.names
    roles = [
        (role, {(column.path, column.name) for column in columns or ()}, asked)
        for role, columns, asked in (
            (EMBEDDINGS, chosen.vectors, names.embedding),
            (LABELS, chosen.classes, names.label),
            (IDS, chosen.ids, names.id),
            (JOIN, chosen.keys, names.join),
        )
    ]
    tables = {table.file.path: table for table in (*chosen.tables, *chosen.beside)}
    return tuple(_view(table, roles) for table in tables.values())


def _view(table: Table, roles: Sequence[tuple[Role, set[tuple[str, str]], str | None]]) -> FileView:
    """roles: each with the paths and names of its columns, and the name that was asked for."""
    views = []
    for column in table.columns:
        played = [
            (role.noun, _why(column, role, asked))
            for role, columns, asked in roles
            if (column.path, column.name) in columns
        ]
        noun = " and ".join(noun for noun, _ in played) or None
        why = ", ".join(dict.fromkeys(why for _, why in played)) or None
        views.append(ColumnView(column.name, column.shape, column.stored, noun, why))
    return FileView(table.file.path, table.file.format, table.file.size, tuple(views))


def _why(column: Column, role: Role, asked: str | None) -> str:
    if asked is not None:
        return f"asked for with {role.flag}"
    if not column.name:
        return "all that the file holds"
    return "by its name" if role.obvious(column) else "the only one that fits"
