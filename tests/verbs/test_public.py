"""What a caller of Python has: the verbs, reports as tables, and types that are shipped."""

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import embaudit
from embaudit.cli import app
from embaudit.errors import InputRefused, UsageError
from embaudit.report import Report

RNG = np.random.default_rng(0)
Y = np.repeat(np.arange(6), 10)
X = RNG.normal(size=(6, 8))[Y] * 2 + RNG.normal(size=(60, 8)) * 0.5
REPORT = embaudit.audit(X, Y)
OTHER = embaudit.audit(X + 0.1 * RNG.normal(size=X.shape), Y)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two checkpoints, their audits, and the tables of anchors beside them."""
    at = tmp_path_factory.mktemp("public")
    np.save(at / "y.npy", Y)
    for name, values in (("step1", X), ("step2", X / 2)):
        np.save(at / f"{name}.npy", values)
        outputs = [at / f"{name}.json", at / f"{name}.parquet"]
        command = ["audit", str(at / f"{name}.npy"), "--labels", str(at / "y.npy"), "-q"]
        command += [word for path in outputs for word in ("-o", str(path))]
        assert CliRunner().invoke(app, command).exit_code == 0
    return at


def test_anchors_are_those_of_the_file(folder):
    report = embaudit.audit(folder / "step1.npy", folder / "y.npy")
    assert report.anchors().equals(pq.read_table(folder / "step1.parquet"))
    assert report.anchors().schema.metadata[b"embaudit.run_id"].decode() == report.run_id


def test_anchors_of_a_gallery_and_of_a_sample():
    report = embaudit.audit(X, Y, gallery=X[::2] + 1, gallery_labels=Y[::2], sample=24)
    assert len(report.anchors()) == report.data.anchors == 24
    assert max(report.anchors()["nearest_positive"].to_pylist()) < 30


def test_a_report_without_anchors_says_so():
    read_back = Report.model_validate_json(REPORT.to_json())
    bare = embaudit.audit(X, no_labels=True, measures="rankme")
    for report in (read_back, bare):
        with pytest.raises(UsageError, match="has no anchors"):
            report.anchors()


def test_anchors_are_no_part_of_what_a_report_says():
    read_back = Report.model_validate_json(REPORT.to_json())
    assert read_back == REPORT
    assert "_anchors" not in REPORT.model_dump()
    assert REPORT.acknowledging(["singleton_classes"]).anchors().equals(REPORT.anchors())


def test_a_report_is_a_table_of_its_measures():
    table = pa.table(REPORT)
    assert table["measure"].to_pylist() == list(REPORT.measures)
    for row in table.to_pylist():
        told = REPORT.measures[row.pop("measure")].model_dump()
        assert row == told
    assert REPORT.to_arrow().equals(table)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_report_is_a_frame(library):
    pytest.importorskip(library)
    frame = getattr(REPORT, f"to_{library}")()
    assert list(frame["measure"]) == list(REPORT.measures)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_missing_is_named(library, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(UsageError, match=f"pip install {library}"):
        getattr(REPORT, f"to_{library}")()


def test_triplets_and_projections_are_tables():
    mined, projected = embaudit.mine(X, Y), embaudit.project(X, Y)
    assert len(pa.table(mined)) == len(mined.rows)
    assert pa.table(projected)["row"].to_pylist() == projected.rows.tolist()


def told(comparison):
    """What two comparisons share that were given the same reports in another way."""
    return [one.model_dump(exclude={"path"}) for one in comparison.against_first]


def test_reports_are_compared_from_files_and_from_memory(folder):
    paths = [folder / "step1.json", folder / "step2.json"]
    of_paths = embaudit.compare(*paths)
    assert of_paths == embaudit.compare(paths)
    held = [embaudit.audit(folder / f"{n}.npy", folder / "y.npy") for n in ("step1", "step2")]
    of_reports = embaudit.compare(*held)
    assert told(of_reports) == told(of_paths)
    assert of_reports.against_first[0].anchors is not None  # by the tables that they hold
    assert [one.path for one in of_reports.reports] == ["<report 1>", "<report 2>"]
    assert told(embaudit.compare(paths[0], held[1])) == told(of_paths)


def test_a_comparison_tells_what_cannot_be_compared():
    with pytest.raises(UsageError, match="nothing to compare"):
        embaudit.compare(REPORT)
    with pytest.raises(InputRefused, match="<report 2> cannot be compared with <report 1>"):
        embaudit.compare(REPORT, embaudit.audit(X[:50], Y[:50]))
    for wrong in (None, 3, X):
        with pytest.raises((UsageError, InputRefused)):
            embaudit.compare(REPORT, wrong)


def test_a_run_is_followed(folder, tmp_path):
    steps = [folder / "step2.npy", str(folder / "step1.npy")]
    found = embaudit.trend(steps, folder / "y.npy", measures="rankme", cache_dir=tmp_path / "kept")
    assert [one.name for one in found.checkpoints] == ["step1", "step2"]
    assert found.best == "step1"
    command = ["trend", *map(str, steps), "--labels", str(folder / "y.npy"), "--measures", "rankme"]
    command += ["--cache-dir", str(tmp_path / "kept"), "--format", "json"]
    shown = json.loads(CliRunner().invoke(app, command).stdout)
    assert all(one["cached"] for one in shown["checkpoints"])
    assert shown["run_id"] == found.run_id


def test_a_run_is_kept_nowhere_unasked(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    embaudit.trend(
        [folder / "step1.npy", folder / "step2.npy"], folder / "y.npy", measures="rankme"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["step*.npy", None, 3, Path("x"), ["one.npy"]])
def test_a_run_is_a_list_of_paths(wrong):
    with pytest.raises(UsageError):
        embaudit.trend(wrong)


def test_an_inspection_tells_and_does_not_raise(folder, capsys):
    seen = embaudit.inspect(folder / "step1.npy")
    assert any("no_labels=True" in problem for problem in seen.problems)
    sound = embaudit.inspect(folder / "step1.npy", folder / "y.npy", sample=30)
    assert (sound.problems, sound.rows, sound.dim) == ((), 60, 8)
    sound.show()
    assert "60 rows x 8 dims" in capsys.readouterr().out
    assert repr(sound).startswith("embaudit inspection")


def test_types_are_shipped():
    assert (Path(embaudit.__file__).parent / "py.typed").exists()


def test_every_public_name_is_on_the_page():
    page = (Path(embaudit.__file__).parent / "docs" / "python.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert told == set(embaudit.__all__)
