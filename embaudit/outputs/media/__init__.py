"""The media in which results are had: one a file of this folder, and a row of MEDIA each.

A medium turns a finished result into a text or bytes. It computes nothing, and it writes no file:
`Writers` does, after the medium has said all. Its interface is a function for each verb whose
result it can show, named like the verb, in the module its row names:

    audit(found: Audited, options: OutputOptions) -> str | bytes

A medium of programs (JUnit, annotations, JSON) is whole in its file; what people read is drawn in
`render`; rows are of the room that has them. To add one: write as_NAME.py here and a row below.
Suffixes, formats of standard output, help, messages and the table of the manual read the rows;
tests/outputs/test_media.py holds each to the interface.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from embaudit.report.mining_document import Form

Holds = Literal["document", "table", "array"]
VERBS = ("audit", "trend", "forecast", "project", "mine", "compare", "explain", "preset", "manual")


@dataclass(frozen=True)
class OutputOptions:
    """What the options of a verb ask of its outputs.

    quiet: only what a gate or a warning says. full: all of a text, not only its first screen.
    assets: the directory below which a page may show pictures that kept columns name. form,
    text_column: of a table of triplets.
    """

    quiet: bool = False
    full: bool = False
    assets: Path | None = None
    form: "Form" = "triplets"
    text_column: str | None = None


@dataclass(frozen=True)
class Medium:
    """A way in which results are had.

    module: of this folder. purpose: for whom it is and what they find, as the manual says it.
    suffix: of its files, None for standard output alone. format: by which
    --format knows it, None where that is its suffix, and it is meant for a pipe. verbs: whose
    results it shows. holds: what is to be said of them, or a line or vector a row. words: how help
    calls it, where that is not its suffix or format. keeps: kept columns go along. noun, packages,
    extra: how messages call one that needs what the core does without.
    """

    module: str
    purpose: str
    suffix: str | None = None
    format: str | None = None
    verbs: Sequence[str] = VERBS
    holds: Holds = "document"
    words: str = ""
    keeps: bool = False
    noun: str = ""
    packages: Sequence[str] = ()
    extra: str = ""

    def of(self, verb: str) -> Callable[[Any, OutputOptions], str | bytes | None]:
        """What shows the result of a verb; imports what the medium takes only now."""
        show: Callable[[Any, OutputOptions], str | bytes | None] = getattr(
            import_module(f"{__name__}.{self.module}"), verb
        )
        return show


PAGE = Medium(
    "as_page",
    "people: a page of one file, with pictures",
    ".html",
    verbs=("audit", "trend", "forecast", "project", "mine", "compare"),
    keeps=True,
    noun="A page in HTML",
    packages=("jinja2", "matplotlib"),
    extra="report",
)
MEDIA = (
    Medium(  # prints itself: the console knows its width and colours
        "as_text", "people at a terminal", format="text"
    ),
    PAGE,
    Medium(
        "as_junit",
        "CI: the gate as JUnit XML, a test a rule",
        ".xml",
        verbs=("audit",),
        words="JUnit .xml (a test a gate rule)",
    ),
    Medium("as_array", "programs: the moved vectors", ".npy", verbs=("project",), holds="array"),
    Medium(
        "as_parquet",
        "queries: a table of a row an anchor, a moved row or a triplet",
        ".parquet",
        verbs=("audit", "project", "mine"),
        holds="table",
        keeps=True,
    ),
    Medium("as_json", "programs: all that was found", ".json", "json"),
    Medium(
        "as_markdown",
        "a step summary or a comment: verdict and gate first, below 1 MB",
        ".md",
        "markdown",
    ),
    Medium(
        "as_annotations",
        "CI: at most ten annotations of a run on GitHub, the most urgent first",
        format="github",
        verbs=("audit",),
        words="github, annotations of a workflow run",
    ),
)


def files_of(verb: str) -> dict[str, Medium]:
    """The media of a verb that have files, by their suffix."""
    return {one.suffix: one for one in MEDIA if one.suffix is not None and verb in one.verbs}


def formats_of(verb: str) -> dict[str, Medium]:
    """The media of a verb by their format on standard output: of files alone, their suffix."""
    there = [one for one in MEDIA if verb in one.verbs]
    own = {one.format: one for one in there if one.format is not None}
    piped = {one.suffix[1:]: one for one in there if one.format is None and one.suffix is not None}
    return own | piped


def files_in_words(verb: str, holds: Holds = "document") -> str:
    """For help: `.json, .md or .html`; what goes to standard output, too, comes first."""
    there = [(suffix, one) for suffix, one in files_of(verb).items() if one.holds == holds]
    there.sort(key=lambda pair: pair[1].format is None)
    return _listed([one.words or suffix for suffix, one in there])


def formats_in_words(verb: str) -> str:
    """For help: `text, json or markdown`."""
    words = [(one.format and one.words) or format for format, one in formats_of(verb).items()]
    return _listed(sorted(words, key=lambda said: "," in said))


def _listed(words: Sequence[str]) -> str:
    """One or the other of them; a comma within the last wants one before it."""
    *most, last = words
    return f"{', '.join(most)}{',' * (',' in last)} or {last}" if most else last
