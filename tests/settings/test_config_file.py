"""embaudit.toml and [tool.embaudit]: found upward, checked as a whole, overridden by flags."""

import json
import os

import numpy as np
import pytest
from typer.testing import CliRunner

from embaudit.cli import app
from embaudit.errors import UsageError
from embaudit.settings.config_file import Configuration, configuration_from
from embaudit.settings.settings import settings_of
from tests.combined import in_part

RULES = """
[gate.violated_triplets]
max = 0.05
max_increase = "5%"
level = "warn"
[gate.precision_at_1]
min = 0.9
max_decrease = 0.01
[gate.worst_class.violated_triplets]
max = 0.3
[gate.collapse_state]
max = "none"
"""


HUGE = "0x" + "f" * 5000  # Python reads it, but does not write it
HOSTILE = [
    pytest.param(*case, id=name)
    for name, case in {
        "open brackets": ("a = " + "[" * 50_000, "nested more than"),
        "nested lists": ("metric = " + "[" * 80 + "]" * 80, "metric: "),
        "long dotted key": (".".join("a" * 3000) + " = 1", "nested more than"),
        "very long dotted key": (".".join("a" * 200_000) + " = 1", "nested more than"),
        "long quoted key": ("metric." + " . ".join(["'a'", '"a.b"'] * 30) + " = 1", "nested more"),
        "long table name": ("[" + ".".join("a" * 3000) + "]", "nested more than"),
        "digits": ("seed = " + "9" * 5000, "thousands of digits"),
        "hexadecimal text": (f"metric = {HUGE}", "metric: a huge int"),
        "hexadecimal limit": (f"[gate.d_iso]\nmax = {HUGE}", "gate.d_iso.max: "),
        "hexadecimal in a list": (f"measures = [{HUGE}]", "measures: "),
        "hexadecimal preset": (f"[gate]\npreset = {HUGE}", "gate.preset: "),
        "many keys": ("\n".join(f"a{n} = 1" for n in range(9000)), "*: 8980 more keys are unknown"),
    }.items()
]
VAST = {  # the file is sound, the option is not
    "seed": (HUGE, 2**64),
    "threads": (HUGE, 10**30),
    "sample": (HUGE, 10**30),
    "effort": (HUGE, 7),
    "margin": (HUGE, 1e308),
    "memory_budget": ("'999999999999999T'", "'99999T'"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 6
    np.save(tmp_path / "e.npy", (3 * np.eye(6, 8)[labels] + rng.normal(size=(60, 8))))
    np.save(tmp_path / "y.npy", labels)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(folder, text, name="embaudit.toml"):
    (folder / name).write_text(text)
    return configuration_from(None, folder)


def audit(*arguments):
    return CliRunner().invoke(
        app, ["audit", "e.npy", "--threads", "1", "--measures", "violating_anchors", *arguments]
    )


def report(*arguments):
    done = audit("--format", "json", *arguments)
    return json.loads(done.stdout)


def test_paths_are_seen_from_the_file_and_addresses_from_anywhere(folder):
    for written, found in (
        ("y.npy", str(folder / "y.npy")),
        ("/data/y.npy", "/data/y.npy"),
        ("file:///data/a%20b.npy", "/data/a b.npy"),
        ("s3://bucket/y.npy?region=eu", "s3://bucket/y.npy?region=eu"),
    ):
        values = read(folder, f"labels = '{written}'\nbaseline = '{written}'").values
        assert values == {"labels": found, "baseline": found}


def test_gate_tables_are_gate_expressions(folder):
    found = read(folder, "[gate]\npreset = 'strict'\n" + RULES)
    assert found.gate == (
        "strict",
        "warn: violated_triplets <= 0.05",
        "warn: violated_triplets increase <= 5%",
        "precision_at_1 >= 0.9",
        "precision_at_1 decrease <= 0.01",
        "worst_class.violated_triplets <= 0.3",
        "collapse_state <= none",
    )


def test_gate_tables_of_classes_are_gate_expressions(folder):
    text = """
[gate.worst_class.precision_at_1]
min = 0.5
[gate.class."a b".r_precision]
min = 0.25
level = "warn"
[gate.class.'say "x"'.map_at_r]
min = 0.125
"""
    assert read(folder, text).gate == (
        "worst_class.precision_at_1 >= 0.5",
        'warn: r_precision of class "a b" >= 0.25',
        "map_at_r of class 'say \"x\"' >= 0.125",
    )


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_it_is_found_upward_and_the_nearest_counts(folder, depth):
    below = folder.joinpath(*"abc"[:depth])
    below.mkdir(parents=True, exist_ok=True)
    (folder / "embaudit.toml").write_text("margin = 0.5\nlabels = 'y.npy'")
    found = configuration_from(None, below)
    assert found.values == {"margin": 0.5, "labels": str(folder / "y.npy")}
    (below / "pyproject.toml").write_text("[tool.other]\nx = 1")  # none of ours
    assert configuration_from(None, below) == found
    (below / "pyproject.toml").write_text("[tool.embaudit]\nmargin = 0.75")
    if depth == 0:
        with pytest.raises(UsageError, match="both configure"):
            configuration_from(None, below)
    else:
        assert configuration_from(None, below).values["margin"] == 0.75


@pytest.mark.parametrize("kind", ["dangling", "folder", "pipe"])
def test_a_name_that_is_no_file_is_not_passed_over(folder, kind):
    own = folder / "embaudit.toml"
    {
        "dangling": lambda: own.symlink_to(folder / "gone.toml"),
        "folder": own.mkdir,
        "pipe": lambda: os.mkfifo(own),
    }[kind]()
    with pytest.raises(UsageError, match=r"embaudit\.toml"):
        configuration_from(None, folder)


@pytest.mark.parametrize("text", ["[[tool.embaudit]]", "[tool]\nembaudit = 'strict'"])
def test_a_section_that_is_no_table_is_not_passed_over(folder, text):
    with pytest.raises(UsageError, match="no table"):
        read(folder, text, "pyproject.toml")


def test_a_byte_order_mark_is_no_matter(folder):
    assert read(folder, "\ufeffmargin = 0.5").values == {"margin": 0.5}


def test_without_a_file_nothing_is_configured(folder):
    assert configuration_from(None, folder) == Configuration()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("metrik = 'l2'", "metrik: unknown key. Did you mean metric?"),
        ("memory-budget = '2G'", "memory-budget: unknown key. Did you mean memory_budget?"),
        ("metric = 'l3'", "metric: 'l3' is not one of 'l2', 'cosine'"),
        ("margin = 'wide'", "margin: "),
        ("seed = true", "seed: "),
        ("margin = nan", "margin: "),
        ("[gate.d_iso]\nmaximum = 1", "gate.d_iso.maximum: unknown key. Did you mean max?"),
        ("[gate.d_iso]\nlevel = 'warn'", "gate.d_iso: has no limit"),
        ("[gate.d_iso]\nlevel = 'info'\nmax = 1", "gate.d_iso.level: "),
        ("[gate]\nd_iso = 5", "gate.d_iso: give a table"),
        ("gate = 'strict'", "gate: give a table"),
        ("[gate]\npreset = 5", "gate.preset: give the name"),
        ("[gate.worst_class]\nmax = 0.1", "name the measure"),
        ("[gate.class.I]\nmin = 0.1", "[gate.class.I.violated_triplets]"),
        ("[gate.class]\nI = 0.1", "[gate.class.I.precision_at_1]"),
        ("[gate.class.I.r_precision]\nleast = 1", "gate.class.I.r_precision.least: unknown key"),
        ("margin = ", "is no TOML"),
        ("[gate.d_iso]\nmax = true", "gate.d_iso.max: "),
        *HOSTILE,
    ],
)
def test_what_cannot_be_meant_is_an_error_that_names_the_file_and_the_key(folder, text, told):
    with pytest.raises(UsageError) as refused:
        read(folder, text)
    assert told in refused.value.message
    assert "embaudit.toml" in refused.value.message
    assert len(refused.value.message) < 10_000
    done = audit()
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, both in VAST.items() for value in both]
)
def test_a_number_beyond_all_machines_is_a_matter_of_usage(folder, key, value):
    (folder / "embaudit.toml").write_text(f"labels = 'y.npy'\n{key} = {value}\n")
    done = CliRunner().invoke(app, ["audit", "e.npy", "--measures", "violating_anchors"])
    assert done.exit_code == 2, done.exception
    assert key.replace("_", "-") in done.stderr


def test_a_long_name_is_met_once(folder):
    """The letters of a bare key of a mebibyte are many beginnings of one."""
    with pytest.raises(UsageError, match="unknown key"):
        read(folder, "k" * 1_000_000 + " = 1")


def test_all_problems_are_told_at_once(folder):
    with pytest.raises(UsageError) as refused:
        read(folder, "metrik = 1\nmargim = 2\n[gate.d_iso]\nmx = 1")
    assert len(refused.value.message.splitlines()) >= 3


@pytest.mark.parametrize("text", ["[gate.no_such]\nmax = 1", "[gate]\npreset = 'lax'"])
def test_an_unknown_measure_or_preset_names_the_file(folder, text):
    (folder / "embaudit.toml").write_text("labels = 'y.npy'\n" + text)
    done = audit()
    assert done.exit_code == 2
    assert "embaudit.toml" in done.stderr


def test_flags_win(folder):
    (folder / "embaudit.toml").write_text("metric = 'cosine'\nmargin = 0.5\nlabels = 'y.npy'")
    assert report()["options"]["metric"] == "cosine"
    options = report("--metric", "l2")["options"]
    assert (options["metric"], options["margin"]) == ("l2", 0.5)
    without = report("--no-config", "--labels", "y.npy")["options"]
    assert (without["metric"], without["margin"]) == ("l2", 0.0)


def test_gate_rules_of_both_are_in_force_and_flags_override(folder):
    (folder / "embaudit.toml").write_text(
        "labels = 'y.npy'\n[gate.violating_anchors]\nmax = 0\n[gate.duplicate_rows]\nmax = 0"
    )
    rules = report("--gate", "violating_anchors <= 1")["gate"]["rules"]
    assert [(one["rule"], one["origin"], one["status"]) for one in rules] == [
        ("duplicate_rows <= 0", "embaudit.toml", "pass"),
        ("violating_anchors <= 1", "--gate", "pass"),
    ]


def test_a_named_file_is_read_and_one_that_is_not_there_is_told(folder):
    other = folder / "other.toml"
    other.write_text("margin = 0.25\nlabels = 'y.npy'")
    (folder / "embaudit.toml").write_text("margin = 0.5\nlabels = 'y.npy'")
    assert report("--config", "other.toml")["options"]["margin"] == 0.25
    assert audit("--config", "no.toml").exit_code == 2
    for both in (
        ("--config", "other.toml", "--no-config"),
        ("--no-config", "--config", "other.toml"),
    ):
        assert audit(*both).exit_code == 2


def test_no_labels_wins_over_configured_labels(folder):
    (folder / "embaudit.toml").write_text("labels = 'y.npy'")
    done = CliRunner().invoke(app, ["audit", "e.npy", "--no-labels", "--format", "json"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["options"]["labels"] is False


def test_verbose_says_what_is_in_force_and_where_it_came_from(folder):
    (folder / "embaudit.toml").write_text(
        "margin = 0.5\nlabels = 'y.npy'\n[gate.duplicate_rows]\nmax = 0"
    )
    lines = audit("-v", "--seed", "3", "--gate", "violating_anchors <= 1").stderr.splitlines()
    told = {tuple(line.split()) for line in lines}
    assert ("margin", "0.5", "embaudit.toml") in told
    assert ("seed", "3", "flag") in told
    assert ("metric", "l2", "default") in told
    assert ("gate", "duplicate_rows", "<=", "0", "embaudit.toml") in told
    assert ("gate", "violating_anchors", "<=", "1", "--gate") in told


def test_other_verbs_take_what_they_share(folder):
    (folder / "embaudit.toml").write_text(
        "metric = 'cosine'\neffort = 0\nbatch = '6x4'\nlabels = 'y.npy'\nsearch = 'exact'"
    )
    for verb in ("project", "mine", "forecast"):
        done = CliRunner().invoke(app, [verb, "e.npy", "--format", "json", "--no-progress"])
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["options"]["metric"] == "cosine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_told(folder):
    (folder / "embaudit.toml").write_text("margin = 1")
    (folder / "embaudit.toml").chmod(0)
    with pytest.raises(UsageError, match="cannot be read"):
        configuration_from(None, folder)


def by_another(own):
    os.chown(own, 54321, -1)


def through_a_link_of_another(own):
    own.rename(own.with_name("mine.toml"))
    own.symlink_to("mine.toml")
    os.lchown(own, 54321, -1)


def for_anybody(own):
    own.chmod(0o646)


def for_a_group(own):
    os.chown(own, -1, 54321)
    own.chmod(0o664)


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
OTHERS = [
    pytest.param(by_another, "belongs to user 54321", marks=AS_ROOT),
    pytest.param(through_a_link_of_another, "belongs to user 54321", marks=AS_ROOT),
    pytest.param(for_a_group, "its group 54321 may write it", marks=AS_ROOT),
    (for_anybody, "anybody may write it"),
]


@pytest.mark.parametrize("name", ["embaudit.toml", "pyproject.toml"])
@pytest.mark.parametrize(("open_", "said"), OTHERS)
def test_one_that_others_may_write_is_not_obeyed_unless_it_is_named(folder, name, open_, said):
    own, below = folder / name, folder / "below"
    below.mkdir()
    own.write_text("[tool.embaudit]\nmargin = 5" if name == "pyproject.toml" else "margin = 5")
    open_(own)
    for start in (folder, below):
        with pytest.raises(UsageError, match=said) as refused:
            configuration_from(None, start)
        assert str(own) in refused.value.message
        assert f"--config {own}" in refused.value.hint
    assert configuration_from(own, below).values == {"margin": 5}


def test_a_project_of_others_that_says_nothing_to_us_is_passed_over(folder):
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'")
    for_anybody(folder / "pyproject.toml")
    assert configuration_from(None, folder) == Configuration()


def test_one_that_lies_further_up_is_told(folder, monkeypatch):
    (folder / "embaudit.toml").write_text("labels = 'y.npy'")
    said = f"configuration: {folder / 'embaudit.toml'}"
    for name in ("e.npy", "y.npy"):
        (folder / "below").mkdir(exist_ok=True)
        (folder / "below" / name).write_bytes((folder / name).read_bytes())
    assert said not in audit().stderr
    monkeypatch.chdir(folder / "below")
    assert said in audit("--no-progress").stderr
    assert said not in audit("-q").stderr
    assert said not in audit("--config", str(folder / "embaudit.toml")).stderr
    for verb in ("mine", "inspect"):
        assert said in CliRunner().invoke(app, [verb, "e.npy"]).stderr


WRITTEN = {
    "shell": lambda folder, text: report("--measures", text),
    "configuration": lambda folder, text: _configured(folder, f"measures = '{text}'"),
    "list": lambda folder, text: _configured(folder, f"measures = {text.split(',')}"),
}


def _configured(folder, line):
    (folder / "embaudit.toml").write_text(line)
    done = CliRunner().invoke(app, ["audit", "e.npy", "--labels", "y.npy", "--format", "json"])
    return json.loads(done.stdout)


@pytest.mark.parametrize("place", in_part(WRITTEN, 3))
def test_a_blank_beside_a_comma_changes_no_measure(folder, place):
    for name in ("e.npy", "y.npy"):
        np.save(name, np.load(name)[:18])  # effort is dear

    def found(text):
        report = WRITTEN[place](folder, text)
        return report["options"], report["run_id"], report["measures"]

    if place == "shell":
        (folder / "embaudit.toml").write_text("labels = 'y.npy'")
    plain = found("standard,all")
    assert plain[0]["effort"] == 1
    assert found("standard, all") == found(" standard ,, all,") == plain


def test_a_list_of_measures_in_python_is_the_same_as_its_text():
    for asked in ("paper, d_iso", ["paper", " d_iso"], ("paper,d_iso",), "paper,paper,d_iso,"):
        assert settings_of(measures=asked).measures == ("paper", "d_iso")
    assert settings_of(measures=["paper", " all "]).everything
    assert not settings_of(measures=["paper", "ball"]).everything
