"""Which reports can be compared, and which are of the very same input."""

from embaudit.report import Report
from embaudit.report.base_model import LabelField

CHOSEN = ("unpack_bits", "drop", "ignore_label", "where")  # options that decide what a row is


def differences_of(then: Report, now: Report, *, dim: bool = True) -> tuple[str, ...]:
    """Why two reports cannot be compared: shape, classes, or options that decide what is measured.

    Search, effort and which measures were asked for only decide how well a number is known; so does
    the seed, unless it drew the rows. dim: False where the dimension may differ.
    """
    pairs: list[tuple[str, object, object]] = [
        (name, getattr(then.data, name), getattr(now.data, name))
        for name in ("rows", *(["dim"] if dim else []), "classes")
    ]
    pairs += [
        (name, getattr(then.options, name), getattr(now.options, name))
        for name in ("metric", "labels", "margin", "batch", "sample", *CHOSEN)
    ]
    if now.options.sample is not None:
        pairs.append(("seed, which draws the sample,", then.options.seed, now.options.seed))
    of = [None if one.gallery is None else one.gallery.rows for one in (then, now)]
    pairs.append(("rows of the gallery", of[0], of[1]))
    told = [f"{name}: {_said(a)} then, {_said(b)} now" for name, a, b in pairs if a != b]
    if not told:
        known = [{key_of(row.label) for row in one.classes} for one in (then, now)]
        gone, new = known[0] - known[1], known[1] - known[0]
        if gone or new:
            told.append(f"classes: {len(gone)} are gone and {len(new)} are new")
    return tuple(told)


def input_of(report: Report) -> object:
    """What was audited, apart from how well: the same numbers have the same true measures."""
    read = [(one.role, one.sha256, one.column) for one in report.inputs]
    return report.fingerprint, read


def key_of(label: LabelField) -> tuple[type, LabelField]:
    """What tells labels apart: True, 1 and "1" are three."""
    return type(label), label


def _said(value: object) -> str:
    if isinstance(value, tuple):
        numbers = all(isinstance(one, int) for one in value)
        return (" x " if numbers else ", ").join(map(str, value)) or "none"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "with", False: "without"}[value]
    return f"{value:,}" if isinstance(value, int) else str(value)
