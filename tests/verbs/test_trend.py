"""A series of checkpoints: order, events, the cache, and the command."""

import hashlib
import io
import json
import os
import random
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from embaudit import audit, errors
from embaudit.files import Names, sources_of
from embaudit.render import console_for, document_markdown, show_document, trend_document
from embaudit.render.words.trend_words import findings as course
from embaudit.report import Collapse, DataSummary, Reading
from embaudit.report.trend_document import Checkpoint
from embaudit.settings.settings import settings_of
from embaudit.verbs.trend import Cache, best_of, events_of, in_order, names_of, series_of, trend_of
from embaudit.verbs.trend.cache import key_of
from tests.cli.test_cli import embaudit, environment, told
from tests.combined import in_part
from tests.faults.process import PATIENCE

CLASSES = np.arange(90) % 9
FEW = "violated_triplets,precision_at_1,separation_auc"
QUICK = ("--labels", "y.npy", "--measures", FEW, "--no-progress", "--threads", "1")
VARYING = ("environment", "timing")


def spread(apart, seed=0, dim=8):
    """Nine classes around the axes' ends, noise of length about 1 in each coordinate."""
    rng = np.random.default_rng(seed)
    centres = np.vstack([np.eye(8), -np.eye(8)])[:9]
    vectors = apart * centres[CLASSES] + rng.normal(size=(90, 8))
    return np.pad(vectors, ((0, 0), (0, dim - 8))).astype(np.float32)


@pytest.fixture
def folder(tmp_path, tmp_path_factory, monkeypatch):
    """A run that learns, is at its best, and falls into a point."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
    return saved(tmp_path, monkeypatch)


def saved(folder, patch):
    """The run's checkpoints and labels in a folder, which is gone to."""
    patch.chdir(folder)
    np.save("y.npy", CLASSES)
    for step, vectors in {
        2: spread(3),
        10: spread(20),
        300: np.ones((90, 8), np.float32),
    }.items():
        np.save(f"step{step}.npy", vectors)
    return folder


@pytest.fixture(scope="module")
def followed_once(tmp_path_factory):
    """The run's trend, the folder with the cache that it left, and the home with its key."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home))
        folder = saved(tmp_path_factory.mktemp("run"), patch)
        return follow(), folder, home


@pytest.fixture
def known(folder, followed_once):
    """The trend of the run in the folder, as if it had just been followed there."""
    trend, run, home = followed_once
    shutil.copytree(run / ".embaudit_cache", folder / ".embaudit_cache")
    shutil.copytree(home, os.environ["XDG_CACHE_HOME"], dirs_exist_ok=True)
    return trend


PATHS = ("step10.npy", "step300.npy", "step2.npy")


def follow(paths=PATHS, cache=".embaudit_cache", warn=pytest.fail, labels="y.npy", **options):
    settings = settings_of(**{"measures": FEW, "threads": 1, **options})
    series = series_of(list(paths), labels, Names(), settings)
    return trend_of(series, Cache(None if cache is None else Path(cache), warn))


def cached(trend):
    return [one.cached for one in trend.checkpoints]


def kept(folder):
    return sorted(folder.glob(".embaudit_cache/*.json"))


def without_what_varies(trend):
    document = json.loads(trend.to_json())
    for part in VARYING:
        del document[part]
    for checkpoint in document["checkpoints"]:
        del checkpoint["cached"]
    return document


# Order and names.


def test_numbers_are_numbers_and_folders_come_first():
    wanted = [
        "a/step2.npy", "a/step10.npy", "a/step10-then-hard.npy", "a/step10_then_hard.npy",
        "a-2/emb.npy", "b/step1.npy", "b/step01.npy",
    ]  # fmt: skip
    mixed = random.Random(0).sample(wanted, len(wanted))
    ordered = in_order(mixed)
    assert ordered[:-2] == wanted[:-2]
    assert set(ordered[-2:]) == set(wanted[-2:])  # equal numbers: by their text
    assert in_order(mixed[::-1]) == ordered


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["test_step00000.npy", "test_step00030.npy"], ["step00000", "step00030"]),
        (["x/ckpt_10_emb.npy", "y/ckpt_20_emb.npy"], ["ckpt_10", "ckpt_20"]),
        (["r/checkpoint-500/emb.npy", "r/checkpoint-1000/emb.npy"],
         ["checkpoint-500", "checkpoint-1000"]),
        (["s_step3000.npy", "s_step3000_then_hard_72.npy"],
         ["step3000", "step3000_then_hard_72"]),
        (["epoch=3.parquet", "epoch=12.parquet"], ["epoch=3", "epoch=12"]),
        (["before.npy", "after.npy"], ["before", "after"]),
        (["1.npy", "1.parquet"], ["npy", "parquet"]),
        (["a/1/e.npy", "a/2/e.npy"], ["1", "2"]),
        (["run.1", "run.2"], ["run.1", "run.2"]),
    ],
)  # fmt: skip
def test_names_are_what_tells_the_paths_apart(paths, names):
    assert names_of(paths) == names


@pytest.mark.parametrize("seed", range(20))
def test_names_are_distinct_and_never_empty(seed):
    rng = random.Random(seed)
    drawn = {"".join(rng.choices("a1_/-.é 2b", k=rng.randint(1, 9))) for _ in range(6)}
    paths = sorted(one.strip("/") + ".npy" for one in drawn if one.strip("/"))
    names = names_of(list(dict.fromkeys(paths)))
    assert len(set(names)) == len(names) == len(set(paths))
    assert all(names)


# Events, from states and precisions written by hand.


def checkpoint(name, precision=0.5, width=0.0, point="none", dimensional="none"):
    worst = max(point, dimensional, key=("none", "warning", "collapsed").index)
    reading = Reading(
        value=precision, lower=precision - width, upper=precision + width,
        kind="sampled" if width else "exact", confidence=0.99 if width else None,
        relative=None, unit="fraction", better="higher", reason=None,
    )  # fmt: skip
    return Checkpoint(
        name=name, path=f"{name}.npy", run_id="", inputs=(), cached=False, exact=True,
        data=DataSummary(rows=9, dim=2, classes=3, anchors=9, singleton_classes=0,
                         duplicate_rows=0),
        collapse=Collapse(state=worst, point=point, dimensional=dimensional, class_="none",
                          evidence={}),
        measures={"precision_at_1": reading},
    )  # fmt: skip


def happened(*series):
    return [(one.kind, one.before, one.at) for one in events_of(series)]


def test_a_collapse_begins_worsens_eases_and_ends():
    series = (
        checkpoint("a"),
        checkpoint("b", dimensional="warning"),
        checkpoint("c", point="collapsed", dimensional="warning"),
        checkpoint("d", dimensional="warning"),
        checkpoint("e"),
    )
    assert happened(*series) == [
        ("collapse_began", "a", "b"),
        ("collapse_worsened", "b", "c"),
        ("collapse_eased", "c", "d"),
        ("collapse_ended", "d", "e"),
    ]
    kinds = [one.kinds for one in events_of(series)]
    assert kinds == [("dimensional",), ("point",), ("point",), ("dimensional",)]
    assert [one.was for one in events_of(series)] == ["none", "warning", "collapsed", "warning"]


def test_a_collapse_at_the_first_checkpoint_was_there_from_the_start():
    series = checkpoint("a", point="collapsed", dimensional="collapsed"), checkpoint("b")
    began, ended = events_of(series)
    assert (began.kind, began.before, began.at, began.was) == ("collapse_began", None, "a", None)
    assert began.kinds == ("point", "dimensional")
    assert (ended.kind, ended.before, ended.at) == ("collapse_ended", "a", "b")


def test_what_stays_is_no_event():
    stays = [checkpoint(name, point="collapsed") for name in "abc"]
    assert happened(*stays) == [("collapse_began", None, "a")]
    assert happened(*map(checkpoint, "abc")) == []


@pytest.mark.parametrize(
    ("now", "width", "kinds"),
    [
        (0.52, 0.0, ["precision_grew"]),
        (0.48, 0.0, ["precision_fell"]),
        (0.505, 0.0, []),  # too little
        (0.60, 0.06, []),  # 0.56 was possible then, and 0.54 is now: not sure
        (0.63, 0.06, ["precision_grew"]),
    ],
)
def test_precision_moves_surely_and_by_a_point(now, width, kinds):
    series = checkpoint("a", 0.5, width), checkpoint("b", now, width)
    assert [one.kind for one in events_of(series)] == kinds
    for one in events_of(series):
        assert one.change.value == pytest.approx(now - 0.5)
        assert (one.before, one.at) == ("a", "b")


@pytest.mark.parametrize(
    ("before", "now", "precision", "kinds"),
    [
        ("collapsed", "collapsed", 0.9, []),  # noise, in either direction
        ("collapsed", "collapsed", 0.1, []),
        ("none", "collapsed", 0.9, []),  # a collapse is no progress
        ("none", "collapsed", 0.1, ["precision_fell"]),
        ("collapsed", "none", 0.9, ["precision_grew"]),
        ("collapsed", "none", 0.1, []),
        ("warning", "warning", 0.9, ["precision_grew"]),
    ],
)
def test_no_event_speaks_for_a_collapsed_checkpoint(before, now, precision, kinds):
    series = checkpoint("a", 0.5, point=before), checkpoint("b", precision, point=now)
    moves = [one.kind for one in events_of(series) if one.kind.startswith("precision")]
    assert moves == kinds


def test_the_best_is_not_collapsed_and_known_to_be_good():
    assert best_of([checkpoint("a", 0.4), checkpoint("b", 0.9, point="collapsed")]) == "a"
    assert best_of([checkpoint("a", 0.7, 0.1), checkpoint("b", 0.65)]) == "b"  # 0.6 is sure
    assert best_of([checkpoint("a", 0.5), checkpoint("b", 0.5)]) == "a"
    assert best_of([checkpoint("a", point="collapsed")]) is None


# Whole series.


def test_a_run_that_learns_and_collapses(followed_once):
    trend, *_ = followed_once
    assert [one.name for one in trend.checkpoints] == ["step2", "step10", "step300"]
    assert trend.best == "step10"
    events = {(one.kind, one.before, one.at): one for one in trend.events}
    assert ("precision_grew", "step2", "step10") in events
    # of a point all rows tie, so that its precision is not known: the state tells of the fall
    became = events["state_became", "step10", "step300"]
    assert became.state == "collapsed"
    began = events["collapse_began", "step10", "step300"]
    assert "point" in began.kinds
    grew = events["precision_grew", "step2", "step10"].change
    first, second = (one.measures["precision_at_1"].value for one in trend.checkpoints[:2])
    assert grew.value == second - first > 0.01


def test_a_collapse_from_which_a_run_recovers(folder):
    np.save("step400.npy", spread(20, seed=1))
    trend = follow(("step300.npy", "step400.npy"))
    ended = [one for one in trend.events if one.kind == "collapse_ended"]
    assert [(one.before, one.at) for one in ended] == [("step300", "step400")]
    assert trend.events[0].before is None


def test_precision_is_measured_whatever_is_asked_for(folder):
    trend = follow(measures="rankme")
    assert set(trend.checkpoints[0].measures) == {"rankme", "precision_at_1"}
    assert trend.options.measures == "rankme,precision_at_1"
    assert trend.best == "step10"


def test_without_labels_collapse_alone_is_followed(folder):
    settings = settings_of(labels=False, threads=1)
    trend = trend_of(series_of(list(PATHS), None, Names(), settings), Cache(None, pytest.fail))
    assert trend.best is None
    assert {one.kind for one in trend.events} == {"state_became", "collapse_began"}


def test_dimensions_may_differ_and_are_told(folder):
    np.save("step10.npy", spread(20, dim=16))
    trend = follow()
    (notice,) = [one for one in trend.warnings if one.code == "dimensions_differ"]
    assert "16 at step10" in notice.message
    assert trend.best == "step10"


# The cache.


def test_what_is_known_is_not_computed_again(folder, known):
    second = follow()
    assert cached(known) == [False] * 3
    assert cached(second) == [True] * 3
    assert without_what_varies(known) == without_what_varies(second)
    assert len(kept(folder)) == 3
    np.save("step400.npy", spread(10))
    assert cached(follow((*PATHS, "step400.npy"))) == [True, True, True, False]


def test_changed_bytes_under_the_same_path_are_audited(folder, known):
    at = os.stat("step10.npy")
    np.save("step10.npy", spread(1, seed=5))
    os.utime("step10.npy", ns=(at.st_atime_ns, at.st_mtime_ns))  # as old and as large as before
    after = follow()
    assert cached(after) == [True, False, True]
    fresh = follow(cache=None)
    assert without_what_varies(after) == without_what_varies(fresh)
    assert after.checkpoints[1].measures != known.checkpoints[1].measures


def test_changed_labels_are_audited(folder, known):
    np.save("y.npy", np.roll(CLASSES, 1))
    assert cached(follow()) == [False] * 3


@pytest.mark.parametrize(
    "options",
    in_part(
        [
            {"metric": "cosine"},
            {"margin": 0.5},
            {"batch": "4x4"},
            {"measures": FEW + ",rankme"},
            {"sample": 45},
            {"search": "exact"},
            {"effort": 1},
            {"seed": 1},
        ]
    ),
    ids=str,
)
@pytest.mark.thorough
def test_a_changed_option_is_audited(folder, known, options):
    few = ("step2.npy", "step10.npy")
    assert cached(follow(few)) == [True] * 2
    assert cached(follow(few, **options)) == [False] * 2
    assert cached(follow(few, **options)) == [True] * 2


def test_what_changes_no_number_is_known(folder, known):
    assert cached(follow(threads=2, memory_budget="2G")) == [True] * 3


def test_another_version_is_audited(folder, known, monkeypatch):
    assert cached(follow()) == [True] * 3
    monkeypatch.setattr("embaudit.verbs.trend.cache.__version__", "0.0.0")
    assert cached(follow()) == [False] * 3


def broken(path, how):
    content = path.read_bytes()
    place = content.index(b'"value": 0') + len(b'"value": 0')
    path.write_bytes(
        {
            "empty": b"",
            "cut": content[: len(content) // 2],
            "no text": b"\x00\xff" * 100,
            "another number": content[:place] + b".1" + content[place:],
            "no report": b"{}",
        }[how]
    )


@pytest.mark.parametrize("how", in_part(["empty", "cut", "no text", "another number", "no report"]))
@pytest.mark.thorough
def test_a_damaged_file_is_computed_again(folder, known, how):
    for path in kept(folder):
        broken(path, how)
    second = follow()
    assert cached(second) == [False] * 3
    assert without_what_varies(known) == without_what_varies(second)
    assert cached(follow()) == [True] * 3


def test_a_foreign_file_is_computed_again(folder, known):
    paths = kept(folder)
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, [*contents[1:], contents[0]], strict=True):
        path.write_bytes(content)
    assert cached(follow()) == [False] * 3


def test_even_a_renamed_one_of_other_files_is_computed_again(folder, known):
    paths = kept(folder)
    keys = [path.name.partition(".")[0] for path in paths]
    contents = [path.name.partition(".")[2] for path in paths]
    for path in paths:
        path.rename(path.with_suffix(".moved"))
    for path, key, content in zip(paths, keys, [*contents[1:], contents[0]], strict=True):
        other = path.with_name(f"{key}.{content}")
        source = next(one for one in paths if one.name.endswith(content)).with_suffix(".moved")
        other.write_bytes(source.read_bytes())
    assert cached(follow()) == [False] * 3


def forged(path):
    """The same report, but better; under the hash of its content, if that were enough."""
    content = path.read_bytes().replace(b'"value": 0.', b'"value": 0.0')
    key = path.name.partition(".")[0]
    (path.parent / f"{key}.{hashlib.sha256(content).hexdigest()[:32]}.json").write_bytes(content)


@pytest.mark.thorough
def test_a_cache_that_another_machine_made_is_not_believed(folder, tmp_path_factory, monkeypatch):
    first = follow(cache="committed")
    for path in (folder / "committed").glob("*.json"):
        forged(path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("elsewhere")))
    again = follow(cache="committed")
    assert cached(again) == [False] * 3
    assert without_what_varies(again) == without_what_varies(first)
    assert cached(follow(cache="committed")) == [True] * 3


@pytest.mark.thorough
def test_the_key_of_the_cache_is_the_users_alone(folder):
    few = ("step2.npy", "step10.npy")
    follow(few)
    key = Path(os.environ["XDG_CACHE_HOME"]) / "embaudit" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    for change in (lambda: key.chmod(0o640), lambda: key.write_bytes(b"short")):
        warned = []
        change()
        assert cached(follow(few, warn=warned.append)) == [False] * 2
        assert len(warned) == 1
        assert str(key) in warned[0]
        key.chmod(0o600)
    key.unlink()
    key.symlink_to(folder / "y.npy")
    warned = []
    assert cached(follow(few, warn=warned.append)) == [False] * 2
    assert len(warned) == 1


def test_a_home_that_others_may_write_to_holds_no_key(folder):
    home = Path(os.environ["XDG_CACHE_HOME"]) / "embaudit"
    home.mkdir()
    home.chmod(0o777)
    warned = []
    follow(warn=warned.append)
    assert "others may write to it" in warned[0]
    assert not (home / "key").exists()


@pytest.mark.thorough
def test_a_symlink_is_no_cache(folder):
    (folder / "private").mkdir()
    (folder / ".embaudit_cache").symlink_to("private")
    done = embaudit(folder, "trend", *PATHS, *QUICK)
    assert ".embaudit_cache: is a symlink" in told(done, 5)
    assert not any((folder / "private").iterdir())


def test_of_a_full_cache_what_was_not_asked_for_the_longest_goes(folder, known, monkeypatch):
    three = kept(folder)
    mine = folder / ".embaudit_cache" / "mine.json"
    mine.write_bytes(b"0" * 10**6)
    for age, path in enumerate(three):
        os.utime(path, ns=(0, age))
    few = ("step2.npy", "step10.npy")
    assert cached(follow(few)) == [True] * 2  # asked for: the third one is the oldest now
    monkeypatch.setattr("embaudit.verbs.trend.cache.MOST", sum(map(size_of, three)))
    np.save("step400.npy", spread(10))
    assert cached(follow((*few, "step400.npy"))) == [True, True, False]
    assert cached(follow((*few, "step300.npy"))) == [True, True, False]
    assert mine.exists()


def size_of(path):
    return path.stat().st_size


def test_a_directory_in_the_place_of_a_file_is_no_report(folder, known):
    for path in kept(folder):
        path.unlink()
        path.mkdir()
    warned = []
    assert cached(follow(warn=warned.append)) == [False] * 3


def test_the_cache_hides_itself_from_git_and_nothing_else(folder):
    follow()
    assert "*" in (folder / ".embaudit_cache" / ".gitignore").read_text().splitlines()
    (folder / "mine").mkdir()
    (folder / "mine" / "notes.txt").write_text("mine")
    follow(cache="mine")
    assert not (folder / "mine" / ".gitignore").exists()
    assert len(list((folder / "mine").glob("*.json"))) == 3


def test_a_cache_that_cannot_be_written_is_told_once(folder):
    (folder / "taken").write_text("a file")
    warned = []
    assert cached(follow(cache="taken/cache", warn=warned.append)) == [False] * 3
    assert len(warned) == 1
    assert "taken" in warned[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_may_only_be_read_is_read(folder):
    follow(("step2.npy", "step10.npy"))
    (folder / ".embaudit_cache").chmod(stat.S_IRUSR | stat.S_IXUSR)
    warned = []
    try:
        assert cached(follow(warn=warned.append)) == [True, True, False]
    finally:
        (folder / ".embaudit_cache").chmod(stat.S_IRWXU)
    assert len(warned) == 1


# What is refused.


def test_what_is_wrong_with_any_header_is_told_before_anything_is_computed(folder):
    np.save("step7.npy", np.zeros(5))
    np.save("step8.npy", np.zeros((91, 8)))
    with pytest.raises(errors.InputRefused) as refused:
        follow((*PATHS, "step7.npy", "step8.npy", "step9.npy"))
    told_of = "\n".join(refused.value.problems)
    assert all(name in told_of for name in ("step7.npy", "step8.npy", "step9.npy"))
    assert not (folder / ".embaudit_cache").exists()


def test_other_rows_are_refused_from_the_headers(folder):
    np.savez("s1.npz", embeddings=spread(3), labels=CLASSES)
    np.savez("s2.npz", embeddings=spread(3)[:81], labels=CLASSES[:81])
    with pytest.raises(errors.InputRefused, match=r"s2.npz: has 81 rows and s1.npz has 90"):
        follow(("s1.npz", "s2.npz"), labels=None)
    assert not (folder / ".embaudit_cache").exists()


def test_other_classes_are_refused_and_what_was_computed_stays(folder):
    for step, labels in {2: CLASSES, 10: CLASSES, 300: CLASSES % 3}.items():
        np.savez(f"s{step}.npz", embeddings=np.load(f"step{step}.npy"), labels=labels)
    paths = ["s2.npz", "s10.npz", "s300.npz"]
    with pytest.raises(errors.InputRefused, match=r"s300.npz.*s2.npz.*classes: 9 then, 3 now"):
        follow(paths, labels=None)
    assert cached(follow(paths[:2], labels=None)) == [True] * 2


def test_a_value_that_is_refused_mid_way_leaves_what_was_computed(folder):
    vectors = np.load("step300.npy")
    vectors[3, 4] = np.nan
    np.save("step300.npy", vectors)
    with pytest.raises(errors.InputRefused, match=r"step300.npy"):
        follow()
    assert cached(follow(("step2.npy", "step10.npy"))) == [True] * 2


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (["step2.npy"], "two checkpoints"),
        (["step2.npy", "step10.npy", "step2.npy"], "twice"),
        (["step2.npy", "./step2.npy"], "same file"),
        (["step2.npy", "latest.npy"], "same file"),
    ],
)
def test_too_few_or_the_same(folder, paths, says):
    (folder / "latest.npy").symlink_to("step2.npy")
    with pytest.raises(errors.UsageError, match=says):
        follow(paths)


def test_an_unknown_measure_is_refused_before_any_file_is_looked_at(folder):
    with pytest.raises(errors.UsageError, match="no_such"):
        follow(("none.npy", "nothing.npy"), measures="no_such")


# The command.


@pytest.mark.thorough
def test_the_command_and_its_schema(folder):
    done = embaudit(folder, "trend", *PATHS, *QUICK, "-o", "t.json", "-o", "t.md")
    told(done, 0)
    text = " ".join(done.stdout.split())
    leads = (
        "Collapse began between step10 and step300",
        "Best: step10",
        "Precision@1 grew most",
    )
    assert sorted(leads, key=text.index) == list(leads)  # what fell is told before what grew
    written = json.loads((folder / "t.json").read_text())
    schema = json.loads(embaudit(folder, "schema", "trend").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(written, schema)
    assert set(written) == set(schema["properties"])
    assert "step300" in (folder / "t.md").read_text()
    # the audits are known now, and nothing is left to compute
    (folder / "sitecustomize.py").write_text(
        "import embaudit.evidence as e\n"
        "def broken(*_, **__): raise ZeroDivisionError('computed')\n"
        "e.Evidence.__init__ = broken\n"
    )
    again = embaudit(folder, "trend", *PATHS, *QUICK, "--format", "json", path=[folder])
    told(again, 0)
    assert [one["cached"] for one in json.loads(again.stdout)["checkpoints"]] == [True] * 3
    assert json.loads(again.stdout)["events"] == written["events"]
    anew = embaudit(folder, "trend", *PATHS, *QUICK, "--no-cache", path=[folder])
    assert anew.returncode == 70
    assert "computed" in anew.stderr


@pytest.mark.thorough
def test_two_runs_may_share_a_cache(folder):
    command = [sys.executable, "-m", "embaudit", "trend", *PATHS, *QUICK, "--format", "json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment()}
    both = [subprocess.Popen(command, cwd=folder, **pipes) for _ in range(2)]
    events = []
    for one in both:
        written, error = one.communicate(timeout=PATIENCE)
        assert (one.returncode, error) == (0, b"")
        events.append(json.loads(written)["events"])
    assert events[0] == events[1]
    assert cached(follow()) == [True] * 3
    assert not list(folder.glob(".embaudit_cache/*.tmp"))


@pytest.mark.thorough
def test_the_time_of_every_checkpoint_is_told_if_asked_for(folder):
    chatter = told(embaudit(folder, "trend", *PATHS, *QUICK, "-v"), 0)
    assert "time: step2 " in chatter


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((*PATHS, "--cache-dir", "c", "--no-cache"), 2, "--no-cache"),
        ((*PATHS, "-o", "t.parquet"), 2, ".parquet"),
        ((*PATHS, "none.npy"), 3, "none.npy"),
        ((*PATHS, "--memory-budget", "1K"), 4, "memory"),
        ((*PATHS, "-o", "none/t.json"), 5, "none"),
    ],
)
def test_what_is_wrong_is_said(folder, arguments, code, says):
    assert says in told(embaudit(folder, "trend", *QUICK, *arguments), code)
    assert not (folder / ".embaudit_cache").exists()


def test_an_unwritable_cache_is_one_warning_and_no_failure(folder):
    (folder / "taken").write_text("a file")
    done = embaudit(folder, "trend", *PATHS, *QUICK, "-q", "--cache-dir", "taken")
    warning = told(done, 0)
    assert warning.count("warning:") == len(warning.splitlines()) == 1
    assert done.stdout == ""


def test_a_configuration_is_taken_but_not_its_gate(folder):
    (folder / "embaudit.toml").write_text(
        'labels = "y.npy"\nmeasures = "violated_triplets"\nbaseline = "none.json"\n'
        "[gate.violated_triplets]\nmax = 0.0\n"
    )
    done = embaudit(folder, "trend", *PATHS, "--format", "json", "--no-progress")
    told(done, 0)
    assert json.loads(done.stdout)["options"]["measures"] == "violated_triplets,precision_at_1"


# The diagnosis of each checkpoint.


@pytest.mark.thorough
def test_each_checkpoint_keeps_its_diagnosis_and_grave_states_stand_first(folder):
    """It learns, a job dies while it writes, it is written whole, and it collapses."""
    broken = spread(20)
    broken[60:] = 0
    np.save("step20.npy", broken)
    np.save("step30.npy", spread(20))
    trend = follow((*PATHS, "step20.npy", "step30.npy"))
    for one in trend.checkpoints:
        own = audit(np.load(one.path), CLASSES.tolist(), measures=FEW, threads=1).diagnosis
        amiss = [found.id for found in own.findings if found.mark != "good"]
        assert (one.diagnosis, one.reason, list(one.faults)) == (own.state, own.reason, amiss)
    states = {one.name: one.diagnosis for one in trend.checkpoints}
    assert (states["step20"], states["step30"], states["step300"]) == (
        "check_input",
        states["step10"],
        "collapsed",
    )
    assert "zero_rows" in trend.checkpoint("step20").faults
    moves = [(one.before, one.at, one.state) for one in trend.events if one.kind == "state_became"]
    assert moves == [
        ("step10", "step20", "check_input"),
        ("step20", "step30", states["step10"]),
        ("step30", "step300", "collapsed"),
    ]
    heads = [one.headline for one in course(trend)]
    assert heads[:2] == [
        "State became check input between step10 and step20",
        f"Collapse began between step30 and step300 ({', '.join(_kinds(trend))})",
    ]
    for lines in (document_markdown(trend_document(trend)), shown(trend)):
        flat = " ".join(lines.split())
        assert flat.index("became check input") < flat.index("Collapse began") < flat.index("Best")
        assert "check_input" in flat


def _kinds(trend):
    return next(one.kinds for one in trend.events if one.kind == "collapse_began")


def shown(trend):
    screen = io.StringIO()
    show_document(trend_document(trend), console_for(screen, width=100))
    return screen.getvalue()


def test_the_best_is_of_a_sound_file_where_one_is(folder):
    sound, faulty = (
        checkpoint(name, precision).model_copy(update={"diagnosis": state})
        for name, precision, state in (("a", 0.4, "overlapping"), ("b", 0.9, "check_input"))
    )
    assert best_of([sound, faulty]) == "a"
    assert best_of([faulty]) == "b"


def test_what_to_do_of_a_series_that_ends_in_a_faulty_file(folder):
    broken = spread(20)
    broken[60:] = 0
    np.save("step20.npy", broken)
    done = embaudit(folder, "trend", "step10.npy", "step20.npy", *QUICK, "-o", "t.json")
    told(done, 0)
    text = " ".join(done.stdout.split())
    assert "1. The file explains the figures of step20" in text
    assert "embaudit audit step20.npy" in text[text.index("1. The file") :]
    assert json.loads((folder / "t.json").read_text())["best"] == "step10"


def test_a_cached_report_without_a_diagnosis_is_audited_again(folder, known):
    cache = Cache(Path(".embaudit_cache"), pytest.fail)
    settings = settings_of(measures=FEW, threads=1)
    assert all(one.cached for one in follow().checkpoints)
    series = series_of(list(PATHS), "y.npy", Names(), settings)
    for step in series.steps:  # as a version without it left them
        sources = sources_of(step.chosen)
        key = key_of(sources, step.chosen.notices, series.names, series.settings)
        old = cache.get(key, sources)
        for file in Path(".embaudit_cache").glob(f"{key}.*"):
            file.unlink()
        cache.put(key, old.model_copy(update={"diagnosis": None}))
    again = follow()
    assert [one.cached for one in again.checkpoints] == [False] * 3
    assert [one.diagnosis for one in again.checkpoints] == [
        one.diagnosis for one in known.checkpoints
    ]
    assert None not in {one.diagnosis for one in again.checkpoints}
