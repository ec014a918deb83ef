"""What goes wrong while a file is read, in words of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from embaudit.core.location import AnyPath, Location, located
from embaudit.core.machine import more_memory
from embaudit.errors import BudgetExceeded, InputRefused, StoreLost


@contextmanager
def reading(path: AnyPath, *faults: type[Exception]) -> Iterator[None]:
    """Turn what goes wrong while reading `path` into a refusal that names it.

    faults: what the format's own reader raises for a damaged file.
    Raises InputRefused, StoreLost, or BudgetExceeded when memory runs out.
    """
    at = located(path)
    try:
        yield
    except FileNotFoundError as error:
        home = str(at).startswith("~")
        remedy = (
            "~ is a home directory to a shell only: write it out." if home else "Check the path."
        )
        raise InputRefused(f"{at}: there is no such file or directory.", remedy) from error
    except MemoryError as error:
        message = f"{at}: reading it needs more memory than there is (or the file is damaged)."
        raise BudgetExceeded(message, more_memory()) from error
    except Exception as error:
        if not isinstance(error, (OSError, *faults)):
            raise
        if not at.local:
            _raise_of_store(at, error)
        reason = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), "")
        kind = "" if reason else f" ({type(error).__name__})"
        raise InputRefused(
            f"{at}: cannot be read{kind}: {reason[:200].rstrip('. ')}.",
            "Check the file and its permissions, or save it again.",
        ) from error


def _raise_of_store(at: Location, error: Exception) -> None:
    """Refuse in words of ours, if it was the store that failed."""
    from embaudit.files import store

    if told := store.reason(error):
        refusal = StoreLost if store.lost(error) else InputRefused
        raise refusal(f"{at}: {told}") from error
