"""The manual page of man(1), in roff, from the help of all verbs."""

import re
from collections.abc import Iterator
from typing import Any

from embaudit.cli.parser_errors import PROGRAM
from embaudit.version import __version__

EXAMPLES = re.compile(r"Examples:  (.*)", re.DOTALL)
HIDDEN = ("install_completion", "show_completion", "help")


def man_page(program: Any) -> str:
    """The page of a program: what it is, its verbs with their options, examples, exit codes."""
    told = program.help
    examples, *rest = program.epilog.split("\n\n")
    codes = rest[0].removeprefix("Exit codes: ").rstrip(".").split("; ")
    lines = [
        f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM} {__version__}" "User Commands"',
        ".SH NAME",
        rf"{PROGRAM} \- {_text('audit saved embeddings')}",
        ".SH SYNOPSIS",
        rf".B {PROGRAM}",
        r"\fIVERB\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]",
        ".SH DESCRIPTION",
        _text(told),
        ".PP",
        _text(
            f"`{PROGRAM} VERB --help` has the help of a verb, and `{PROGRAM} explain` all pages."
        ),
        ".SH VERBS",
    ]
    for name, verb in program.commands.items():
        lines += _of_verb(name, verb)
    lines += [".SH EXIT STATUS"]
    for code in codes:
        number, _, meaning = code.partition(" ")
        lines += [".TP", rf"\fB{number}\fR", _text(meaning)]
    lines += [".SH EXAMPLES", *_of_examples(examples)]
    return "\n".join(lines) + "\n"


def _of_verb(name: str, verb: Any) -> Iterator[str]:
    arguments = [one for one in verb.params if one.param_type_name == "argument"]
    given = " ".join(rf"\fI{_escaped(one.metavar)}\fR" for one in arguments)
    yield f".SS {PROGRAM} {name}"
    yield rf"\fB{PROGRAM} {name}\fR {given}".rstrip()
    for paragraph in verb.help.split("\n\n"):
        yield from (".PP", _text(paragraph))
    for one in verb.params:
        if one.name not in HIDDEN:
            yield from (".TP", _named(one), _text(_said(one)))
    yield ".PP"
    yield "Examples:"
    yield from _of_examples(verb.epilog)


def _named(one: Any) -> str:
    """An option by its flags and what it takes, an argument by what stands for it."""
    taken = rf"\fI{_escaped(one.metavar)}\fR" if one.metavar else ""
    if one.param_type_name == "argument":
        return taken
    flags = ", ".join(rf"\fB{_escaped(flag)}\fR" for flag in one.opts)
    return f"{flags} {taken}".rstrip()


def _said(one: Any) -> str:
    """The help of an option, with its default where the help does not tell it."""
    help = str(one.help).replace("\\[", "[")
    default = one.default
    shown = isinstance(default, str | int | float) and not isinstance(default, bool)
    tells = shown and one.show_default and "[default" not in help
    return f"{help} [default: {default}]" if tells else help


def _of_examples(epilog: str) -> Iterator[str]:
    found = EXAMPLES.search(epilog)
    yield ".nf"
    for line in (found[1].split("\n\n")[0] if found else "").split("  |  "):
        yield f"    {_escaped(line.strip())}"
    yield ".fi"


def _text(words: str) -> str:
    """Text of a paragraph on a line, which roff fills; no line of it is a request."""
    return _escaped(" ".join(words.split()))


def _escaped(words: str) -> str:
    plain = words.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain
