"""embaudit.toml, or [tool.embaudit] in pyproject.toml: what a project asks of every audit."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import ConfigDict, StrictBool, StrictFloat, StrictInt, StrictStr, create_model

from embaudit.core.file_owners import stranger_to
from embaudit.core.location import located
from embaudit.data.left_out_rows import labels_as_text
from embaudit.errors import InputRefused, UsageError
from embaudit.settings.gate_section import Whole, checked_table, rules_of
from embaudit.settings.option_table import KEYS, Option

NAME = "embaudit.toml"
PROJECT = "pyproject.toml"
LARGEST = 1 << 20  # bytes
HINT = "--no-config reads no configuration; `embaudit explain gate` lists the keys."

DEEPEST = 32  # parts of a key, joined by dots
# A part from its beginning, so that no letter is met twice.
PART = r"""(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
LONG_KEY = re.compile(rf"(?:{PART}[ \t]*+\.[ \t]*+){{{DEEPEST}}}")

OneOrMore = StrictStr | Whole | StrictBool | tuple[StrictStr | Whole | StrictBool, ...]
STRICT: dict[Any, Any] = {bool: StrictBool, int: StrictInt, float: StrictFloat | StrictInt}


def _type_of(option: Option) -> Any:
    """The type that TOML has for an option: its own, of a path a text, of a list one or more."""
    types = set(get_args(option.kind)) or {option.kind}
    if list[str] in types:
        return OneOrMore
    if option.listed:
        return StrictStr | tuple[StrictStr, ...]
    if get_origin(option.kind) is Literal:
        return option.kind
    return next((STRICT[kind] for kind in types if kind in STRICT), StrictStr)


TYPES: dict[str, Any] = {name: (_type_of(one) | None, None) for name, one in KEYS.items()}
CLOSED = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)
# What a configuration may hold beside its gate; the names are those of the flags.
Keys = create_model("Keys", __config__=CLOSED, **TYPES)


@dataclass(frozen=True)
class Configuration:
    """A checked configuration: values by the name of their option, gate rules, and its file."""

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    gate: tuple[str, ...] = ()

    @property
    def origins(self) -> dict[str, str]:
        """Where its rules were written, by their text."""
        return dict.fromkeys(self.gate, "" if self.path is None else self.path.name)


def configuration_from(path: Path | None, start: Path) -> Configuration:
    """The configuration in a file, or without one in the first found upward from a directory.

    Raises UsageError for what cannot be read, and for every unknown key at once.
    """
    if path is None:
        found = next(_upward(start), None)
        return Configuration() if found is None else _read(*found)
    table = _table(path)
    section = _section(path, table) if path.name == PROJECT else table
    if section is None:
        raise UsageError(f"{path}: has no [tool.embaudit].", "Add one, or name another file.")
    return _read(path, section)


def _upward(start: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Configurations from a directory up to the root, the nearest first.

    Nobody named them: one that others may write is an error, as what they ask for would be.
    """
    for folder in (start, *start.parents):
        own, project = folder / NAME, folder / PROJECT
        found = {own: _trusted(own)} if os.path.lexists(own) else {}
        if os.path.lexists(project):
            section = _section(project, _table(project))
            if section is not None:
                _check_owner(project)
                found[project] = section
        if len(found) > 1:
            raise UsageError(f"{own} and {project} both configure embaudit.", "Keep one of them.")
        yield from found.items()


def _trusted(path: Path) -> dict[str, Any]:
    _check_owner(path)
    return _table(path)


def _check_owner(path: Path) -> None:
    try:
        said = stranger_to(path)
    except OSError:
        return  # reading it tells more
    if said:
        raise UsageError(
            f"{path}: was found as the configuration, but {said}.",
            f"--config {path} takes it all the same; --no-config reads none.",
        )


def _table(path: Path) -> dict[str, Any]:
    from embaudit.files.file_status import opened  # only where there is one

    try:
        with opened(located(path)) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UsageError(f"{path}: is too large for a configuration.", HINT)
        text = content.decode("utf-8-sig")
    except InputRefused as refusal:
        raise UsageError(str(refusal), HINT) from refusal
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}.", HINT) from error
    except UnicodeDecodeError as error:
        raise _no_toml(path, str(error)) from error
    return parsed(path, text)


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The tables of a file's text. Raises UsageError for what is no TOML, or nested too deeply."""
    try:
        if LONG_KEY.search(text):  # the parser takes the square of a key's parts
            raise RecursionError
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(path, str(error)) from error
    except RecursionError:
        raise _no_toml(path, f"nested more than {DEEPEST} deep") from None
    except ValueError:  # Python's own limit on the digits of an integer
        raise _no_toml(path, "a number of thousands of digits") from None


def _no_toml(path: Path, why: str) -> UsageError:
    return UsageError(f"{path}: looked through for a configuration, is no TOML: {why}.", HINT)


def _section(path: Path, table: Mapping[str, Any]) -> dict[str, Any] | None:
    tool = table.get("tool")
    section = tool.get("embaudit") if isinstance(tool, dict) else None
    if section is not None and not isinstance(section, dict):
        raise UsageError(f"{path}: tool.embaudit is no table.", "Write [tool.embaudit].")
    return section


def _read(path: Path, table: dict[str, Any]) -> Configuration:
    gate = table.pop("gate", {})
    problems: list[str] = []
    keys = checked_table(Keys, table, "", [*Keys.model_fields, "gate"], problems)
    rules = list(rules_of(gate, problems))
    if problems or keys is None:
        raise UsageError("\n".join(f"{path}: {problem}" for problem in problems), HINT)
    values = {name: value for name, value in keys.model_dump().items() if value is not None}
    for name, value in values.items():
        if KEYS[name].parser and (at := located(value)).local:
            values[name] = str(path.parent / at)  # not from where one stands
        elif KEYS[name].listed and isinstance(value, tuple):
            values[name] = ",".join(value)
    if "ignore_label" in values:
        values["ignore_label"] = list(labels_as_text(values["ignore_label"]))
    return Configuration(path, values, tuple(rules))
