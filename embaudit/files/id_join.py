"""The rows of a labels file in the order of the embeddings: every id must match exactly once."""

from collections import Counter
from collections.abc import Iterable, Sequence

from embaudit.data import Label
from embaudit.errors import InputRefused, Problem, first_few

Key = tuple[type, Label]  # by type too: 1 and '1' are different ids


def joining(
    keys: Sequence[Label],
    ids: Sequence[Label],
    *,
    places: tuple[str, str],
    untyped: bool,
    partly: bool = False,
) -> list[int]:
    """The row of each id: the k with keys[k] equal to it.

    partly: an id that no key is equal to has -1, instead of being a problem.
    places: where keys and ids are, for messages. untyped: the keys come from a format that holds
    nothing but text, so an integer id is looked for by its decimal digits.
    Raises InputRefused, listing missing, extra and repeated ids.
    """
    keys_at, ids_at = places
    known = {_key(key, untyped): row for row, key in enumerate(keys)}
    wanted = [_key(one, untyped) for one in ids]
    asked = set(wanted)
    problems = [
        *_problem(keys_at, _repeated(keys, untyped), "repeated", "Keep one row of each."),
        *_problem(ids_at, _repeated(ids, untyped), "repeated", "Give every row an id of its own."),
    ]
    if not known.keys() & asked and known and asked:
        types = [" and ".join(sorted({kind.__name__ for kind, _ in s})) for s in (asked, known)]
        problems.append(
            Problem(
                f"{keys_at}: none of its ids ({types[1]}) is one of {ids_at} ({types[0]}).",
                "Join by another column, or store both alike.",
            )
        )
    else:
        missing = [one for one in dict.fromkeys(wanted) if one not in known and not partly]
        extra = [one for one in known if one not in asked]
        problems += _problem(
            keys_at, missing, f"of {ids_at} missing", "Give a label for each of them."
        )
        problems += _problem(keys_at, extra, f"not in {ids_at}", "Drop these rows.")
    if problems:
        raise InputRefused(problems)
    return [known.get(one, -1) for one in wanted]


def _key(value: Label, untyped: bool) -> Key:
    return (str, str(value)) if untyped and type(value) is int else (type(value), value)


def _repeated(values: Iterable[Label], untyped: bool) -> list[Key]:
    return [key for key, n in Counter(_key(value, untyped) for value in values).items() if n > 1]


def _problem(where: str, keys: Sequence[Key], what: str, remedy: str) -> list[str]:
    if not keys:
        return []
    shown = first_few([ascii(value)[:40] for _, value in keys])
    ids = "1 id is" if len(keys) == 1 else f"{len(keys)} ids are"
    return [Problem(f"{where}: {ids} {what} ({shown}).", remedy)]
