"""The columns of a schema, with the fields of its structs: `embedding.dense` is one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as compute
from pyarrow import types

from embaudit.files.arrow.vector_forms import form_of

DEEPEST = 4  # structs within structs, whose fields are named


@dataclass(frozen=True)
class Leaf:
    """A column, or a field of a struct; path: the names down to it, whose first is the column's."""

    path: tuple[str, ...]
    kind: pa.DataType

    @property
    def name(self) -> str:
        """As the user names it."""
        return ".".join(self.path)

    def of(self, column: pa.Array) -> pa.Array:
        """Its values within those of its column; null where a struct around them is."""
        below = list(self.path[1:])
        return compute.struct_field(column, below) if below else column


def leaves(schema: pa.Schema) -> list[Leaf]:
    """A leaf for each column, then one for each field of a struct that has a name of its own."""
    columns = [Leaf((field.name,), field.type) for field in schema]
    known = {leaf.name for leaf in columns}
    fields = [field for column in columns for field in _fields(column, DEEPEST)]
    return columns + [leaf for leaf in fields if leaf.name not in known]


def _fields(leaf: Leaf, depth: int) -> Iterator[Leaf]:
    kind = leaf.kind
    if not depth or not types.is_struct(kind) or form_of(kind) is not None:
        return
    names = [kind.field(number).name for number in range(kind.num_fields)]
    for name in names:
        if names.count(name) == 1:  # no name would tell others apart
            below = Leaf((*leaf.path, name), kind.field(name).type)
            yield below
            yield from _fields(below, depth - 1)
