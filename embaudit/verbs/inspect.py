"""What would be read, how it was chosen, and why an audit would refuse it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embaudit.core.location import AnyPath
from embaudit.core.machine import Needs, allowed
from embaudit.data import EmbeddingSet, Label, Notice
from embaudit.data.left_out_rows import ZERO
from embaudit.errors import BudgetExceeded, InputRefused, truth
from embaudit.files.chosen_columns import Choice, Names
from embaudit.files.column import Column, Table
from embaudit.files.column_choice import choose
from embaudit.files.column_roles import EMBEDDINGS, IDS, JOIN, LABELS, Role
from embaudit.files.gallery_columns import choose_gallery, sides_of
from embaudit.files.set_reader import read
from embaudit.planning.memory import Workload, goes_to_disk, needs_of_audit, outgrowing
from embaudit.planning.search_plan import plan_for
from embaudit.report.acknowledged_notices import heard
from embaudit.report.inspection_document import ClassView, ColumnView, FileView, Inspection
from embaudit.settings.settings import settings_among
from embaudit.verbs.input_coercion import names_of

SIDE = "by its name"  # of queries or their gallery, in one file


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

    labelled: False for an audit without labels. unpack_bits: the embeddings are packed bits.
    ignored, drop: labels, as text, and ids of findings whose rows an audit would leave out; of the
    findings only rows of zeros are looked for. acknowledge: ids of notices that are only counted.
    """
    chosen, gallery = _chosen(path, labels, names, labelled=labelled, unpack_bits=unpack_bits)
    limit = allowed(memory_budget)
    needs = _needs(chosen, gallery, sample, limit)
    loaded: EmbeddingSet | None = None
    problems: list[str] = list(dict.fromkeys(chosen.problems.found))
    over = False
    if not problems:
        try:
            needs.check(limit, "An audit")
            how: dict[str, Any] = {
                "on_disk": outgrowing(chosen.size, sample, limit, labelled=labelled),
                "seed": seed,
                "memory_budget": memory_budget,
                "ignored": ignored,
                "drop_zeros": ZERO in drop,
            }
            among = None if gallery is None else ()
            loaded = read(chosen, sample=sample, among=among, **how)
            if gallery is not None:
                read(gallery, among=loaded.classes, **how)
        except InputRefused as refusal:
            problems = [*refusal.problems]
        except BudgetExceeded as excess:
            problems, over = [*excess.problems], True
    found = chosen.vectors is not None
    read_in = chosen.notices if loaded is None else loaded.notices
    told = heard((*read_in, *_later(drop)), acknowledge)
    return Inspection(
        files=_views(chosen, gallery),
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


def _chosen(
    path: AnyPath, labels: AnyPath | None, names: Names, *, labelled: bool, unpack_bits: bool
) -> tuple[Choice, Choice | None]:
    """What would be read, and its gallery where the file holds both, as an audit takes them."""
    sides = sides_of(path, names) if labelled and labels is None else None
    if sides is None:
        return choose(path, labels, names, labelled=labelled, unpack_bits=unpack_bits), None
    names, own, notice = sides
    chosen = choose(path, None, names, unpack_bits=unpack_bits)
    chosen.notices = [*chosen.notices, notice]
    return chosen, chosen.problems.attempt(choose_gallery, chosen, path, None, own)


def _needs(chosen: Choice, gallery: Choice | None, sample: int | None, budget: int) -> Needs:
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
        gallery=gallery.rows if gallery else 0,
        gallery_itemsize=gallery.dtype.itemsize if gallery else 0,
    )
    on_disk = goes_to_disk(work, budget)
    audit = needs_of_audit(work, on_disk=on_disk)
    return max(audit, chosen.needs(sample, on_disk=on_disk), key=lambda needs: needs.total)


def _later(drop: Sequence[str]) -> list[Notice]:
    """What is said of findings whose rows are not looked for here."""
    later = [one for one in drop if one != ZERO]
    told = f"Rows of {', '.join(later)} are looked for by an audit, and counted here."
    return [Notice("left_out_later", told)] if later else []


def _classes(loaded: EmbeddingSet) -> ClassView | None:
    sizes = loaded.class_sizes
    if not len(sizes):  # of queries, none of which has a label
        return None
    singletons = int(np.count_nonzero(sizes == 1))
    return ClassView(len(sizes), int(sizes.min()), int(sizes.max()), singletons)


def _views(chosen: Choice, gallery: Choice | None) -> tuple[FileView, ...]:
    """The files, those of the embeddings first, each once."""
    roles = [*_roles(chosen)]
    if gallery is not None:
        roles = [_Played(one.role, one.columns, one.noun, SIDE) for one in roles]
        others = _roles(gallery)
        roles += [_Played(one.role, one.columns, f"gallery {one.noun}", SIDE) for one in others]
    tables = {table.file.path: table for table in (*chosen.tables, *chosen.beside)}
    return tuple(_view(table, roles) for table in tables.values())


@dataclass(frozen=True)
class _Played:
    """A role and the columns that play it, by path and name; why: where it is no matter of each."""

    role: Role
    columns: set[tuple[str, str]]
    noun: str
    why: str | None


def _roles(chosen: Choice) -> Iterator[_Played]:
    names = chosen.names
    for role, columns, asked in (
        (EMBEDDINGS, chosen.vectors, names.embedding),
        (LABELS, chosen.classes, names.label),
        (IDS, chosen.ids, names.id),
        (JOIN, chosen.keys, names.join),
    ):
        why = None if asked is None else f"asked for with {role.flag}"
        yield _Played(role, {(c.path, c.name) for c in columns or ()}, role.noun, why)


def _view(table: Table, roles: Sequence[_Played]) -> FileView:
    views = []
    for column in table.columns:
        played = [
            (one.noun, one.why or _why(column, one.role))
            for one in roles
            if (column.path, column.name) in one.columns
        ]
        noun = " and ".join(noun for noun, _ in played) or None
        why = ", ".join(dict.fromkeys(why for _, why in played)) or None
        views.append(ColumnView(column.name, column.shape, column.stored, noun, why))
    return FileView(table.file.path, table.file.format, table.file.size, tuple(views))


def _why(column: Column, role: Role) -> str:
    if not column.name:
        return "all that the file holds"
    return "by its name" if role.obvious(column) else "the only one that fits"
