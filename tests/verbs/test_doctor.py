"""What embaudit finds where it runs: each problem where it is one, and its remedy."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from embaudit.cli import app
from embaudit.core.package_extras import CORE, EXTRAS
from embaudit.errors import UsageError
from embaudit.report.doctor_report import BlasLibrary
from embaudit.settings.settings import Settings, settings_of
from embaudit.verbs import blas as libraries
from embaudit.verbs import doctor as looked
from embaudit.verbs.doctor import doctor

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OF_DEVELOPERS = {"test", "notebook", "fuzz", "bench", "dev"}


def name_of(requirement):
    return re.match(r"[\w-]+", requirement)[0]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A processor with AVX-512 in no container, and an environment that says nothing."""
    for name in (libraries.CORETYPE, *libraries.FEWER):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(libraries, "CPU", tmp_path / "cpuinfo")
    monkeypatch.setattr(looked, "QUOTA", tmp_path / "cpu.max")
    (tmp_path / "cpuinfo").write_text("processor : 0\nflags\t\t: fpu avx2 avx512f\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    return tmp_path


def blas(of="FAISS", architecture="SkylakeX", threads=2, name="openblas"):
    return BlasLibrary(of, name, "0.3", architecture, threads)


def told(*found, threads=2):
    return [(one.id, one.remedy) for one in libraries.blas_troubles(found, threads)]


def test_kernels_without_avx_512_are_told_where_the_processor_has_it(machine, monkeypatch):
    ((id, remedy),) = told(blas(architecture="Zen"), blas("numpy"))
    assert (id, remedy.split(",")[0]) == ("blas_kernels", "export OPENBLAS_CORETYPE=SkylakeX")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    assert told(blas("numpy", "Haswell")) == [("blas_kernels", "unset OPENBLAS_CORETYPE")]
    assert told(blas(architecture=None), blas("numpy", "Zen", name="mkl")) == []
    (machine / "cpuinfo").write_text("flags : fpu avx2\n")
    assert told(blas(architecture="Haswell")) == []


def test_a_product_of_no_pairs_takes_no_time_and_one_of_some_does():
    assert libraries.product_seconds(0, 8, 1) == 0
    assert libraries.product_seconds(1e9, 5000, 2) > 0


def test_few_threads_of_faiss_are_told_with_what_said_so(machine, monkeypatch):
    assert told(blas(threads=1)) == [("blas_threads", "export OPENBLAS_NUM_THREADS=2")]
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert told(blas(threads=1)) == [("blas_threads", "unset OMP_NUM_THREADS")]
    assert told(blas(threads=1), threads=1) == []
    assert told(blas("numpy", threads=1)) == []  # which an audit gives one thread itself


def test_a_container_that_may_use_less_than_it_sees_is_told(machine):
    assert not [*looked._of_processors(64)]
    (machine / "cpu.max").write_text("250000 100000\n")
    (found,) = looked._of_processors(64)
    assert "2.5 of them" in found.cause
    assert "--threads 2:" in found.remedy
    assert not [*looked._of_processors(2)]


def test_text_that_is_not_utf_8_is_told():
    assert [one.id for one in looked._of_text("ascii")] == ["no_utf8"]
    assert not [*looked._of_text("utf-8")]
    assert not [*looked._of_text("UTF8")]


def ids(seen):
    return {one.id for one in seen.problems}


def test_a_shape_is_costed_and_one_that_would_be_refused_is_a_problem(machine):
    small = doctor("1_000x8", Settings()).cost
    large = doctor("1,000,000 X 8", Settings()).cost
    assert (small.rows, small.dim, small.search) == (1000, 8, "exact")
    assert small.memory < large.memory
    assert small.seconds < large.seconds
    refused = doctor("1000000x1000", settings_of(memory_budget="64M"))
    assert (refused.cost.memory, refused.cost.seconds) == (None, None)
    assert ids(refused) >= {"over_budget", "little_memory"}
    assert "over_budget" not in ids(doctor("1000x8", Settings()))
    assert doctor(None, Settings()).cost is None


@pytest.mark.parametrize("wrong", ["", "128", "0x128", "5x0", "ax3", "1e6x128", "3x4x5", "-1x3"])
def test_what_is_no_shape_is_told(wrong):
    with pytest.raises(UsageError, match="Cannot read the shape"):
        doctor(wrong, Settings())


MODULES = {"pylance": "lance"}  # of distributions that are called otherwise


def test_it_names_what_the_project_depends_on_and_its_extras():
    assert sorted(CORE) == sorted(map(name_of, PROJECT["dependencies"]))
    optional = PROJECT["optional-dependencies"]
    assert {one.name for one in EXTRAS} == optional.keys() - OF_DEVELOPERS
    for one in EXTRAS:
        named = (MODULES.get(name, name) for name in map(name_of, optional[one.name]))
        assert sorted(one.modules) == sorted(named)


def test_the_command_tells_it_to_people_and_to_programs():
    done = CliRunner().invoke(app, ["doctor", "100000x64", "--format", "json"])
    seen = json.loads(done.stdout)
    assert done.exit_code == 0
    assert seen["libraries"].keys() == set(CORE)
    assert {one["of"] for one in seen["blas"]} >= {"numpy", "FAISS"}
    assert [one["install"] for one in seen["extras"] if one["name"] == "report"] == [
        "In the checkout of embaudit: pip install '.[report]'"
    ]
    shown = CliRunner().invoke(app, ["doctor", "100000x64"])
    assert shown.exit_code == 0
    assert "100,000 rows x 64 dims" in shown.stdout
    assert all(one["remedy"].split(",")[0] in shown.stdout for one in seen["problems"])


def test_extras_that_are_not_there_are_told_with_the_line_that_installs_them(monkeypatch):
    monkeypatch.setattr("embaudit.core.package_extras.find_spec", lambda name: None)
    seen = doctor(None, Settings())
    assert not any(one.installed for one in seen.extras)
