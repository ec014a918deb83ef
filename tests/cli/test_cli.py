"""The command line as a shell sees it: exit codes, streams and files."""

import json
import os
import re
import signal
import subprocess
import sys
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pytest

import embaudit as package
from embaudit.measures import MEASURES
from tests.combined import alternating, in_part
from tests.faults.process import AT_SEARCH, PATIENCE, injected, waited_for
from tests.faults.process import embaudit as command

QUICK = ("--measures", "violating_anchors", "--no-progress", "--threads", "1")
LARGE = ("--labels", "large_labels.npy", "-o", "report.json")
PASSING, FAILING = "violating_anchors <= 1", "violating_anchors > 1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Embeddings with their labels beside them: overlapping, and separated, and one-class."""
    folder = tmp_path_factory.mktemp("embeddings")
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 6
    np.save(folder / "overlapping.npy", rng.normal(size=(120, 8)).astype(np.float32))
    far = 100 * np.eye(6, 8)[labels] + rng.normal(size=(120, 8))
    np.save(folder / "separated.npy", far)
    np.save(folder / "labels.npy", labels)
    np.save(folder / "one_class.npy", np.zeros_like(labels))
    broken = rng.normal(size=(120, 8))
    broken[3, 4] = np.nan
    np.save(folder / "broken.npy", broken)
    return folder


def embaudit(folder, *arguments, path=(), **options):
    """Run `python -m embaudit` in a folder; `path` comes first on the module path."""
    if path:
        options["env"] = {"PYTHONPATH": os.pathsep.join(map(str, path))}
    return command(folder, *arguments, **options)


def environment(*first):
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, first), *sys.path])}


def piped(folder, arguments):
    """Run it into a reader that reads nothing; the exit code is embaudit's own."""
    command = f'"{sys.executable}" -m embaudit {arguments} | true; exit ${{PIPESTATUS[0]}}'
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True
    )


def audit(folder, *arguments, data="overlapping.npy", labels="labels.npy", **options):
    return embaudit(folder, "audit", data, "--labels", labels, *QUICK, *arguments, **options)


def told(done, code):
    """The run ended with that code, in words for people: no traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_0_finished(folder):
    done = audit(folder)
    told(done, 0)
    assert done.stdout


def test_0_every_rule_passed(folder):
    told(audit(folder, "--gate", PASSING, "--gate", "violating_anchors >= 0"), 0)


def test_1_a_rule_failed_and_the_report_was_written(folder, tmp_path):
    done = audit(folder, "--gate", PASSING, "--gate", FAILING, "-o", tmp_path / "report.json")
    told(done, 1)
    gate = json.loads((tmp_path / "report.json").read_text())["gate"]
    assert gate["verdict"] == "fail"
    assert [rule["status"] for rule in gate["rules"]] == ["pass", "fail"]


@pytest.mark.parametrize("rule", ["separation_margin >= 0", "separation_margin <= 1e9"])
def test_1_what_is_undefined_does_not_pass(folder, rule):
    is_undecided(audit(folder, "--gate", rule, "--format", "json"))


@pytest.mark.parametrize("operator", ["<=", ">="])
def test_1_a_limit_inside_a_certified_interval_does_not_pass(folder, operator):
    arrays = (np.load(folder / name) for name in ("overlapping.npy", "labels.npy"))
    known = package.audit(*arrays, measures="d_iso").measures["d_iso"]
    assert known.kind == "certified"
    is_undecided(audit(folder, "--gate", f"d_iso {operator} {known.value!r}", "--format", "json"))


def is_undecided(done):
    told(done, 1)
    (judged,) = json.loads(done.stdout)["gate"]["rules"]
    assert judged["status"] == "undecided"
    assert judged["remedy"]


def test_a_gate_makes_its_measure_computed(folder):
    done = audit(
        folder, "--gate", "separation_margin >= 1", "--format", "json", data="separated.npy"
    )
    told(done, 0)
    assert set(json.loads(done.stdout)["measures"]) == {"violating_anchors", "separation_margin"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-flag",),
        ("--metric", "manhattan"),
        ("--margin", "-1"),
        ("--margin", "nan"),
        ("--batch", "18"),
        ("--batch", "1x4"),
        ("--measures", "no_such_measure"),
        ("--gate", "no_such_measure <= 1"),
        ("--gate", "violating_anchors = 1"),
        ("--gate", "violating_anchors <= many"),
        ("--gate", "violating_anchors <= nan"),
        ("--threads", "0"),
        ("--seed", "-1"),
        ("--format", "yaml"),
        ("-o", "report.pdf"),
        ("-o", "report"),
    ],
    ids=" ".join,
)
def test_2_usage(folder, arguments):
    told(audit(folder, *arguments), 2)


def test_2_an_unknown_verb(folder):
    told(embaudit(folder, "adit", "overlapping.npy"), 2)


def test_2_nothing_asked(folder):
    assert embaudit(folder).returncode in (0, 2)  # help
    told(embaudit(folder, "audit"), 2)
    told(embaudit(folder, "explain", "no_such_measure"), 2)


def test_2_comes_before_any_reading(folder):
    told(audit(folder, "-o", "report.pdf", data="no_such_file.npy"), 2)


@pytest.mark.parametrize(
    ("data", "labels", "named"),
    [
        ("no_such_file.npy", "labels.npy", "no_such_file.npy"),
        ("broken.npy", "labels.npy", "NaN"),
        ("overlapping.npy", "one_class.npy", "one class"),
        ("labels.npy", "labels.npy", "2-D"),
    ],
)
def test_3_input_refused(folder, tmp_path, data, labels, named):
    done = audit(folder, "-o", tmp_path / "report.json", data=data, labels=labels)
    assert named in told(done, 3)
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_5_an_output_cannot_be_written(folder, tmp_path):
    told(audit(folder, "-o", tmp_path / "no_such_folder" / "report.json"), 5)
    (tmp_path / "taken.json").mkdir()
    told(audit(folder, "-o", tmp_path / "taken.json"), 5)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
@pytest.mark.parametrize("arguments", [("--gate", PASSING), ("--gate", FAILING)], ids=" ".join)
def test_5_standard_output_is_full(folder, arguments):
    with open("/dev/full", "w") as full:
        told(audit(folder, *arguments, stdout=full), 5)


@pytest.mark.parametrize(
    ("module", "problem"),
    in_part(
        alternating(
            ("pydantic", "numpy", "typer", "threadpoolctl"),
            ("raise ImportError('broken')", "raise OSError('no libgomp')"),
        )
    ),
)
def test_70_a_dependency_cannot_be_imported(folder, tmp_path, module, problem):
    (tmp_path / f"{module}.py").write_text(problem)
    done = audit(folder, "--gate", PASSING, path=[tmp_path])
    assert done.returncode == 70, done.stderr
    assert module in done.stderr or "broken" in done.stderr or "libgomp" in done.stderr


@pytest.mark.parametrize("problem", in_part(["raise ImportError('broken')", "raise OSError('no')"]))
def test_70_faiss_cannot_be_imported_once_a_search_asks_it(folder, tmp_path, problem):
    (tmp_path / "faiss.py").write_text(problem)
    np.save(tmp_path / "many.npy", np.random.default_rng(0).normal(size=(1600, 4)))
    np.save(tmp_path / "labels.npy", np.arange(1600) % 6)
    done = audit(tmp_path, data="many.npy", path=[tmp_path])
    assert done.returncode == 70, done.stderr
    assert "broken" in done.stderr or "OSError: no" in done.stderr
    told(audit(folder, path=[tmp_path]), 0)  # of a small set none does


def test_70_a_defect(folder):
    broken = (
        "import embaudit.evidence as e\n"
        "def broken(self): raise ZeroDivisionError('a defect')\n"
        "e.Evidence.anchors = property(broken)\n"
    )
    done = audit(folder, "--gate", PASSING, before=broken)
    assert done.returncode == 70, done.stderr
    assert "a defect" in done.stderr


@pytest.mark.parametrize(
    ("format", "rule"),
    in_part(alternating(("text", "json", "markdown", "github"), (PASSING, FAILING))),
)
def test_a_reader_that_stops_early_keeps_the_exit_code(folder, rule, format):
    done = piped(
        folder,
        f"audit overlapping.npy --labels labels.npy {' '.join(QUICK)} "
        f"--format {format} --gate '{rule}'",
    )
    assert done.returncode == (rule == FAILING), done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("arguments", [("explain",), ("schema",), ("audit", "--help")])
def test_help_into_a_closed_pipe_is_no_gate_failure(folder, arguments):
    done = piped(folder, " ".join(arguments))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_signals(tmp_path, tmp_path_factory, name, code):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "large.npy", rng.normal(size=(40_000, 64)))
    np.save(tmp_path / "large_labels.npy", np.arange(40_000) % 20)
    beside = tmp_path_factory.mktemp("beside")
    started = beside / "started"
    process = subprocess.Popen(
        [sys.executable, "-m", "embaudit", "audit", "large.npy", *LARGE],
        cwd=tmp_path,
        env=environment(injected(beside, AT_SEARCH.format(started=str(started)))["PYTHONPATH"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    waited_for(started, process)
    process.send_signal(getattr(signal, name))
    _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, error.decode()
    assert {path.name for path in tmp_path.iterdir()} == {"large.npy", "large_labels.npy"}


@pytest.fixture(scope="module")
def schema(folder):
    done = embaudit(folder, "schema")
    told(done, 0)
    return json.loads(done.stdout)


def test_the_schema_is_one_and_describes_every_measure(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    described = schema["properties"]["measures"]["properties"]
    assert list(described) == [measure.id for measure in MEASURES]
    assert all(entry["description"].strip() for entry in described.values())


@pytest.mark.parametrize("data", ["overlapping.npy", "separated.npy"])
def test_every_report_follows_the_schema(folder, schema, tmp_path, data):
    done = embaudit(
        folder,
        "audit",
        data,
        "--labels",
        "labels.npy",
        "--measures",
        "all",
        "--format",
        "json",
        "--margin",
        "0.2",
        "--batch",
        "6x4",
        "--gate",
        "d_iso <= 1",
        "-o",
        tmp_path / "report.json",
    )
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)
    assert list(report["measures"]) == list(schema["properties"]["measures"]["properties"])
    assert set(report) == set(schema["properties"])
    assert json.loads((tmp_path / "report.json").read_text()) == report
    assert "NaN" not in done.stdout
    assert "Infinity" not in done.stdout


def test_results_and_chatter_keep_to_their_streams(folder):
    done = audit(folder, "--format", "json", "-v")
    told(done, 0)
    json.loads(done.stdout)


@pytest.mark.parametrize("verb", in_part(["audit", "forecast", "mine", "project"]))
def test_verbose_tells_the_time_of_every_stage(folder, tmp_path, verb):
    written = tmp_path / "written.json"
    arguments = ("overlapping.npy", "--labels", "labels.npy", "-q", "-v", "-o", written)
    done = embaudit(folder, verb, *arguments)
    (line,) = [one for one in told(done, 0).splitlines() if one.startswith("time: ")]
    stages = re.findall(r"([a-z]+) \d+\.\d\d s", line)
    assert stages == ["reading", *json.loads(written.read_text())["timing"], "writing"]


def test_verbose_names_each_blas_and_what_its_products_alone_would_take(folder):
    said = told(audit(folder, "-v"), 0)
    (libraries,) = re.findall("^BLAS: (.*)$", said, re.MULTILINE)
    assert {"numpy", "FAISS"} <= {one.split()[0] for one in libraries.split("; ")}
    ((scan, alone),) = re.findall(r"^scan: (\S+) s; the products .*: (\S+) s$", said, re.MULTILINE)
    assert float(scan) > 0
    assert float(alone) >= 0
    assert "BLAS" not in told(audit(folder), 0)


def test_quiet_says_nothing_but_a_failed_gate(folder):
    silent = audit(folder, "-q")
    told(silent, 0)
    assert silent.stdout + silent.stderr == ""
    failed = audit(folder, "-q", "--gate", FAILING)
    told(failed, 1)
    assert "violating_anchors" in failed.stdout


@pytest.mark.parametrize(("rule", "code"), [(PASSING, 0), (FAILING, 1)])
def test_junit_and_annotations_say_what_the_exit_code_says(folder, tmp_path, rule, code):
    junit = tmp_path / "report.xml"
    done = audit(folder, "--gate", rule, "--format", "github", "-o", junit)
    refused = f"gate failed: {rule} (observed" if code else ""
    assert told(done, code).startswith(refused)
    *failed, state = done.stdout.splitlines()
    assert state.startswith("::warning title=embaudit::COLLAPSED: ")  # of noise
    assert len(failed) == code
    assert all(line.startswith("::error title=Gate%3A violating") for line in failed)
    suite = ElementTree.parse(junit).find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("1", str(code))
    quiet = audit(folder, "--gate", rule, "--format", "github", "-q")
    assert (told(quiet, code), quiet.stdout) == (told(done, code), done.stdout)


def test_of_a_set_that_is_well_one_notice_says_so(folder):
    options = ("--gate", PASSING, "--format", "github")
    done = audit(folder, *options, data="separated.npy")
    assert told(done, 0) == ""
    assert done.stdout.startswith("::notice title=embaudit::HEALTHY: ")
    assert audit(folder, *options, "-q", data="separated.npy").stdout == ""


def test_a_label_is_no_workflow_command(folder, tmp_path):
    worst = "a\n::stop-commands::x%0A##[error]"
    np.save(tmp_path / "labels.npy", np.where(np.load(folder / "labels.npy") == 0, "b", worst))
    limit = ("--gate", "worst_class.violating_anchors <= 0")
    done = audit(
        folder, *limit, "--format", "github", labels=tmp_path / "labels.npy", data="separated.npy"
    )
    told(done, 1)
    (line,) = done.stdout.splitlines()
    assert line.startswith("::error title=Gate%3A worst_class.violating_anchors <= 0::Failed: ")


def test_what_programs_read_is_utf_8_whatever_the_locale(folder, tmp_path):
    page = tmp_path / "report.md"
    ascii_only = {**environment(), "PYTHONIOENCODING": "ascii"}
    done = audit(folder, "--format", "markdown", "-o", page, text=False, env=ascii_only)
    assert done.returncode == 0, done.stderr
    assert done.stdout == page.read_bytes()
    assert not done.stdout.isascii()


@pytest.mark.parametrize("verb", ["forecast", "mine", "project"])
def test_2_annotations_are_of_an_audit(folder, verb):
    done = embaudit(folder, verb, "overlapping.npy", "--format", "github")
    assert "github" in told(done, 2)


def test_explain_knows_every_measure(folder):
    listed = embaudit(folder, "explain")
    told(listed, 0)
    assert all(measure.id in listed.stdout for measure in MEASURES)
    one = embaudit(folder, "explain", "d_iso")
    told(one, 0)
    assert "Definition 4" in one.stdout


def test_version(folder):
    done = embaudit(folder, "--version")
    told(done, 0)
    assert package.__version__ in done.stdout


def test_the_cli_is_a_caller_of_the_api(folder):
    done = audit(folder, "--format", "json", "--seed", "3")
    report = package.audit(
        np.load(folder / "overlapping.npy"),
        np.load(folder / "labels.npy"),
        measures="violating_anchors",
        seed=3,
    )
    ours, theirs = json.loads(done.stdout), json.loads(report.to_json())
    for part in ("measures", "classes", "hardest_triplets", "collapse", "data", "forecast"):
        assert ours[part] == theirs[part]
