"""Measures and findings of other packages: as good as ours, and never a traceback."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import tomllib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.errors import PluginWarning
from embaudit.evidence import Evidence, EvidenceOptions
from embaudit.findings.added_findings import findings_of_packages
from embaudit.measures.added_measures import measures_of_packages
from embaudit.verbs.explain import schema_of

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = Path(__file__).parent / "example_package"
MEASURE, FINDING = "x-example-length-spread", "x-example-rectified"
RNG = np.random.default_rng(0)
Y = np.repeat(np.arange(4), 12)
X = np.maximum(RNG.normal(size=(4, 8))[Y] * 2 + 0.3 * RNG.normal(size=(48, 8)), 0)  # after a ReLU
X[:, 0] += 1  # no row of zeros


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Inputs, and what is written from them."""
    at = tmp_path_factory.mktemp("plugins")
    np.save(at / "labels.npy", Y)
    for step in (1, 2):
        np.save(at / f"step{step}.npy", X / step)
    return at


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder into which the example is installed: by pip, where what builds it is there."""
    at = tmp_path_factory.mktemp("site")
    if find_spec("hatchling") and find_spec("pip"):
        options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
        command = [sys.executable, "-m", "pip", "install", *options, "--target", at, EXAMPLE]
        subprocess.run(command, check=True, capture_output=True)
        return at
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    points = {
        group.removeprefix("embaudit."): own["example"].partition(":")[2]
        for group, own in project["entry-points"].items()
    }
    installed(at, project["name"], "", **points)
    shutil.copy(EXAMPLE / "embaudit_example.py", at)
    return at


def run(site, folder, *words):
    """The command line where the packages of a folder are installed."""
    path = os.pathsep.join([str(site), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "embaudit", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def audited(site, folder):
    """An audit with the example, its gate on both."""
    rules = ["--gate", f"{MEASURE} <= 0.001", "--gate", f"no finding {FINDING}"]
    outputs = ["-o", "report.json", "-o", "report.md"]
    words = ["audit", "step1.npy", "--labels", "labels.npy", *rules, *outputs]
    return run(site, folder, *words)


def test_both_are_in_the_report_the_gate_and_what_people_read(audited, folder):
    report = json.loads((folder / "report.json").read_text())
    lengths = np.linalg.norm(X, axis=1)
    assert report["measures"][MEASURE]["value"] == pytest.approx(lengths.std() / lengths.mean())
    assert FINDING in [one["id"] for one in report["diagnosis"]["findings"]]
    rules = {rule["rule"]: rule["status"] for rule in report["gate"]["rules"]}
    assert rules == {f"{MEASURE} <= 0.001": "fail", f"no finding {FINDING}": "fail"}
    assert report["environment"]["plugins"] == {"embaudit-example": "1.0"}
    assert (audited.returncode, "Traceback" in audited.stderr) == (1, False)
    assert "Values after a ReLU" in (folder / "report.md").read_text()
    assert MEASURE in (folder / "report.md").read_text()


@pytest.mark.thorough
def test_both_are_on_the_page(site, folder):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    done = run(site, folder, "audit", "step1.npy", "--labels", "labels.npy", "-q", "-o", "r.html")
    page = (folder / "r.html").read_text()
    assert (done.returncode, done.stderr) == (0, "")
    assert "Spread of lengths" in page
    assert "o value is negative" in page


@pytest.mark.thorough
def test_both_are_explained(site, folder):
    measure = run(site, folder, "explain", MEASURE)
    assert "std(|x|) / mean(|x|)" in measure.stdout
    assert "before the last ReLU" in run(site, folder, "explain", FINDING).stdout


@pytest.mark.thorough
def test_a_trend_follows_the_measure(site, folder):
    words = ["trend", "step1.npy", "step2.npy", "--labels", "labels.npy", "--no-cache"]
    done = run(site, folder, *words, "--measures", MEASURE, "-q", "-o", "trend.json")
    assert (done.returncode, done.stderr) == (0, "")
    trend = json.loads((folder / "trend.json").read_text())
    values = [one["measures"][MEASURE]["value"] for one in trend["checkpoints"]]
    assert values[0] == pytest.approx(values[1])
    assert all(FINDING in one["faults"] for one in trend["checkpoints"])


def test_the_schema_names_the_measure_where_it_is_installed(site, folder):
    schema = json.loads(run(site, folder, "schema").stdout)
    described = schema["properties"]["measures"]["properties"][MEASURE]["description"]
    assert described.startswith("Spread of lengths: std(|x|) / mean(|x|)")


def test_a_report_is_sound_where_the_package_is_not_installed(audited, folder):
    """By the schema, for comparisons, and as it is shown."""
    jsonschema = pytest.importorskip("jsonschema")
    path = folder / "report.json"
    jsonschema.validate(json.loads(path.read_text()), json.loads(schema_of("report")))
    found = embaudit.compare(path, path)
    assert MEASURE in found.measures
    assert repr(found)
    strange = json.loads(path.read_text())
    strange["measures"]["not_ours"] = strange["measures"].pop(MEASURE)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(strange, json.loads(schema_of("report")))


def installed(at, package, code, **groups):
    """A package as pip would leave it: a module, and metadata that name its entry points."""
    module = package.replace("-", "_")
    (at / f"{module}.py").write_text(textwrap.dedent(code))
    metadata = at / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    points = [f"[embaudit.{group}]\none = {module}:{name}" for group, name in groups.items()]
    (metadata / "entry_points.txt").write_text("\n".join(points))


SPEC = """
    from dataclasses import replace
    from embaudit import Estimate, FindingSpec, Found, Measure, exact
    from embaudit_example import FINDING, MEASURES
    import numpy as np
    ONE, TWO = MEASURES[0], FINDING
"""
BROKEN = {  # a package, what it has, and what is said
    "no-module": ("measures", "raise ImportError('no torch here')", "no torch here"),
    "leaves": ("measures", "raise SystemExit(3)", "SystemExit"),
    "no-name": ("findings", "", "AttributeError"),
    "no-measure": ("measures", "THING = 3", "int, and no embaudit.Measure"),
    "no-finding": ("findings", SPEC + "    THING = ONE", "Measure, and no embaudit.FindingSpec"),
    "our-id": ("measures", SPEC + "    THING = replace(ONE, id='d_iso')", "ids of packages are x-"),
    "no-text": ("measures", SPEC + "    THING = replace(ONE, title=3)", "title is no text"),
    "no-unit": ("measures", SPEC + "    THING = replace(ONE, unit='kg')", "unit is none of"),
    "no-preset": (
        "measures",
        SPEC + "    THING = replace(ONE, presets={'most'})",
        "presets are a set of",
    ),
    "no-mark": ("findings", SPEC + "    THING = replace(TWO, mark='awful')", "mark is none of"),
    "a-twin": ("findings", SPEC + "    THING = [TWO, TWO]", "already"),
}


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A folder of packages that are importable, the example among them, but not its metadata."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize("package", BROKEN)
def test_a_broken_package_is_one_warning_that_names_it(package, beside):
    group, code, said = BROKEN[package]
    installed(beside, package, code, **{group: "THING"})
    look = {"measures": measures_of_packages, "findings": findings_of_packages}[group]
    with pytest.warns(PluginWarning) as warned:
        assert len(list(look())) == (package == "a-twin")
    (message,) = [str(one.message) for one in warned]
    assert message.startswith(f"the package {package} 1.0 is left out: ")
    assert said in message


def evidence():
    return Evidence(EmbeddingSet.from_arrays(X, Y.tolist()), EvidenceOptions())


FAILING = {  # what compute or check gives
    "raises": "1 / 0",
    "of another type": "'much'",
    "not a number": "exact(float('nan'))",
    "no fraction": "exact(1.5)",
    "out of its interval": "Estimate('certified', 0.5, 0.6, 0.7)",
    "no json": "Found('x', {'rows': object()})",
    "nan in evidence": "Found('x', {'share': float('nan')})",
    "a headline of bytes": "Found(b'x', {})",
    "a strange mark": "Found('x', {}, mark='awful')",
}


@pytest.mark.parametrize("kind", FAILING)
def test_code_that_fails_costs_its_own_figure_alone(kind, beside):
    answer = f"lambda evidence: {FAILING[kind]}"
    code = SPEC + (
        f"    M = replace(ONE, unit='fraction', compute={answer})\n"
        f"    F = replace(TWO, check={answer})\n"
    )
    installed(beside, "failing", code, measures="M", findings="F")
    (measure,), (finding,) = list(measures_of_packages()), list(findings_of_packages())
    with pytest.warns(PluginWarning, match=f"{MEASURE} of the package failing 1.0 failed: "):
        told = measure.of(evidence())
    assert told.kind == "undefined"
    assert "failing 1.0" in told.reason
    with pytest.warns(PluginWarning, match=f"{FINDING} of the package failing 1.0 failed: "):
        assert finding.of(evidence()) is None


def test_numbers_of_numpy_are_numbers(beside):
    code = SPEC + "    v = np.float32(0.5)\n"
    code += "    M = replace(ONE, compute=lambda e: Estimate('exact', v, v, v))\n"
    installed(beside, "numpys", code, measures="M")
    (measure,) = measures_of_packages()
    assert type(measure.of(evidence()).value) is float


@pytest.mark.thorough
def test_a_broken_package_spoils_no_audit_and_is_not_looked_for_in_vain(folder, tmp_path):
    installed(tmp_path, "broken", "raise RuntimeError('on\\nlines')", measures="A", findings="B")
    done = run(tmp_path, folder, "audit", "step1.npy", "--labels", "labels.npy", "-q")
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert [line.startswith("warning: the package broken 1.0") for line in lines] == [True, True]
    for words in (["--help"], ["audit", "--help"], ["--version"]):
        assert run(tmp_path, folder, *words).stderr == ""


def test_no_entry_point_is_looked_up_before_measures_are_needed():
    code = """
    import sys, embaudit, embaudit.cli
    from embaudit import Measure, FindingSpec
    import embaudit.measures, embaudit.findings
    print("embaudit.measures.added_measures" in sys.modules)
    from embaudit.measures import MEASURES
    print("embaudit.measures.added_measures" in sys.modules)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "True"]
