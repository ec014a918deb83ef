"""The table of options: what each is, once for all that take it.

A row gives a name, the type of its values, a default and what its help says, and whether a
configuration may hold it. Where a verb means something else by the name, it has a row of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from embaudit.core.location import Location, located

Metrics = Literal["l2", "cosine"]
Searches = Literal["auto", "exact", "approximate"]
Documents = Literal["report", "trend", "forecast", "projection", "mining", "comparison", "config"]

FORMATS = object()  # the kind of one of the formats in which a verb has its result
MOST_EFFORT = 6  # a level takes about four times as long as the one before


@dataclass(frozen=True)
class Option:
    """An option: its name in Python, and the type of its value.

    help: {files} and the like are words of the media that a verb has, of formats that are read, or
    of the engine of clusters. verb: where only this verb means this by it. default: Ellipsis if it
    has to be given. flags: by default made of the name; an argument has none. show_default: False
    where the help tells the default. key: a configuration may hold it, and only audits take it from
    there, or all verbs do. listed: several values in one text, with commas. completes: which words
    a shell offers for it, beside the choices of its type.
    """

    name: str
    kind: Any
    help: str
    verb: str = ""
    default: Any = None
    flags: tuple[str, ...] = ()
    argument: bool = False
    metavar: str | None = None
    parser: Callable[[str], Location] | None = None
    show_default: bool = True
    key: Literal["audits", "all"] | None = None
    listed: bool = False
    completes: Literal["measures", "rules", "rows", "known", "words", ""] = ""


def _place(name: str, help: str, *, metavar: str = "PATH", **more: Any) -> Option:
    """A path or an address; by default there is none."""
    more = {"kind": Location | None, **more}
    return Option(name, help=help, parser=located, metavar=metavar, **more)


def _output(verb: str, help: str, **more: Any) -> Option:
    """Files to write."""
    kind = {"kind": list[Location] | None, **more}
    return _place("output", help, verb=verb, flags=("-o", "--output"), **kind)


def _argument(name: str, kind: Any, metavar: str, help: str, **more: Any) -> Option:
    """What stands without a flag."""
    more = {"default": ..., "parser": located, **more}
    return Option(name, kind, help, argument=True, metavar=metavar, **more)


def _flag(name: str, help: str, *flags: str, **more: Any) -> Option:
    """What is asked for or not."""
    flags = flags or (f"--{name.replace('_', '-')}",)
    return Option(name, bool, help, default=False, flags=flags, **more)


def _name(name: str, help: str, metavar: str = "NAME", **more: Any) -> Option:
    """The name of a column, or some of them."""
    return Option(name, str | None, help, metavar=metavar, **more)


def _of_scheduler(address: str | Location) -> Location:
    """host:8786 is tcp://host:8786: an address, which is told without its secrets."""
    return located(address if "://" in str(address) else f"tcp://{address}")


ARGUMENTS = (
    _argument(
        "embeddings",
        Location,
        "EMBEDDINGS",
        "A {inputs} file, or a directory of shards; by its path or, like every "
        "input and output, its address: s3://bucket/key, gs://, az://, hdfs://, file://, "
        "and to read https:// or hf://. - is what comes "
        "on standard input.",
    ),
    _argument(
        "checkpoints",
        list[Location],
        "CKPT",
        "Embeddings of the same rows by checkpoint, each a {inputs} file, or a "
        "directory of shards; taken in natural order: step2 before step10.",
    ),
    _argument("reports", list[Location], "REPORT.json", "Reports of `embaudit audit`."),
    _argument("report", Location, "REPORT.json", "The report that is to be the baseline."),
    _argument(
        "id",
        str | None,
        "ID",
        "A measure, a finding or a state, a preset of the gate, or a page of the manual; without "
        "it, all are listed.",
        default=None,
        parser=None,
        completes="words",
    ),
    _argument(
        "shape",
        str | None,
        "ROWSxDIMS",
        "Rows and dimensions of an audit, as 1000000x128: what it would cost here.",
        default=None,
        parser=None,
    ),
    _argument(
        "of",
        Documents,
        "DOCUMENT",
        "report (of `audit`), trend, forecast, projection (of `project`), mining (of `mine`), "
        "comparison (of `compare`), or config (embaudit.toml, for editors).",
        default="report",
        parser=None,
    ),
)

MEASURED = (
    Option(
        "metric",
        Metrics,
        "Distance between embeddings.",
        default="l2",
        metavar="l2|cosine",
        key="all",
    ),
    Option(
        "margin",
        float,
        "The training margin alpha, in units of the embeddings.",
        default=0.0,
        metavar="ALPHA",
        key="audits",
    ),
    Option(
        "margin",
        float | None,
        "Of semi-hard mode: the training margin, in units of the embeddings.",
        verb="mine",
        metavar="ALPHA",
    ),
    Option(
        "batch",
        str | None,
        "Training batch for the collapse forecast: classes x rows per class. "
        "\\[default: min(C, 18)x4]",
        metavar="PxK",
        key="audits",
    ),
    Option(
        "batch",
        list[str] | None,
        "Batch shapes, classes x rows per class, as in 18x4,62x8; may be repeated. "
        "\\[default: a sweep up to 2,048 rows]",
        verb="forecast",
        metavar="PxK",
    ),
    Option(
        "measures",
        str,
        "What to compute: paper, standard, all, or ids; `embaudit explain` lists them.",
        default="standard",
        metavar="PRESET|ID,ID",
        key="audits",
        listed=True,
        completes="measures",
    ),
    Option("seed", int, "Seed of everything that is sampled.", default=0, metavar="N", key="all"),
)

READ = (
    _place("labels", "Labels in a file of their own: {inputs}.", key="all"),
    _name("embedding_column", "Name of the embeddings in a table or .npz.", key="all"),
    _name("label_column", "Name of the labels in a table, .npz or .csv.", key="all"),
    _name("id_column", "Name of the row ids in a table, .npz or .csv.", key="all"),
    _name(
        "join",
        "Match the labels file to the embeddings by id instead of by position: its column of ids.",
        "COLUMN",
        key="all",
    ),
    Option(
        "label_level",
        int | None,
        "Where a row has several labels, as (N, L): which of them counts, from 0.",
        metavar="L",
        key="all",
    ),
    Option(
        "unlabelled",
        Literal["drop", "distractor"] | None,
        "What becomes of rows without a label (null, NaN, an empty field of a .csv, an id that "
        "--join does not find): drop leaves them out, as a distractor each is a negative of all "
        "others. \\[default: they are refused]",
        metavar="drop|distractor",
        key="all",
    ),
    Option(
        "where",
        str | None,
        "Leave out the rows of which this does not hold, as in \"split == 'test' and label != "
        '-1": columns, label, id and row (the number), with and, or, not, in, is null.',
        metavar="CONDITION",
        key="all",
    ),
    _flag(
        "unpack_bits",
        "The embeddings are 8-bit integers that hold 8 bits each (int8: less 128): every bit "
        "is a dimension of 0 or 1, and l2 the root of the Hamming distance.",
        key="all",
    ),
    Option(
        "ignore_label",
        list[str] | None,
        "Leave out the rows with this label, as -1, unknown or ''; may be repeated.",
        metavar="VALUE",
        key="all",
    ),
    _name(
        "drop",
        "Leave out the rows that these findings name: zero_rows, repeated_vector, "
        "repeated_block (its second copies), stray_rows.",
        "ID,ID",
        key="all",
        listed=True,
        completes="rows",
    ),
    _flag("no_labels", "There are no labels: tell what needs none."),
    _place(
        "gallery",
        "Audit the embeddings as queries against this set: positives and negatives are its "
        "rows only.",
    ),
    _place("gallery_labels", "Labels of the gallery, in a file of their own."),
    _name(
        "gallery_embedding_column",
        "Name of the gallery's embeddings; without --gallery they are in the same file.",
    ),
    _name("gallery_label_column", "Name of the gallery's labels."),
    _name("gallery_id_column", "Name of the gallery's row ids."),
    Option(
        "gallery_where",
        str | None,
        "As --where, of the gallery; without --gallery it is of the same file.",
        metavar="CONDITION",
    ),
    _flag(
        "pairs",
        "Row i of the embeddings belongs to row i of the gallery: the number of a row is its "
        "label.",
    ),
    Option(
        "sample",
        int | None,
        "Use N rows only, drawn so that every class keeps its share.",
        metavar="N",
        key="audits",
    ),
    Option(
        "config",
        Path | None,
        "embaudit.toml, or a pyproject.toml with \\[tool.embaudit]. \\[default: the first one "
        "upward from here]",
        flags=("--config",),
        metavar="PATH",
    ),
    _flag("no_config", "Read no configuration file."),
)

JUDGED = (
    Option(
        "gate",
        list[str] | None,
        "Fail unless it certainly holds: 'violated_triplets <= 0.05', "
        "'precision_at_1 decrease <= 1%', 'diagnosis == healthy', 'no finding mixed_spaces', "
        "'worst_class.precision_at_1 >= 0.5', 'warn: ...', or a preset: "
        "smoke, recommended, strict; may be repeated.",
        metavar="RULE",
        completes="rules",
    ),
    _place(
        "baseline",
        "An earlier report that changes are told and gated against; with its table of "
        "anchors beside it (the same name in .parquet) a paired test tells which are real.",
        metavar="REPORT.json",
        key="audits",
    ),
    _flag("accept_failing", "Take a report although its own gate said no."),
)

MINED = (
    Option(
        "mode",
        Literal["hardest", "semi-hard", "multi-similarity", "percentile"],
        "Which negatives an anchor a with positive p gets. hardest: the nearest. semi-hard: "
        "the nearest with d(a,p) < d(a,n) < d(a,p) + margin. multi-similarity: the nearest with "
        "d(a,n) < d(a, furthest positive) + epsilon, if d(a,p) > d(a, nearest negative) - epsilon "
        "(under cosine of similarities). percentile: drawn from a band of all its negatives, "
        "ranked by distance.",
        default="hardest",
        metavar="MODE",
    ),
    Option(
        "positive",
        Literal["hardest", "easiest", "random"],
        "The positive of an anchor: hardest, its furthest; easiest, its nearest; or random.",
        default="hardest",
        metavar="WHICH",
    ),
    Option("per_anchor", int, "Negatives of each anchor, at most.", default=1, metavar="N"),
    Option(
        "epsilon",
        float | None,
        "Of multi-similarity mode: a distance; under cosine a similarity. \\[default: 0.1]",
        metavar="EPSILON",
    ),
    Option(
        "band",
        str | None,
        "Of percentile mode: percent of the anchor's ranked negatives. \\[default: 1:5]",
        metavar="FROM:TO",
    ),
    Option(
        "min_distance",
        float,
        "Leave out negatives nearer to the anchor: likely its class.",
        default=0.0,
        metavar="D",
    ),
    Option(
        "relative_margin",
        float | None,
        "Cosine only: a negative is at most 1 - R times as similar to the anchor as the "
        "positive (sentence-transformers).",
        metavar="R",
    ),
    _flag(
        "agreement",
        "Leave out negatives of whose ten nearest rows most carry the anchor's label: "
        "likely mislabelled.",
    ),
    _flag(
        "keep_duplicates",
        "Keep negatives that are copies (within 1e-6 RMS pair distances) of a row of "
        "another label.",
    ),
)

WRITTEN = (
    _output(
        "audit",
        "Also write the report to {files}, or a row for each anchor to {table}; may be repeated.",
    ),
    _output("forecast", "Also write the forecast to {files}; may be repeated."),
    _output("trend", "Also write the series to {files}; may be repeated."),
    _output("compare", "Also write the comparison to {files}; may be repeated."),
    _output(
        "project",
        "Write f* to {array}, with each row's displacement to {table}; or the summary to {files}; "
        "may be repeated.",
    ),
    _output("mine", "Write the triplets to {table}, or the summary to {files}; may be repeated."),
    _output("explain", "Write it to {files} instead; may be repeated."),
    _output(
        "baseline",
        "Where the baseline is kept. \\[default: `baseline` of the configuration]",
        kind=Location | None,
        metavar="BASELINE.json",
    ),
    Option(
        "format",
        FORMATS,
        "What goes to standard output: {formats}.",
        default="text",
        metavar="FORMAT",
    ),
    *(
        Option(
            "format",
            Literal["text", "json"],
            "What goes to standard output.",
            verb=verb,
            default="text",
            metavar="text|json",
        )
        for verb in ("inspect", "doctor")
    ),
    _name(
        "keep_columns",
        "Columns of text, numbers or booleans that go along into anchors.parquet, and are "
        "shown in report.html.",
        "NAME,NAME",
    ),
    _name(
        "keep_columns",
        "Columns of text, numbers or booleans that go along into the table of triplets.",
        "NAME,NAME",
        verb="mine",
    ),
    Option(
        "asset_root",
        Path | None,
        "Show pictures in report.html: those below this directory whose paths a kept column holds.",
        metavar="DIR",
    ),
    _flag("every", "Explain every measure and finding in full: the reference.", "--all"),
    _flag("man", "Print a page for man(1): all verbs, their options, examples and exit codes."),
    Option(
        "form",
        Literal["triplets", "pairs"],
        "A row a triplet, or a pair: anchor, other, label (1 positive, 0 negative).",
        default="triplets",
        flags=("--as",),
        metavar="triplets|pairs",
    ),
    _name(
        "text_column",
        "Write only the values of this column, as anchor, positive, negative: what "
        "sentence-transformers trains on.",
    ),
    Option(
        "acknowledge",
        list[str] | None,
        "Count this notice, warning or note of the report, by its id, and tell it no more, as "
        "label_twins; what is bad is told all the same. May be repeated.",
        metavar="ID",
        key="all",
        completes="known",
    ),
    _flag("full", "Print everything, not only the first screen; through a pager on a terminal."),
    _flag("quiet", "No progress, and no text.", "-q", "--quiet"),
    _flag("quiet", "No progress, and no text but a failed gate.", "-q", "--quiet", verb="audit"),
    _flag(
        "verbose",
        "Also say what is in force, from where, and where the time went.",
        "-v",
        "--verbose",
    ),
    _flag("no_progress", "No progress."),
)

SPEED = (
    Option(
        "search",
        Searches,
        "How nearest negatives are found: exact, approximate, or auto, which is exact as far "
        "as a stated cost goes.",
        default="auto",
        metavar="HOW",
        key="audits",
    ),
    Option(
        "effort",
        int | None,
        "Tighter certified intervals: 0 to 6, each level takes longer, none is wrong. "
        "\\[default: 0; 1 with --measures all]",
        metavar="LEVEL",
        key="audits",
    ),
    Option(
        "effort",
        int,
        "1 to 6: each level takes longer to find a nearer set.",
        verb="project",
        default=1,
        metavar="LEVEL",
    ),
    Option(
        "threads",
        int | None,
        "Search threads. \\[default: all]",
        metavar="N",
        show_default=False,
        key="all",
    ),
    Option(
        "memory_budget",
        str | None,
        "Keep rows on disk where they do not fit, and refuse what needs more, as in 2G. "
        "\\[default: 80 % of what there is]",
        metavar="SIZE",
        key="all",
    ),
    _flag("dry_run", "Say what would be read, how searched, and what it would cost; stop."),
    Option(
        "cache_dir",
        Path | None,
        "Where audits are kept for the next run. \\[default: .embaudit_cache here]",
        metavar="PATH",
    ),
    _flag("no_cache", "Compute every audit again, and keep none."),
)

CLUSTER = (
    Option(
        "scheduler",
        Location | None,
        "Search on the {cluster} cluster of this scheduler, {cluster_addresses}; the input "
        "lies where its workers read it under the same path. Needs embaudit\\[{cluster_extra}].",
        metavar="ADDRESS",
        parser=_of_scheduler,
    ),
    Option(
        "workers",
        int | None,
        "Search with so many processes of one thread on this machine, which nobody else can "
        "talk to; they share --memory-budget with this one. Needs embaudit\\[{cluster_extra}].",
        metavar="N",
    ),
)

# By the heading under which a help has them, in this order; an argument has none.
PANELS: dict[str, tuple[Option, ...]] = {
    "Input": READ,
    "What to compute": (*MEASURED, *MINED),
    "Gate": JUDGED,
    "Output": WRITTEN,
    "Speed": SPEED,
    "Cluster": CLUSTER,
}
OPTIONS = (*ARGUMENTS, *chain.from_iterable(PANELS.values()))
TABLE = {(one.verb, one.name): one for one in OPTIONS}
PLACES = {key: place for place, key in enumerate(TABLE)}
HEADINGS = {(one.verb, one.name): title for title, rows in PANELS.items() for one in rows}
KEYS = {one.name: one for one in OPTIONS if one.key}  # of a configuration

# What several verbs take.
COLUMNS = ("labels", "embedding_column", "label_column", "id_column", "join", "label_level")
LEFT_OUT = ("unlabelled", "where", "unpack_bits", "ignore_label", "drop")
GALLERY_COLUMNS = (
    "gallery_embedding_column",
    "gallery_label_column",
    "gallery_id_column",
    "gallery_where",
)
SHOWN = ("quiet", "verbose", "no_progress")
CONFIGURED = ("config", "no_config")


def flag_of(option: Option) -> str:
    """How messages call an option: by its flag, or what stands without one."""
    plain = option.metavar or option.name.upper()
    return plain if option.argument else f"--{option.name.replace('_', '-')}"


def option_of(verb: str, name: str) -> Option:
    """The row of an option, as this verb means it."""
    return TABLE.get((verb, name)) or TABLE["", name]


def default_of(name: str) -> Any:
    """The default that an option has wherever a verb says nothing else."""
    return TABLE["", name].default


def place_of(option: Option) -> int:
    """Where the table has it."""
    return PLACES[option.verb, option.name]


def panel_of(option: Option) -> str | None:
    """The heading under which a help has an option; None for an argument."""
    return HEADINGS.get((option.verb, option.name))
