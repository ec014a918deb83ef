"""The command lines whose outputs are kept, by group: what each group needs it makes itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests import sets
from tests.zoo.sets import ZOO, make

XY = "x.npy --labels y.npy"
LARGE = "large.npy --labels large.y.npy --measures violated_triplets,precision_at_1,recall_at_5"
FEW = "collapse_state,mean_cosine"  # which need no labels; the diagnosis is made all the same
SMALL = "small.npy --labels small.y.npy"
SETS = "queries.npy --labels queries.y.npy --gallery gallery.npy --gallery-labels gallery.y.npy"
HERE = "--threads 2 --memory-budget 2G"  # what a machine has by default is told in some outputs
HEALTHY = ("neural_collapse", "hash_codes", "lopsided_classes", "two_dimensions", "dead_units")
COLOUR = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}


@dataclass(frozen=True)
class Case:
    """A command line as typed into a shell, the environment it adds, and where it is run.

    apart: in a process of its own.
    """

    name: str
    line: str
    environment: dict[str, str] = field(default_factory=dict)
    apart: bool = False


@dataclass(frozen=True)
class Program:
    """What the program that is asked has: its verbs, and what `explain` knows.

    suffixes: of what it writes an audit as, beside rows and the page. formats: beside the terminal.
    """

    verbs: tuple[str, ...]
    topics: tuple[str, ...]
    suffixes: tuple[str, ...]
    formats: tuple[str, ...]

    @property
    def told(self) -> str:
        """Options of an audit, for what says what it has found."""
        return " ".join(f"-o report{suffix}" for suffix in self.suffixes)

    @property
    def rows(self) -> str:
        """And for its rows, which takes labels."""
        return f"{self.told} -o anchors.parquet"

    @property
    def all(self) -> str:
        """And for its page."""
        return f"{self.rows} -o report.html"


Group = Callable[[Program], Iterator[Case]]
GROUPS: dict[str, Group] = {}


def group(function: Group) -> Group:
    """Register a group under its function's name."""
    GROUPS[function.__name__] = function
    return function


def audit(name: str, line: str, **how: object) -> Case:
    """An audit that says nothing of the machine."""
    return Case(name, f"audit {line} {HERE}", **how)  # type: ignore[arg-type]


@group
def help(program: Program) -> Iterator[Case]:
    yield Case("program", "--help")
    yield Case("version", "--version")
    yield Case("nothing", "")
    for verb in program.verbs:
        yield Case(verb, f"{verb} --help")
        yield Case(f"{verb}_narrow", f"{verb} --help", {"COLUMNS": "60"})


@group
def schema(program: Program) -> Iterator[Case]:
    for document in ("report", "trend", "forecast", "projection", "mining", "comparison"):
        yield Case(document, f"schema {document}")


@group
def explain(program: Program) -> Iterator[Case]:
    yield Case("list", "explain")
    yield Case("list_colour", "explain", COLOUR)
    yield Case("all", "explain --all -o all.md -o all.json")
    yield Case("all_text", "explain --all")
    yield Case("man", "explain --man")
    for topic in (*program.topics, "smoke", "recommended", "strict"):
        yield Case(topic, f"explain {topic} -o told.md -o told.json")
        yield Case(f"{topic}_text", f"explain {topic}")
    yield Case("d_iso_colour", "explain d_iso", COLOUR)
    yield Case("mixed_spaces_colour", "explain mixed_spaces", COLOUR)


@group
def healthy(program: Program) -> Iterator[Case]:
    yield audit("l2", f"healthy.parquet {program.all}")
    yield audit("cosine", f"healthy.parquet --metric cosine --margin 0.2 {program.all}")
    yield audit("colour", "healthy.parquet", environment=COLOUR)
    yield audit("approximate_asked", "healthy.parquet --search approximate -v")


@group
def collapsed(program: Program) -> Iterator[Case]:
    line = "collapsed.npy --labels collapsed_labels.npy"
    yield audit("l2", f"{line} --margin 0.2 {program.all}")
    yield audit("cosine", f"{line} --metric cosine --margin 0.2 --batch 31x4 {program.rows}")
    yield audit("colour", f"{line} --margin 0.2", environment=COLOUR)


@group
def media(program: Program) -> Iterator[Case]:
    """One small set in every format of standard output, width, encoding."""
    for shown in program.formats:
        yield audit(shown, f"{XY} --format {shown}")
    yield audit("wide", XY, environment={"COLUMNS": "120"})
    yield audit("narrow", XY, environment={"COLUMNS": "50"})
    yield audit("ascii", XY, environment={"PYTHONIOENCODING": "ascii"}, apart=True)
    yield audit("quiet", f"{XY} -q")
    yield audit("verbose", f"{XY} -v --seed 2")
    yield audit(
        "pictures",
        f"shown.parquet --keep-columns text,image --asset-root pictures {program.all}",
    )


@group
def inputs(program: Program) -> Iterator[Case]:
    """One small set in every format of a file, and parts of it."""
    for name, line in {
        "npz": "both.npz",
        "half": "half.npy --labels y.npy",
        "text_labels": "x.npy --labels y.txt",
        "joined": "ids.parquet --labels y.csv --join id",
        "columns": "wide.parquet",
        "named": "shown.parquet --embedding-column embedding --label-column image",
        "shards": "shards --labels y.npy",
        "bits": "bits.npy --labels y.npy --unpack-bits",
        "ignored": "x.npy --labels marked.npy --ignore-label -1",
        "sampled": f"{XY} --sample 40",
        "dropped": "zoo/zero_rows_strong.npy --labels zoo/zero_rows_strong.y.npy --drop zero_rows",
    }.items():
        yield audit(name, f"{line} {program.rows}")
        yield Case(f"{name}_inspected", f"inspect {line} --memory-budget 2G")
        yield Case(f"{name}_inspected_json", f"inspect {line} --memory-budget 2G --format json")
    yield Case("inspected_colour", "inspect healthy.parquet --memory-budget 2G", COLOUR)
    for name in ("nan", "twice", "cut", "unlike", "two", "flat", "object"):
        suffix = {"twice": "csv", "unlike": "parquet", "two": "parquet"}.get(name, "npy")
        yield Case(f"{name}_refused", f"inspect bad/{name}.{suffix} --format json")


@group
def no_labels(program: Program) -> Iterator[Case]:
    yield audit("l2", f"healthy.parquet --no-labels {program.told} -o report.html")
    yield audit("cosine", f"collapsed.npy --no-labels --metric cosine {program.told}")
    yield audit("all", f"small.npy --no-labels --measures all {program.told}")


@group
def measures(program: Program) -> Iterator[Case]:
    for metric in ("l2", "cosine"):
        yield audit(f"all_{metric}", f"{SMALL} --measures all --metric {metric} {program.rows}")
        yield audit(f"paper_{metric}", f"{SMALL} --measures paper --metric {metric} {program.rows}")
    yield audit("some", f"{SMALL} --measures recall_at_5,nc1,thickness -o report.json")
    yield audit("spaced", f"{SMALL} --measures 'recall_at_5, thickness' -o report.json -v")
    yield audit("spaced_all", f"{SMALL} --measures 'paper, nc1' -o report.json")
    yield audit("effort", f"{SMALL} --effort 2 --measures paper {program.rows}")
    yield audit("html", f"{SMALL} --measures all --effort 0 -o report.html -q")
    yield audit("margin", f"{SMALL} --margin 0.5 --batch 6x3 {program.rows}")


@group
def approximate(program: Program) -> Iterator[Case]:
    for metric in ("l2", "cosine"):
        yield audit(metric, f"{LARGE} --search approximate --metric {metric} -o report.json")
    yield audit("exact", f"{LARGE} --search exact -o report.json")


@group
def gallery(program: Program) -> Iterator[Case]:
    for metric in ("l2", "cosine"):
        yield audit(metric, f"{SETS} --metric {metric} --margin 0.2 {program.all}")
    yield audit("all", f"{SETS} --measures all {program.rows}")
    yield audit("colour", SETS, environment=COLOUR)
    yield audit("itself", f"{XY} --gallery x.npy --gallery-labels y.npy {program.rows}")
    theirs = "--gallery-embedding-column gallery_f --gallery-label-column kind"
    ours = "--embedding-column query_f --label-column kind --id-column name"
    yield audit("columns", f"sides.parquet {ours} {theirs} --gallery-id-column name {program.rows} "
                "--gallery-where 'row >= 9'")  # fmt: skip
    yield audit("pairs", f"x.npy --gallery half.npy --pairs {program.rows}")


@group
def workers(program: Program) -> Iterator[Case]:
    """Two processes of Dask, so in a process of its own."""
    few = "--measures violated_triplets,precision_at_1,recall_at_5"
    yield audit("l2", f"{SMALL} --workers 2 {few} {program.rows}", apart=True)
    yield audit("cosine", f"{LARGE} --workers 2 --metric cosine -o report.json", apart=True)


@group
def odd(program: Program) -> Iterator[Case]:
    """Sets that break careless arithmetic."""
    for name, metric in sets.cases():
        line = f"odd/{name}.npy --labels odd/{name}.y.npy --metric {metric}"
        yield audit(f"{name}_{metric}", f"{line} -o report.json")


@group
def zoo(program: Program) -> Iterator[Case]:
    """Every fault at its full strength, collapses, overlaps, and a few that are healthy."""
    for name in ZOO:
        found = make(name)
        plain = found.states == ("healthy",) and not found.findings and name not in HEALTHY
        if plain or name.endswith(("_weak", "_middle")):
            continue
        options = " ".join(f"--{key} {value}" for key, value in found.options.items())
        labels = "--no-labels" if found.y is None else f"--labels zoo/{name}.y.npy"
        outputs = f"--measures {FEW} -o report.json -o report.md"
        yield audit(name, f"zoo/{name}.npy {labels} {options} {outputs}")
    for name in ("mixed_spaces", "flips_strong"):
        stem = {"mixed_spaces": "two_models_at_random_strong"}.get(name, name)
        line = f"zoo/{stem}.npy --labels zoo/{stem}.y.npy"
        yield audit(f"{name}_page", f"{line} -o report.html --format github")
        yield audit(f"{name}_colour", line, environment=COLOUR)


@group
def gate(program: Program) -> Iterator[Case]:
    rules = {
        "pass": ["violated_triplets <= 0.5", "collapse_state == none"],
        "fail": ["violated_triplets <= 0.0001", "precision_at_1 >= 0.2"],
        "undecided": ["thickness >= 3", "collapse_risk <= 0.2"],
        "warn": ["warn: violated_triplets <= 0.0001"],
        "findings": ["no finding mixed_spaces", "diagnosis == overlapping", "warn: no finding"],
        "class": ["worst_class.violated_triplets <= 0.01"],
        "change": ["precision_at_1 decrease <= 1%"],
        "recommended": ["recommended"],
        "strict": ["strict"],
        "smoke": ["smoke", "d_iso <= 1"],
    }
    for name, asked in rules.items():
        told = " ".join(f"--gate '{rule}'" for rule in asked)
        yield audit(name, f"{XY} {told} {program.rows}")
        yield audit(f"{name}_github", f"{XY} {told} --format github")
    yield audit("fail_quiet", f"{XY} --gate 'violated_triplets <= 0.0001' -q")
    yield audit("fail_page", f"{XY} --gate strict -o report.html -q")
    yield audit("fail_colour", f"{XY} --gate strict", environment=COLOUR)
    yield audit("configured", f"{XY} --config gate.toml -v {program.rows}")


@group
def baseline(program: Program) -> Iterator[Case]:
    few = "--measures standard"
    good, worse = "step10.npy --labels y.npy", "step100.npy --labels y.npy"
    yield audit("before", f"{good} {few} -q -o before.json -o before.parquet")
    yield Case("kept", "baseline before.json -o kept.json")
    yield Case("kept_again", "baseline before.json -o kept.json")
    yield audit("same", f"{good} {few} --baseline kept.json {program.rows}")
    yield audit("worse", f"{worse} {few} --baseline kept.json --gate recommended {program.all}")
    yield audit("worse_github", f"{worse} {few} --baseline kept.json --format github")
    yield audit("worse_colour", f"{worse} {few} --baseline kept.json", environment=COLOUR)
    yield audit("failing", f"{worse} --gate strict -q -o failing.json")
    yield Case("failing_refused", "baseline failing.json -o kept.json")
    yield Case("failing_taken", "baseline failing.json -o kept.json --accept-failing")
    yield audit("unlike", f"{worse} --metric cosine --baseline before.json -o report.json")
    yield audit("missing", f"{good} --baseline nowhere.json -o report.json")


@group
def compare(program: Program) -> Iterator[Case]:
    for step in (2, 10, 100):
        outputs = f"-q -o step{step}.json -o step{step}.parquet"
        yield audit(f"step{step}", f"step{step}.npy --labels y.npy {outputs}")
    yield audit("alone", "step2.npy --labels y.npy -q -o alone.json")
    yield Case("two", "compare step10.json step100.json -o two.json -o two.md -o two.html")
    yield Case("three", "compare step2.json step10.json step100.json -o told.json -o told.md")
    yield Case("same", "compare step2.json step2.json")
    yield Case("without_tables", "compare alone.json step10.json")
    yield Case("colour", "compare step10.json step100.json", COLOUR)
    yield Case("json", "compare step10.json step100.json --format json")
    yield Case("markdown", "compare step10.json step100.json --format markdown")
    yield Case("full", "compare step10.json step100.json --full")


@group
def trend(program: Program) -> Iterator[Case]:
    steps = "step100.npy step300.npy step2.npy step10.npy"
    named = f"{steps} --labels y.npy --threads 2 --memory-budget 2G"
    yield Case("l2", f"trend {named} -o told.json -o told.md -o told.html")
    yield Case("cached", f"trend {named} -o told.json")
    yield Case("colour", f"trend {named}", COLOUR)
    yield Case("markdown", f"trend {named} --format markdown")
    yield Case("cosine", f"trend {named} --metric cosine --margin 0.2 --no-cache -o told.json")
    yield Case("no_labels", f"trend {steps} --no-labels --no-cache {HERE} -o told.json -o told.md")


@group
def forecast(program: Program) -> Iterator[Case]:
    for metric in ("l2", "cosine"):
        line = f"forecast {SMALL} --metric {metric} --margin 0.2 {HERE}"
        yield Case(metric, f"{line} -o told.json -o told.md")
    yield Case("shapes", f"forecast {XY} --batch 3x4,9x2 {HERE}")
    yield Case("colour", f"forecast {XY} --margin 0.5 {HERE}", COLOUR)
    yield Case("json", f"forecast {XY} --batch 3x4 {HERE} --format json")


@group
def project(program: Program) -> Iterator[Case]:
    for metric in ("l2", "cosine"):
        line = f"project {SMALL} --metric {metric} --sample 60 {HERE}"
        yield Case(metric, f"{line} -o f.npy -o told.json -o told.md -o f.parquet")
    yield Case("effort", f"project {XY} --effort 2 --sample 40 {HERE} -o told.json")
    yield Case("colour", f"project {XY} --sample 40 {HERE}", COLOUR)
    yield Case("markdown", f"project {XY} --sample 40 {HERE} --format markdown")


@group
def mine(program: Program) -> Iterator[Case]:
    outputs = f"{HERE} -o triplets.parquet -o told.json -o told.md"
    for name, line in {
        "hardest": SMALL,
        "cosine": f"{SMALL} --metric cosine --per-anchor 3",
        "semi_hard": f"{SMALL} --mode semi-hard --margin 0.5",
        "multi_similarity": f"{SMALL} --mode multi-similarity --epsilon 0.2",
        "percentile": f"{SMALL} --mode percentile --band 5:20 --seed 3",
        "pairs": f"{SMALL} --as pairs --agreement",
        "relative": f"{SMALL} --metric cosine --relative-margin 0.05 --min-distance 0.1",
        "texts": "shown.parquet --text-column text",
        "columns": "shown.parquet --keep-columns text,image --keep-duplicates",
    }.items():
        yield Case(name, f"mine {line} {outputs}")
    yield Case("colour", f"mine {SMALL} {HERE}", COLOUR)
    yield Case("json", f"mine {SMALL} {HERE} --format json")


@group
def dry_run(program: Program) -> Iterator[Case]:
    for name, line in {
        "exact": "healthy.parquet",
        "cosine": f"{XY} --metric cosine -v",
        "approximate": f"{LARGE} --search approximate",
        "gallery": SETS,
        "no_labels": "x.npy --no-labels",
        "workers": f"{LARGE} --workers 2",
        "shards": "shards --labels y.npy --sample 30",
        "gate": f"{XY} --gate recommended -o report.json",
    }.items():
        yield audit(name, f"{line} --dry-run")
    yield audit("colour", "healthy.parquet --dry-run", environment=COLOUR)
    yield Case("over", f"audit {LARGE} --memory-budget 4M --dry-run --threads 2")


@group
def screens(_: Program) -> Iterator[Case]:
    """Everything a verb prints, and less of it."""
    quiet = "--full --acknowledge label_twins"
    yield audit("audit", f"healthy.parquet {quiet}")
    yield Case("trend", f"trend step2.npy step100.npy --labels y.npy --no-cache {quiet}")
    yield Case("forecast", f"forecast {XY} {quiet}")
    yield Case("project", f"project {SMALL} {quiet}")
    yield Case("mine", f"mine {SMALL} {quiet}")
    yield Case("inspect", "inspect healthy.parquet --acknowledge label_twins")


@group
def options(program: Program) -> Iterator[Case]:
    """The options that verbs share, of each of them, and what else no other group asks for."""
    for verb, own in {
        "audit": "--measures precision_at_1 -o told.json",
        "trend": "--measures precision_at_1 --no-cache -o told.json",
        "forecast": "--batch 3x2 -o told.json",
        "project": "-o told.json -o f.npy",
        "mine": "-o told.json -o t.parquet",
        "inspect": "--format json",
    }.items():
        for name, (one, other, line) in {
            "columns": (
                "two.parquet",
                "two10.parquet",
                "--embedding-column other --label-column kind --id-column name",
            ),
            "joined": ("ids.parquet", "ids10.parquet", "--labels y.csv --join id"),
            "left_out": (
                "bits.npy",
                "bits10.npy",
                "--labels marked.npy --unpack-bits --ignore-label -1 --drop repeated_vector",
            ),
            "sampled": ("x.npy", "step10.npy", "--labels y.npy --sample 45 --seed 4"),
            "chosen": (
                "levels.parquet",
                "levels10.parquet",
                "--label-level 1 --where 'fold != 2'",
            ),
            "unlabelled": ("holes.parquet", "holes10.parquet", "--unlabelled distractor"),
            "configured": ("x.npy", "step10.npy", "--config shared.toml"),
            "unconfigured": ("x.npy", "step10.npy", "--labels y.npy --no-config"),
        }.items():
            sets = f"{one} {other}" if verb == "trend" else one
            told = {"configured": "-v --no-progress", "unconfigured": "-q"}.get(name, "")
            if verb == "inspect":
                told = ""
            yield Case(f"{verb}_{name}", f"{verb} {sets} {line} {own} {told} --memory-budget 2G")
    yield Case("inspect_no_labels", "inspect x.npy --no-labels --memory-budget 2G")
    kept = "--cache-dir own.embaudit_cache --measures precision_at_1,collapse_risk"
    asked = f"{kept} --batch 3x4 --effort 1 --search exact {HERE}"
    yield Case("trend_kept", f"trend x.npy step10.npy --labels y.npy {asked}")
    yield Case("mine_easiest", f"mine {SMALL} --positive easiest {HERE} -o told.json")
    yield audit("baseline_report", f"{XY} -q -o report.json")
    yield Case("baseline_configured", "baseline report.json --config shared.toml")
    yield Case("baseline_unconfigured", "baseline report.json --no-config -q -o other.json")
    yield Case("compare_quiet", "compare report.json report.json -q -o told.json")


@group
def errors(program: Program) -> Iterator[Case]:
    """What a user did, and is told: the message and the exit code."""
    for name, line in {
        "verb": "audti x.npy",
        "option": f"audit {XY} --metrc l2",
        "no_set": "audit",
        "two_sets": "audit x.npy y.npy",
        "metric": f"audit {XY} --metric dot",
        "margin": f"audit {XY} --margin -1",
        "batch": f"audit {XY} --batch 4",
        "measure": f"audit {XY} --measures precision_at1",
        "gate_id": f"audit {XY} --gate 'diso <= 1'",
        "gate_rule": f"audit {XY} --gate 'd_iso <'",
        "preset": f"audit {XY} --gate recomended",
        "output": f"audit {XY} -o report.jsn",
        "output_folder": f"audit {XY} -o nowhere/report.json",
        "format": f"audit {XY} --format pdf",
        "budget": f"audit {XY} --memory-budget much",
        "over_budget": f"audit {LARGE} --memory-budget 4M",
        "sample": f"audit {XY} --sample 1",
        "effort": f"audit {XY} --effort 9",
        "drop": f"audit {XY} --drop zeros",
        "missing": "audit nowhere.npy --labels y.npy",
        "labels_missing": "audit x.npy",
        "labels_short": "audit x.npy --labels bad/short.npy",
        "labels_levels": "audit x.npy --labels bad/levels.npy",
        "one_class": "audit x.npy --labels bad/one_class.npy",
        "all_alone": "audit x.npy --labels bad/alone.npy",
        "label_column": "audit wide.parquet --label-column taget",
        "unlike": "audit bad/unlike.parquet",
        "two_columns": "audit bad/two.parquet",
        "join": "audit ids.parquet --labels bad/twice.csv --join id",
        "join_column": "audit ids.parquet --labels y.csv --join name",
        "gallery_labels": f"audit {XY} --gallery gallery.npy",
        "gallery_narrow": f"audit {XY} --gallery bad/narrow.npy --gallery-labels y.npy",
        "zeros_cosine": "audit bad/zeros.npy --labels y.npy --metric cosine",
        "no_labels_gate": "audit x.npy --no-labels --gate 'precision_at_1 >= 0.5'",
        "no_labels_labels": "audit x.npy --labels y.npy --no-labels",
        "configuration": f"audit {XY} --config bad/unknown.toml",
        "configuration_syntax": f"audit {XY} --config bad/broken.toml",
        "configuration_both": f"audit {XY} --config gate.toml --no-config",
        "workers_gallery": f"audit {SETS} --workers 2",
        "scheduler": f"audit {XY} --scheduler nowhere",
        "baseline": f"audit {XY} --baseline bad/no.json",
        "report_version": "compare bad/report.json bad/report.json",
        "report_broken": "compare bad/no.json bad/report.json",
        "baseline_nowhere": "baseline bad/report.json",
        "topic": "explain violated_triplet",
        "topic_all": "explain d_iso --all",
        "topic_none": "explain --format markdown",
        "document": "schema reports",
        "shape": "doctor 128 --metric l2 --threads 1 --memory-budget 2G --format json",
        "batches": f"forecast {XY} --batch 4",
        "mode": f"mine {XY} --mode semihard",
        "negatives": f"mine {XY} --per-anchor 0",
        "mined_suffix": f"mine {XY} -o triplets.csv",
        "rows_without_labels": "audit x.npy --no-labels -o anchors.parquet",
        "band": f"mine {XY} --mode percentile --band 30:10",
        "trend_alone": "trend x.npy --labels y.npy",
        "trend_kinds": "trend x.npy bad/narrow.npy bad/flat.npy --labels y.npy --no-cache",
    }.items():
        yield Case(name, line)
    for name in ("nan", "flat", "cube", "object", "text", "none", "cut"):
        yield Case(f"array_{name}", f"audit bad/{name}.npy --labels y.npy")
    for suffix in ("pt", "pkl", "csv", "h5", "npy.gz", "xyz"):
        yield Case(f"file_{suffix}", f"audit bad/e.{suffix} --labels y.npy")
