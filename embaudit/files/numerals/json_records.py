"""A record of a JSON file: its fields, those of objects in it by their paths."""

from collections.abc import Iterator
from typing import Any

DEEPEST = 4  # objects within objects, whose fields are told apart

Item = tuple[int, str | None, Any]  # a row, the name of a column and a value; None ends the row


def items_of(row: int, record: dict[str, Any]) -> Iterator[Item]:
    """All of a record, and the end of its row."""
    flat = dict not in set(map(type, record.values()))
    for name, value in record.items() if flat else fields_of(record):
        yield row, name, value
    yield row, None, None


def fields_of(record: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The values of a record, those of objects in it by their paths."""
    for name, value in record.items():
        if isinstance(value, dict) and depth < DEEPEST:
            yield from ((f"{name}.{below}", one) for below, one in fields_of(value, depth + 1))
        else:
            yield name, value
