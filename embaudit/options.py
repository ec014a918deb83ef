"""The options of the command line, each declared once for all verbs that take it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Literal["text", "json", "markdown"]

Embeddings = Annotated[
    str, typer.Argument(help="A .npy, .npz or .parquet file, or a directory of shards.")
]
Labels = Annotated[
    str | None,
    typer.Option(help="Labels in a file of their own: .npy, .npz, .parquet, .csv or .txt."),
]
Gallery = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Audit the embeddings as queries against this set: positives and negatives are its "
        "rows only.",
    ),
]
GalleryLabels = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Labels of the gallery, in a file of their own."),
]
EmbeddingColumn = Annotated[
    str | None, typer.Option(help="Name of the embeddings in a table or .npz.")
]
LabelColumn = Annotated[
    str | None, typer.Option(help="Name of the labels in a table, .npz or .csv.")
]
IdColumn = Annotated[str | None, typer.Option(help="Name of the row ids in a table, .npz or .csv.")]
Join = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Match the labels file to the embeddings by id instead of by position: its column "
        "of ids.",
    ),
]
Metric = Annotated[Literal["l2", "cosine"], typer.Option(help="Distance between embeddings.")]
Margin = Annotated[
    float, typer.Option(help="The training margin alpha, in units of the embeddings.")
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
        metavar="paper|standard|all|ID,ID",
        help="What to compute; `embaudit explain` lists the ids.",
    ),
]
Output = Annotated[
    list[Path] | None,
    typer.Option("-o", "--output", help="Also write .json or .md; may be repeated."),
]
ReportFormat = Annotated[Format, typer.Option(help="What goes to standard output.")]
TextOrJson = Annotated[Literal["text", "json"], typer.Option(help="What goes to standard output.")]
Gate = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE",
        help="Fail unless it certainly holds, as in 'violated_triplets <= 0.05'; may be repeated.",
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(metavar="N", help="Audit N rows only, drawn so that every class keeps its share."),
]
Search = Annotated[
    Literal["auto", "exact", "approximate"],
    typer.Option(
        help="How nearest negatives are found; auto is exact as far as a stated cost goes."
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
    list[Path] | None,
    typer.Option(
        "-o",
        "--output",
        help="Write f* to .npy, with each row's displacement to .parquet; or the summary to .json "
        "or .md; may be repeated.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Say what would be read, how searched, and what it would cost; stop."
    ),
]
Seed = Annotated[int, typer.Option(help="Seed of everything that is sampled.")]
Threads = Annotated[
    int | None, typer.Option(help="Search threads. \\[default: all]", show_default=False)
]
MemoryBudget = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Keep rows on disk where they do not fit, and refuse what needs more, as in 2G. "
        "\\[default: 80 % of what there is]",
    ),
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="No progress, and no text but a failed gate.")
]
Silent = Annotated[bool, typer.Option("-q", "--quiet", help="No progress, and no text.")]
SchemaOf = Annotated[
    Literal["report", "forecast", "projection"],
    typer.Argument(help="What `audit` writes, or `forecast`, or `project`."),
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Also say where the time went.")]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No progress.")]
