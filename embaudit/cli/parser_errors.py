"""What the parser of the command line found wrong, in our words, with what to do about it."""

import os
import re
import shlex
from typing import Any

from embaudit.errors import Problem, did_you_mean, shown

PROGRAM = "embaudit"
EXTRA = re.compile(r"unexpected extra argument.*\((\S+)( .*)?\)")
UNKNOWN = re.compile(r"No such command '([^']*)'")
QUOTED = re.compile(r"'([^']*)'")
SECOND = "One set at a time. Labels? --labels {path}. Several checkpoints? embaudit trend."
MANY = (
    "One set at a time. Shards of one set? Give their folder: {path}. Several checkpoints? trend."
)
OF_ONE_SET = ("audit", "forecast", "project", "mine", "inspect")


def problem_of(error: Any, verb: str, program: Any) -> Problem:
    """What the parser of the command line found, and what to do about it."""
    told = error.format_message().rstrip(".")
    hint = f"`{f'{PROGRAM} {verb}'.rstrip()} --help` tells what there is, with examples."
    if getattr(error, "param", None) is not None and hasattr(error.__cause__, "errors"):
        return _of_value(error, hint)
    if near := did_you_mean(
        getattr(error, "option_name", ""), getattr(error, "possibilities", ()) or ()
    ):
        return Problem(f"{told.partition(' (')[0]}.", near)  # which has them, too
    if extra := EXTRA.search(told):
        told, path = (MANY, os.path.dirname(extra[1]) or ".") if extra[2] else (SECOND, extra[1])
        second = told.format(path=shlex.quote(path)) if verb in OF_ONE_SET else hint
        return Problem(f"{extra[1]}: is one argument too many.", second)
    if unknown := UNKNOWN.match(told):
        near = did_you_mean(unknown[1], program.commands, 1) if program else ""
        return Problem(f"There is no command {unknown[1]!r}.", f"{near} {hint}".lstrip())
    return Problem(f"{told}.", hint)


def _of_value(error: Any, hint: str) -> Problem:
    """A value that an option does not take."""
    from embaudit.settings.settings import instead_of
    from embaudit.settings.validation_messages import said_of

    (found,) = error.__cause__.errors()[:1]
    param, said, given = error.param, said_of(found), shown(found["input"]).strip("'\"")
    named = param.metavar if param.param_type_name == "argument" else param.opts[0]
    choices = QUOTED.findall(said.partition(" is not one of ")[2])
    other = instead_of(given) if param.name == "metric" else ""
    return Problem(f"{named}: {said}.", other or did_you_mean(given, choices, 1) or hint)
