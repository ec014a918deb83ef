"""The names of classes that a file of Hugging Face's `datasets` keeps beside its integers."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from embaudit.data import Array

KEY = b"huggingface"  # of the schema's metadata
MOST_NAMES = 1_000_000


def class_names(schema: pa.Schema, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """The names of a column of class numbers, or of a field of a struct; None where there are none.

    Names of which one stands twice would merge two classes, and are not taken.
    """
    feature: Any = _features(schema)
    for name in path:
        feature = feature.get(name) if isinstance(feature, Mapping) else None
    if not isinstance(feature, Mapping) or feature.get("_type") != "ClassLabel":
        return None
    names = feature.get("names")
    if not isinstance(names, list) or not 0 < len(names) <= MOST_NAMES:
        return None
    if not all(isinstance(name, str) for name in names) or len({*names}) < len(names):
        return None
    return tuple(names)


def named(values: Array, names: tuple[str, ...]) -> Array:
    """(N,) objects: the name of each number, of one without a name its digits; null stays null."""
    known = dict(enumerate(names))
    plain = [None if value is None else known.get(value, str(value)) for value in values.tolist()]
    return np.array([*plain, None], object)[:-1]


def _features(schema: pa.Schema) -> Any:
    """What the metadata says of columns, whatever that is."""
    text = (schema.metadata or {}).get(KEY)
    try:
        return json.loads(text)["info"]["features"] if text else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
