"""Whatever Python holds numbers in, as a numpy array, or a refusal that says how to get there."""

import os
from typing import Any

import numpy as np

from embaudit.data.source import Array, Notice
from embaudit.errors import InputRefused


def view_of(values: Any, where: str) -> Array:
    """`values` as numpy sees them, of any shape and dtype; `where` begins messages.

    Raises InputRefused for what is no array, whatever the library that made it raises.
    """
    if values is None:
        raise InputRefused(f"{where}: none given.", "Give an array with one entry a row.")
    if isinstance(values, str | bytes | os.PathLike):
        cause = f"{where}: {str(values)[:200]!r} is a text or a path, not an array."
        raise InputRefused(cause, "Files are read by embaudit.load(path, labels=path).")
    try:
        if hasattr(values, "__dlpack__") and not hasattr(values, "__array__"):
            return np.from_dlpack(values)
        array = np.asarray(values)
    except MemoryError:
        raise
    except Exception as error:  # of another library, of any type
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        cause = f"{where}: cannot be viewed as an array: {reason[:200].rstrip('. ')}."
        raise InputRefused(cause, _way_to_array(values)) from error
    if not array.ndim and hasattr(values, "toarray"):
        raise InputRefused(f"{where}: a sparse matrix.", "Give x.toarray().")
    return array


def squeezed_shape(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """(N, d) of a shape whose other axes, after the first, are of one: (N, d, 1, 1); else None."""
    axes = [size for size in shape[1:] if size != 1]
    return (shape[0], axes[0] if axes else 1) if len(shape) > 2 and len(axes) < 2 else None


def squeezed(where: str, shape: tuple[int, ...], now: tuple[int, ...]) -> Notice:
    """What is said of axes of one that were left out."""
    return Notice("squeezed_axes", f"{where}: shape {shape} was read as {now}.")


def without_axes_of_one(array: Array, where: str) -> tuple[Array, list[Notice]]:
    """(N, d) of (N, d, 1, 1), and what is said of it; any other array as it is."""
    shape = squeezed_shape(array.shape)
    if shape is None:
        return array, []
    return array.reshape(shape), [squeezed(where, array.shape, shape)]


def _way_to_array(values: Any) -> str:
    if hasattr(values, "detach"):
        return "Give plain numbers of this machine: x.detach().cpu().float().numpy()."
    if isinstance(values, list | tuple):
        return "Give rows of one length: numpy.stack(rows)."
    return "Give a numpy array."
