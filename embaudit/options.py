"""The options of the command line, each declared once for all verbs that take it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from embaudit.files.formats import in_prose
from embaudit.location import Location, located
from embaudit.outputs.media import files_in_words, formats_in_words, formats_of

VECTORS = in_prose(vectors=True)  # formats of embeddings
if TYPE_CHECKING:
    Format = str
    AuditFormats = str
else:  # the choices, as typer reads them
    Format = Literal[tuple(formats_of("compare"))]
    AuditFormats = Literal[tuple(formats_of("audit"))]


def _place(*names: str, help: str, metavar: str = "PATH") -> Any:
    """An option that is a path or an address."""
    return typer.Option(*names, parser=located, metavar=metavar, help=help)


def _of_scheduler(address: str | Location) -> Location:
    """As Dask reads it: host:8786 is tcp://host:8786."""
    return located(address if "://" in str(address) else f"tcp://{address}")


Embeddings = Annotated[
    Location,
    typer.Argument(
        parser=located,
        metavar="EMBEDDINGS",
        help=f"A {VECTORS} file, or a directory of shards; by its path or, like every "
        "input and output, its address: s3://bucket/key, gs://, hdfs://, file://.",
    ),
]
Checkpoints = Annotated[
    list[Location],
    typer.Argument(
        parser=located,
        metavar="CKPT",
        help=f"Embeddings of the same rows by checkpoint, each a {VECTORS} file, or a "
        "directory of shards; taken in natural order: step2 before step10.",
    ),
]
Labels = Annotated[
    Location | None,
    _place(help=f"Labels in a file of their own: {in_prose()}."),
]
Gallery = Annotated[
    Location | None,
    _place(
        help="Audit the embeddings as queries against this set: positives and negatives are its "
        "rows only."
    ),
]
GalleryLabels = Annotated[
    Location | None, _place(help="Labels of the gallery, in a file of their own.")
]
EmbeddingColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Name of the embeddings in a table or .npz."),
]
LabelColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Name of the labels in a table, .npz or .csv."),
]
IdColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Name of the row ids in a table, .npz or .csv."),
]
Join = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Match the labels file to the embeddings by id instead of by position: its column "
        "of ids.",
    ),
]
KeepColumns = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,NAME",
        help="Columns of text, numbers or booleans that go along into anchors.parquet, and are "
        "shown in report.html.",
    ),
]
MinedColumns = Annotated[
    str | None,
    typer.Option(
        "--keep-columns",
        metavar="NAME,NAME",
        help="Columns of text, numbers or booleans that go along into the table of triplets.",
    ),
]
AssetRoot = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Show pictures in report.html: those below this directory whose paths a kept column "
        "holds.",
    ),
]
NoLabels = Annotated[
    bool, typer.Option("--no-labels", help="There are no labels: tell what needs none.")
]
UnpackBits = Annotated[
    bool,
    typer.Option(
        "--unpack-bits",
        help="The embeddings are 8-bit integers that hold 8 bits each (int8: less 128): every bit "
        "is a dimension of 0 or 1, and l2 the root of the Hamming distance.",
    ),
]
Drop = Annotated[
    str | None,
    typer.Option(
        metavar="ID,ID",
        help="Leave out the rows that these findings name: zero_rows, repeated_vector, "
        "repeated_block (its second copies), stray_rows.",
    ),
]
IgnoreLabel = Annotated[
    list[str] | None,
    typer.Option(
        metavar="VALUE",
        help="Leave out the rows with this label, as -1, unknown or ''; may be repeated.",
    ),
]
Metric = Annotated[Literal["l2", "cosine"], typer.Option(help="Distance between embeddings.")]
Margin = Annotated[
    float,
    typer.Option(metavar="ALPHA", help="The training margin alpha, in units of the embeddings."),
]
Batch = Annotated[
    str | None,
    typer.Option(
        metavar="PxK",
        help="Training batch for the collapse forecast: classes x rows per class. "
        "\\[default: min(C, 18)x4]",
    ),
]
Batches = Annotated[
    list[str] | None,
    typer.Option(
        "--batch",
        metavar="PxK",
        help="Batch shapes, classes x rows per class, as in 18x4,62x8; may be repeated. "
        "\\[default: a sweep up to 2,048 rows]",
    ),
]
Measures = Annotated[
    str,
    typer.Option(
        metavar="PRESET|ID,ID",
        help="What to compute: paper, standard, all, or ids; `embaudit explain` lists them.",
    ),
]
Output = Annotated[
    list[Location] | None,
    _place(
        "-o",
        "--output",
        help=f"Also write the report to {files_in_words('audit')}, or a row for each anchor to "
        f"{files_in_words('audit', 'table')}; may be repeated.",
    ),
]
ForecastOutput = Annotated[
    list[Location] | None,
    _place(
        "-o",
        "--output",
        help=f"Also write the forecast to {files_in_words('forecast')}; may be repeated.",
    ),
]
ReportFormat = Annotated[
    Format,
    typer.Option(
        metavar="FORMAT", help=f"What goes to standard output: {formats_in_words('compare')}."
    ),
]
AuditFormat = Annotated[
    AuditFormats,
    typer.Option(
        metavar="FORMAT",
        help=f"What goes to standard output: {formats_in_words('audit')}.",
    ),
]
TextOrJson = Annotated[Literal["text", "json"], typer.Option(help="What goes to standard output.")]
Gate = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE",
        help="Fail unless it certainly holds: 'violated_triplets <= 0.05', "
        "'precision_at_1 decrease <= 1%', 'diagnosis == healthy', 'no finding mixed_spaces', "
        "'worst_class.violated_triplets <= 0.3', 'warn: ...', or a preset: "
        "smoke, recommended, strict; may be repeated.",
    ),
]
Baseline = Annotated[
    Location | None,
    _place(
        metavar="REPORT.json",
        help="An earlier report that changes are told and gated against; with its table of "
        "anchors beside it (the same name in .parquet) a paired test tells which are real.",
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(metavar="N", help="Use N rows only, drawn so that every class keeps its share."),
]
Search = Annotated[
    Literal["auto", "exact", "approximate"],
    typer.Option(
        metavar="HOW",
        help="How nearest negatives are found: exact, approximate, or auto, which is exact as far "
        "as a stated cost goes.",
    ),
]
Effort = Annotated[
    int | None,
    typer.Option(
        metavar="LEVEL",
        help="Tighter certified intervals: 0 to 6, each level takes longer, none is wrong. "
        "\\[default: 0; 1 with --measures all]",
    ),
]
ProjectionEffort = Annotated[
    int,
    typer.Option(
        min=1, max=6, metavar="LEVEL", help="1 to 6: each level takes longer to find a nearer set."
    ),
]
ProjectionOutput = Annotated[
    list[Location] | None,
    _place(
        "-o",
        "--output",
        help=f"Write f* to {files_in_words('project', 'array')}, with each row's displacement to "
        f"{files_in_words('project', 'table')}; or the summary to {files_in_words('project')}; "
        "may be repeated.",
    ),
]
MiningMode = Annotated[
    Literal["hardest", "semi-hard", "multi-similarity", "percentile"],
    typer.Option(
        metavar="MODE",
        help="Which negatives an anchor a with positive p gets. hardest: the nearest. semi-hard: "
        "the nearest with d(a,p) < d(a,n) < d(a,p) + margin. multi-similarity: the nearest with "
        "d(a,n) < d(a, furthest positive) + epsilon, if d(a,p) > d(a, nearest negative) - epsilon "
        "(under cosine of similarities). percentile: drawn from a band of all its negatives, "
        "ranked by distance.",
    ),
]
MiningPositive = Annotated[
    Literal["hardest", "easiest", "random"],
    typer.Option(
        metavar="WHICH",
        help="The positive of an anchor: hardest, its furthest; easiest, its nearest; or random.",
    ),
]
PerAnchor = Annotated[int, typer.Option(metavar="N", help="Negatives of each anchor, at most.")]
MiningMargin = Annotated[
    float | None,
    typer.Option(
        metavar="ALPHA",
        help="Of semi-hard mode: the training margin, in units of the embeddings.",
    ),
]
Epsilon = Annotated[
    float,
    typer.Option(
        metavar="EPSILON",
        help="Of multi-similarity mode: a distance; under cosine a similarity.",
    ),
]
Band = Annotated[
    str,
    typer.Option(
        metavar="FROM:TO", help="Of percentile mode: percent of the anchor's ranked negatives."
    ),
]
MinDistance = Annotated[
    float,
    typer.Option(metavar="D", help="Leave out negatives nearer to the anchor: likely its class."),
]
RelativeMargin = Annotated[
    float | None,
    typer.Option(
        metavar="R",
        help="Cosine only: a negative is at most 1 - R times as similar to the anchor as the "
        "positive (sentence-transformers).",
    ),
]
Agreement = Annotated[
    bool,
    typer.Option(
        "--agreement",
        help="Leave out negatives of whose ten nearest rows most carry the anchor's label: "
        "likely mislabelled.",
    ),
]
KeepDuplicates = Annotated[
    bool,
    typer.Option(
        "--keep-duplicates",
        help="Keep negatives that are copies (within 1e-6 RMS pair distances) of a row of "
        "another label.",
    ),
]
MinedAs = Annotated[
    Literal["triplets", "pairs"],
    typer.Option(
        "--as", help="A row a triplet, or a pair: anchor, other, label (1 positive, 0 negative)."
    ),
]
TextColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Write only the values of this column, as anchor, positive, negative: what "
        "sentence-transformers trains on.",
    ),
]
MiningOutput = Annotated[
    list[Location] | None,
    _place(
        "-o",
        "--output",
        help=f"Write the triplets to {files_in_words('mine', 'table')}, or the summary to "
        f"{files_in_words('mine')}; may be repeated.",
    ),
]
TrendOutput = Annotated[
    list[Location] | None,
    _place(
        "-o",
        "--output",
        help=f"Also write the series to {files_in_words('trend')}; may be repeated.",
    ),
]
ExplainedId = Annotated[
    str | None,
    typer.Argument(
        metavar="ID",
        help="Of a measure, a finding or a state, or a preset of the gate; without it, all are "
        "listed.",
    ),
]
ExplainAll = Annotated[
    bool, typer.Option("--all", help="Explain every one in full: the reference.")
]
ReferenceOutput = Annotated[
    list[Location] | None,
    _place("-o", "--output", help="Write it to .md or .json instead; may be repeated."),
]
CacheDir = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Where audits are kept for the next run. \\[default: .embaudit_cache here]",
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Compute every audit again, and keep none.")
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Say what would be read, how searched, and what it would cost; stop."
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Seed of everything that is sampled.")]
Threads = Annotated[
    int | None,
    typer.Option(metavar="N", help="Search threads. \\[default: all]", show_default=False),
]
MemoryBudget = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Keep rows on disk where they do not fit, and refuse what needs more, as in 2G. "
        "\\[default: 80 % of what there is]",
    ),
]
Scheduler = Annotated[
    Location | None,
    typer.Option(
        parser=_of_scheduler,
        metavar="ADDRESS",
        help="Search on the Dask cluster of this scheduler, tls://host:8786 or tcp://; the input "
        "lies where its workers read it under the same path. Needs embaudit\\[dask].",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Search with so many processes of one thread on this machine, which nobody else can "
        "talk to; they share --memory-budget with this one. Needs embaudit\\[dask].",
    ),
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="No progress, and no text but a failed gate.")
]
Silent = Annotated[bool, typer.Option("-q", "--quiet", help="No progress, and no text.")]
SchemaOf = Annotated[
    Literal["report", "trend", "forecast", "projection", "mining", "comparison"],
    typer.Argument(
        metavar="DOCUMENT",
        help="report (of `audit`), trend, forecast, projection (of `project`), mining (of `mine`) "
        "or comparison (of `compare`).",
    ),
]
Reports = Annotated[
    list[Location],
    typer.Argument(parser=located, metavar="REPORT.json", help="Reports of `embaudit audit`."),
]
ComparisonOutput = Annotated[
    list[Location] | None,
    _place(
        "-o",
        "--output",
        help=f"Also write the comparison to {files_in_words('compare')}; may be repeated.",
    ),
]
BaselineReport = Annotated[
    Location,
    typer.Argument(
        parser=located, metavar="REPORT.json", help="The report that is to be the baseline."
    ),
]
BaselineOutput = Annotated[
    Location | None,
    _place(
        "-o",
        "--output",
        metavar="BASELINE.json",
        help="Where the baseline is kept. \\[default: `baseline` of the configuration]",
    ),
]
AcceptFailing = Annotated[
    bool, typer.Option("--accept-failing", help="Take a report although its own gate said no.")
]
Verbose = Annotated[
    bool,
    typer.Option(
        "-v", "--verbose", help="Also say what is in force, from where, and where the time went."
    ),
]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No progress.")]
