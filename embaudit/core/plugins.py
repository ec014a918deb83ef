"""What other installed packages add: what their entry points name, looked up when asked for.

A package that is broken costs a warning that names it, and no more.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, TypeVar

from embaudit.errors import PluginWarning

GROUPS = ("embaudit.measures", "embaudit.findings")
T = TypeVar("T")


@dataclass(frozen=True)
class Provided:
    """One object of a package, such as `acme 1.2`."""

    package: str
    value: Any


def provided(group: str) -> Iterator[Provided]:
    """What the entry points of a group name, each one of its list; by package and name."""
    for point in sorted(_points(group), key=lambda one: (_package(one), one.name)):
        package = _package(point)
        try:
            found = point.load()
        except (Exception, SystemExit) as error:  # whatever its code does
            warn(package, f"{group} {point.name!r} cannot be imported: {told(error)}")
            continue
        for value in found if isinstance(found, list | tuple) else (found,):
            yield Provided(package, value)


def sound(group: str, problem_of: Callable[[Any], str]) -> Iterator[Provided]:
    """What is provided and has no problem and no id that another has; the rest is warned of."""
    seen: dict[str, str] = {}
    for one in provided(group):
        problem = problem_of(one.value)
        if not problem and one.value.id in seen:
            problem = f"{one.value.id} is of the package {seen[one.value.id]} already"
        if problem:
            warn(one.package, problem)
            continue
        seen[one.value.id] = one.package
        yield one


def versions() -> dict[str, str]:
    """The packages that add something, with their versions."""
    points = (point for group in GROUPS for point in _points(group))
    found = dict(_package(point).rpartition(" ")[::2] for point in points)
    return dict(sorted(found.items()))


def attempted(package: str, what: str, function: Callable[[], T]) -> tuple[T | None, str]:
    """What a function of a package gives, or None, a warning, and why."""
    try:
        return function(), ""
    except MemoryError:
        raise
    except Exception as error:  # whatever its code does
        reason = f"{what} of the package {package} failed: {told(error)}"
        warnings.warn(reason, PluginWarning, stacklevel=2)
        return None, reason


def warn(package: str, what: str) -> None:
    """Say what is wrong with a package."""
    warnings.warn(f"the package {package} is left out: {what}", PluginWarning, stacklevel=2)


def told(error: BaseException) -> str:
    """An error in a line."""
    line = next(iter(str(error).splitlines()), "")[:200]
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def _points(group: str) -> EntryPoints:
    return _points_on(tuple(sys.path), group)


@cache  # each look reads what every installed package says of itself
def _points_on(path: tuple[str, ...], group: str) -> EntryPoints:
    return entry_points(group=group)


def _package(point: EntryPoint) -> str:
    return "unknown 0" if point.dist is None else f"{point.dist.name} {point.dist.version}"
