"""What a caller of Python gives, as a validated set: arrays, tables, paths, or a set of `load`."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from embaudit.core.location import located
from embaudit.data import EmbeddingSet, Label, Notice
from embaudit.data.array_coercion import check_holds_rows
from embaudit.data.left_out_rows import check_known
from embaudit.data.plain_labels import plain_labels
from embaudit.errors import InputRefused, UsageError, shown
from embaudit.files import Choice, Names, choose, read
from embaudit.planning.memory import Size
from embaudit.planning.plan import plan_of_input
from embaudit.settings.settings import Settings
from embaudit.verbs.set_from_arrays import (
    array_of,
    array_size,
    digest_of_array,
    of_loaded,
    set_of,
    settled,
)


@dataclass(frozen=True)
class Given:
    """One set as it was given, to be read with settings.

    names: the columns of a file or table. role: what messages call it.
    """

    embeddings: Any
    labels: Any
    ids: Any
    settings: Settings
    names: Names = field(default_factory=Names)
    role: str = "embeddings"

    @cached_property
    def chosen(self) -> Choice | None:
        """What would be read of files and tables; None for arrays alone, and for a set.

        Raises UsageError for ids beside a file or table, which has its own.
        """
        if isinstance(self.embeddings, EmbeddingSet) or self.embeddings is None:
            return None
        own = "" if self.role == "embeddings" else f"{self.role}_"
        given = {self.role: self.embeddings, f"{own}labels": self.labels, f"{own}ids": self.ids}
        _check_index(given)
        source, told = (located(self.embeddings), []) if self._named else self._table()
        if source is None:
            return None
        if self.ids is not None:
            raise UsageError(
                "ids: they go with an array; a file or table has its own.",
                "Name their column: id_column='id'.",
            )
        labels, notices = self._labels()
        chosen = choose(
            source,
            labels,
            self.names,
            labelled=self.settings.labels,
            unpack_bits=self.settings.unpack_bits,
            given_as=("labels" if self.role == "embeddings" else f"{self.role}_labels", "where"),
        )
        chosen.notices = [*chosen.notices, *told, *notices]
        return chosen

    @property
    def size(self) -> Size | None:
        """Rows, dimensions and bytes a value; None where only reading tells them."""
        return array_size(self.embeddings) if self.chosen is None else self.chosen.size

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.embeddings) if self.size is None else self.size[0]

    @property
    def marked(self) -> str:
        """How messages call its labels."""
        return "labels" if self.role == "embeddings" else f"{self.role} labels"

    @property
    def _named(self) -> bool:
        return is_path(self.embeddings)

    def _table(self) -> tuple[Any, list[Notice]]:
        """What is held as a table; an array as well, where its labels are in a file."""
        check_holds_rows(self.embeddings, self.role)
        if not (_speaks_arrow(self.embeddings) or is_path(self.labels)):
            return None, []  # and no pyarrow is asked for
        from embaudit.files import held_array, held_table

        apart = self.labels is not None
        table = held_table(self.embeddings, self.role, labelled_apart=apart)
        if table is not None or not is_path(self.labels):
            return table, []
        array, notices = array_of(self.embeddings, self.role)
        return held_array(array, self.role, lambda: digest_of_array(array)), notices

    def _labels(self) -> tuple[Any, list[Notice]]:
        """Labels that are given apart: where, or the table of them, and what is said of those."""
        if self.labels is None or is_path(self.labels):
            return self.labels, []
        from embaudit.files import held_labels

        plain, notices = plain_labels(self.labels, self.marked)
        text = json.dumps(plain).encode()
        return held_labels(plain, self.marked, hashlib.sha256(text).hexdigest), notices

    def read(
        self, *, among: Sequence[Label] | None = None, beside: Size | None = None
    ) -> EmbeddingSet:
        """The validated set. among: as in `RowChoice`. beside: the size of the other set.

        Raises InputRefused for what cannot be audited, and BudgetExceeded.
        """
        settings, alone = self.settings, among is None
        if isinstance(self.embeddings, EmbeddingSet):
            return of_loaded(self.embeddings, settings, alone=alone)
        chosen = self.chosen
        if chosen is None:
            labels = list(range(self.rows)) if self.names.pairs else self.labels
            arrays = self.embeddings, labels, self.ids
            return set_of(*arrays, settings, role=self.role, among=among, beside=beside)
        plan = plan_of_input(settings, chosen.size, beside)
        data = read(
            chosen,
            on_disk=lambda classes: plan.with_classes(classes).on_disk,
            among=among,
            **settings.reading,
        )
        return settled(data, settings, alone=alone)


def _check_index(given: Mapping[str, Any]) -> None:
    """Raise InputRefused where indexes, as pandas has them, hold the same values in other orders.

    given: what goes together row by row, by the name of its argument. Rows are matched by position:
    of indexes that have different values, or one twice, nothing is said.
    """
    indexes = {name: one.index for name, one in given.items() if _has_index(one)}
    first = next(iter(indexes), "")
    for name, index in indexes.items():
        known = indexes[first]
        if len(index) != len(known) or index.equals(known):
            continue
        if index.is_unique and known.is_unique and {*index} == {*known}:
            raise InputRefused(
                f"{name}: their index has the values of that of the {first} in another order, and "
                "rows are matched by position.",
                f"Put them in its order: {name}.loc[{first}.index]. Are they in it already? Then "
                f"{name}.to_numpy().",
            )


def _has_index(values: Any) -> bool:
    """Whether rows are named, by protocol: no library is imported for it."""
    index = getattr(values, "index", None)
    return all(hasattr(index, name) for name in ("equals", "is_unique", "__iter__"))


def _speaks_arrow(values: Any) -> bool:
    """Whether it may be a table: by protocol, or as a data set of which Arrow is a format."""
    return any(hasattr(values, name) for name in ("__arrow_c_stream__", "__arrow_c_array__")) or (
        hasattr(values, "with_format") and hasattr(values, "features")
    )


def names_of(embedding: Any, label: Any, id: Any, join: Any = None) -> Names:
    """The columns that were asked for. Raises UsageError for what is no name."""
    given = {
        "embedding_column": embedding,
        "label_column": label,
        "id_column": id,
        "join": join,
    }
    for name, value in given.items():
        if not isinstance(value, str | None):
            raise UsageError(f"{name}: the name of a column is a text, got {shown(value)}.")
    return Names(embedding, label, id, join)


def is_path(value: Any) -> bool:
    """Whether it is a path or an address."""
    return isinstance(value, str | os.PathLike)


def pair_of(queries: Given, gallery: Given) -> tuple[EmbeddingSet, EmbeddingSet]:
    """Queries and the gallery that they are compared with; that one is to be read whole."""
    data = queries.read(among=(), beside=gallery.size)
    beside = data.size, data.dim, data.vectors.itemsize
    other = gallery.read(among=data.classes, beside=beside)
    check_known([(one.left_out, one.classes) for one in (data, other)], "labels")
    return data, other
