"""Whatever Python holds numbers in, as a numpy array, or a refusal that says how to get there."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from embaudit.data.sources_and_notices import Array, Notice
from embaudit.errors import InputRefused, first_few

NARROW = ("bfloat16", "float8_", "float6_", "float4_")  # each value is a float32


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
        array = _array(values)
    except MemoryError:
        raise
    except Exception as error:  # of another library, of any type
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        cause = f"{where}: cannot be viewed as an array: {reason[:200].rstrip('. ')}."
        raise InputRefused(cause, _way_to_array(values)) from error
    if not array.ndim and hasattr(values, "toarray"):
        raise InputRefused(f"{where}: a sparse matrix.", "Give x.toarray().")
    return array


def check_holds_rows(values: Any, where: str) -> None:
    """Raise InputRefused for what holds rows only once it is asked for them, or several sets."""
    if isinstance(values, Mapping):
        names = first_few([repr(name) for name in values])
        raise InputRefused(
            f"{where}: a dict, of {names or 'nothing'}.", "Give one of them: x[NAME]."
        )
    if hasattr(values, "collect") and not hasattr(values, "__array__"):
        raise InputRefused(f"{where}: a frame that is not computed yet.", "Give x.collect().")
    if hasattr(values, "features") and not hasattr(values, "__len__"):
        remedy = "Take some: datasets.Dataset.from_list(list(x.take(100_000)))."
        raise InputRefused(f"{where}: a stream of rows, not rows.", remedy)


def _array(values: Any) -> Array:
    """A view where the library has one; copied once where it is elsewhere, or of narrow floats."""
    if hasattr(values, "detach"):
        values = _plain_tensor(values)
    elif isinstance(values, list | tuple) and any(hasattr(one, "detach") for one in values):
        values = [_array(one) for one in values]
    if hasattr(values, "__dlpack__") and not hasattr(values, "__array__"):
        return _from_dlpack(values)
    array = np.asarray(values)
    return array.astype(np.float32) if array.dtype.name.startswith(NARROW) else array


def _plain_tensor(tensor: Any) -> Any:
    """A tensor without its gradient, on this machine, in floats that numpy has."""
    tensor = tensor.detach()
    if hasattr(tensor, "cpu"):
        tensor = tensor.cpu()
    narrow = str(getattr(tensor, "dtype", "")).rpartition(".")[2].startswith(NARROW)
    return tensor.float() if narrow else tensor


def _from_dlpack(values: Any) -> Array:
    try:
        return np.from_dlpack(values)
    except (RuntimeError, BufferError):  # not on this machine's processor
        return np.from_dlpack(values, device="cpu")


def stacked_rows(rows: Array, where: str) -> Array:
    """(N, n) of N objects that are vectors each, as a column of a frame holds them; else as it is.

    Raises InputRefused for rows that are of another length than the first, or none.
    """
    if rows.dtype != object or rows.ndim != 1 or not len(rows) or not _is_vector(rows[0]):
        return rows
    dim = len(rows[0])
    unfit = [row for row, one in enumerate(rows) if not _is_vector(one) or len(one) != dim]
    if unfit:
        cause = f"{where}: {len(unfit)} of {len(rows)} rows are no vectors of {dim} values"
        raise InputRefused(
            f"{cause}, as the first is (row {first_few(unfit)}).", "Drop or re-embed them."
        )
    return np.stack([_array(one) for one in rows])


def _is_vector(value: Any) -> bool:
    return isinstance(value, list | tuple) or getattr(value, "ndim", 0) == 1


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
        if any(getattr(one, "ndim", 0) == 2 for one in values):
            return "Are they batches? Give numpy.concatenate(batches)."
        return "Give rows of one length: numpy.stack(rows)."
    if hasattr(values, "__dlpack__"):
        return "Give a numpy array: numpy.asarray(x.astype('float32').get()) of one on a GPU."
    return "Give a numpy array."
