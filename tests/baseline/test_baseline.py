"""The gate against a baseline: every verdict there is, by flag and by file, and its exit code."""

import json
import os

import numpy as np
import pytest
from typer.testing import CliRunner

import embaudit
from embaudit.baseline import differences_of, saved_report
from embaudit.cli import app
from embaudit.errors import InputRefused, UsageError
from embaudit.verbs.compare import compare
from tests.combined import alternating, in_part

QUICK = ("--threads", "1", "--no-progress", "--measures")
MEASURES = "violated_triplets,precision_at_1,d_iso,collapse_risk,collapse_state"


def clustered(spread, seed=0, rows=240, classes=12, dim=8):
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    centres = np.random.default_rng(7).normal(size=(classes, dim))
    return centres[labels] + spread * rng.normal(size=(rows, dim)), labels


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A set, one that is worse and one that is better, and the reports of all with their tables."""
    folder = tmp_path_factory.mktemp("baseline")
    for name, spread in (("same", 0.35), ("worse", 0.6), ("better", 0.2)):
        vectors, labels = clustered(spread)
        np.savez(folder / f"{name}.npz", embedding=vectors, label=labels)
        run(folder, f"{name}.npz", "-o", f"{name}.json", "-o", f"{name}.parquet")
    vectors, labels = clustered(0.35, rows=228)
    np.savez(folder / "fewer.npz", embedding=vectors, label=labels)
    return folder


def run(folder, data, *arguments, verb="audit", quick=(*QUICK, MEASURES)):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(app, [verb, str(data), *quick, *map(str, arguments)])


def judged(done):
    """The gate of a report, its verdict held against the exit code."""
    gate = json.loads(done.stdout)["gate"]
    undecided = any(one["status"] in ("undecided", "fail") for one in gate["rules"])
    assert gate["verdict"] == ("fail" if undecided else "pass" if gate["rules"] else "none")
    assert done.exit_code == (1 if gate["verdict"] == "fail" else 0), done.stderr
    return gate


def middle(made, id):
    reading = saved_report(made / "same.json").report.measures[id]
    assert reading.lower < reading.upper
    return (reading.lower + reading.upper) / 2


def grown(made, id):
    (found,) = compare([made / "same.json", made / "worse.json"]).against_first
    change = found.changes[id]
    assert change.lower < change.value < change.upper
    return change.value


def toml(rule):
    """A rule without a baseline's turn as the table that says the same."""
    level = "warn" if rule.startswith("warn:") else "error"
    words = rule.removeprefix("warn:").split()
    scope, _, measure = words[0].rpartition(".")
    key = {"<=": "max", ">=": "min"}[words[-2]] + (f"_{words[1]}" if len(words) == 4 else "")
    limit = f'"{words[-1]}"' if words[-1][-1] in "%ed" else words[-1]
    table = f"gate.{scope}.{measure}" if scope else f"gate.{measure}"
    return f'[{table}]\n{key} = {limit}\nlevel = "{level}"\n'


# rule, data, baseline, status of that rule; None as the limit: the middle of its interval
MATRIX = {
    "pass": ("precision_at_1 >= 0.1", "same", None, "pass"),
    "fail": ("precision_at_1 >= 0.99", "worse", None, "fail"),
    "warn": ("warn: precision_at_1 >= 0.99", "worse", None, "warn"),
    "undecided certified": ("d_iso <= {}", "same", None, "undecided"),
    "undecided sampled": ("collapse_risk <= {}", "same", None, "undecided"),
    "warn undecided": ("warn: d_iso <= {}", "same", None, "warn"),
    "undefined": ("separation_margin >= 0", "same", None, "undecided"),
    "estimate": ("d_iso_estimate <= 1000", "same", None, "undecided"),
    "worst class passes": ("worst_class.violated_triplets <= 0.9", "same", None, "pass"),
    "worst class fails": ("worst_class.violated_triplets <= 0.001", "worse", None, "fail"),
    "no baseline": ("precision_at_1 decrease <= 1%", "same", None, "undecided"),
    "missing baseline": ("precision_at_1 decrease <= 1%", "same", "nobody.json", "undecided"),
    "incomparable": ("precision_at_1 decrease <= 1%", "fewer", "same.json", "undecided"),
    "unchanged": ("precision_at_1 decrease <= 0", "same", "same.json", "pass"),
    "worse": ("violated_triplets increase <= 1%", "worse", "same.json", "fail"),
    "worse, but allowed": ("violated_triplets increase <= 0.9", "worse", "same.json", "pass"),
    "worse, as a warning": ("warn: violated_triplets increase <= 0", "worse", "same.json", "warn"),
    "better": ("violated_triplets increase <= 0", "better", "same.json", "pass"),
    "worst class worse": (
        "worst_class.violated_triplets increase <= 0.001", "worse", "same.json", "fail",
    ),
    "worst class unchanged": (
        "worst_class.violated_triplets increase <= 0", "same", "same.json", "pass",
    ),
    "sampled change": ("collapse_risk increase <= {}", "worse", "same.json", "undecided"),
    "undefined change": ("separation_margin decrease <= 1", "worse", "same.json", "undecided"),
    "not in the baseline": ("thickness decrease <= 1", "worse", "same.json", "undecided"),
}  # fmt: skip


@pytest.mark.parametrize(("case", "place"), in_part(alternating(MATRIX, ("flag", "file")), 3))
def test_every_verdict(made, tmp_path, case, place):
    rule, data, baseline, expected = MATRIX[case]
    if "{}" in rule:
        id = rule.removeprefix("warn: ").split()[0]
        rule = rule.format(grown(made, id) if "increase" in rule else middle(made, id))
    arguments = ["--format", "json", "--no-config", "--gate", rule]
    if baseline:
        arguments += ["--baseline", baseline]
    if place == "file":
        config = tmp_path / "embaudit.toml"
        where = f'baseline = "{made / baseline}"\n' if baseline else ""
        config.write_text(where + toml(rule))
        arguments = ["--format", "json", "--config", config]
    gate = judged(run(made, f"{data}.npz", *arguments))
    (found,) = (one for one in gate["rules"] if one["rule"] == rule)
    assert found["status"] == expected
    assert found["origin"] == ("--gate" if place == "flag" else "embaudit.toml")
    if expected not in ("pass",):
        assert found["remedy"]
    if case in ("missing baseline", "incomparable"):
        (about,) = (one for one in gate["rules"] if one["measure"] is None)
        assert about["status"] == "undecided"


@pytest.mark.parametrize("baseline", ["nobody.json", "same.json"])
def test_a_baseline_that_cannot_be_used_is_never_green(made, baseline):
    # not even where no rule needs it
    gate = judged(
        run(made, "fewer.npz", "--format", "json", "--baseline", baseline, "--gate",
            "precision_at_1 >= 0")
    )  # fmt: skip
    assert gate["verdict"] == "fail"
    assert gate["rules"][0]["rule"].startswith("comparable with the baseline")


def test_a_rule_about_something_else_does_not_lift_what_a_baseline_asks_for(made):
    rule = "warn: outliers increase <= 300"
    done = run(made, "worse.npz", "--baseline", "same.json", "--format", "json", "--gate", rule)
    assert judged(done)["verdict"] == "fail"


def test_chance_between_classes_excuses_no_more_than_the_limit_itself(made, tmp_path):
    """Damage in a few of many classes is never told from chance by a test over classes."""
    vectors, labels = clustered(0.2, rows=600, classes=12)
    np.savez(tmp_path / "good.npz", embedding=vectors, label=labels)
    for onto, of in ((0, 1), (2, 3)):
        rows = labels == of
        vectors[rows] = vectors[labels == onto] + 1e-3 * np.random.default_rng(of).normal(
            size=(rows.sum(), 8)
        )
    np.savez(tmp_path / "bad.npz", embedding=vectors, label=labels)
    run(tmp_path, "good.npz", "-o", "good.json", "-o", "good.parquet")
    done = run(tmp_path, "bad.npz", "--baseline", "good.json", "--format", "json")
    found = json.loads(done.stdout)["baseline"]["changes"]["precision_at_1"]
    assert found["value"] < -0.1
    assert not found["test"]["real"]
    statuses = {one["rule"]: one["status"] for one in judged(done)["rules"]}
    assert statuses["precision_at_1 decrease <= 0.005"] == "fail"
    limit = -found["value"] * 0.75  # beyond it, but by less than the limit itself
    rule = f"precision_at_1 decrease <= {limit}"
    done = run(tmp_path, "bad.npz", "--baseline", "good.json", "--format", "json", "--gate", rule)
    statuses = {one["rule"]: one["status"] for one in judged(done)["rules"]}
    assert statuses[rule] in ("warn", "fail")  # fail where a class broke


def test_another_column_of_the_same_file_is_another_input(tmp_path):
    vectors, labels = clustered(0.2, rows=1500)
    bad = vectors.copy()
    bad[1200:] = np.random.default_rng(0).normal(size=(300, 8))
    np.savez(tmp_path / "two.npz", good=vectors, bad=bad, label=labels)
    run(tmp_path, "two.npz", "--embedding-column", "good", "-o", "good.json")
    done = run(tmp_path, "two.npz", "--embedding-column", "bad", "--baseline", "good.json",
               "--format", "json")  # fmt: skip
    assert judged(done)["verdict"] == "fail"
    assert not json.loads(done.stdout)["baseline"]["same_input"]


def test_a_baseline_alone_gates_on_regression(made, tmp_path):
    done = run(made, "worse.npz", "--baseline", "same.json", "--format", "json")
    assert judged(done)["verdict"] == "fail"
    alone = tmp_path / "alone.json"
    alone.write_bytes((made / "same.json").read_bytes())  # no table: what is exact is known
    gate = judged(run(made, "better.npz", "--baseline", alone, "--format", "json"))
    assert gate["verdict"] == "pass"
    assert any("tighten" in one["remedy"] for one in gate["rules"])


def test_the_very_same_input_has_not_changed_whatever_the_seed(made):
    done = run(made, "same.npz", "--baseline", "same.json", "--format", "json", "--seed", 5,
               "--gate", "collapse_risk increase <= 0")  # fmt: skip
    assert judged(done)["verdict"] == "pass"
    found = json.loads(done.stdout)["baseline"]
    assert found["same_input"]
    assert all(one["value"] in (0, None) for one in found["changes"].values())


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--metric", "cosine"), "metric"),
        (("--margin", "0.5"), "margin"),
        (("--batch", "6x3"), "batch"),
        (("--sample", "200"), "sample"),
    ],
)
def test_other_options_are_not_compared_and_it_says_which(made, options, named):
    done = run(made, "same.npz", "--baseline", "same.json", "--format", "json", *options)
    gate = judged(done)
    assert gate["verdict"] == "fail"
    assert named in gate["rules"][0]["remedy"]


def test_differences_name_shape_classes_and_definitions(made):
    one = saved_report(made / "same.json").report
    assert differences_of(one, one) == ()
    for field, changed in (("rows", 1), ("dim", 1), ("classes", 1)):
        other = one.model_copy(update={"data": one.data.model_copy(update={field: changed})})
        assert differences_of(one, other)[0].startswith(field)
    renamed = (one.classes[0].model_copy(update={"label": "new"}), *one.classes[1:])
    assert "1 are gone" in differences_of(one, one.model_copy(update={"classes": renamed}))[0]


def test_a_measure_that_is_defined_anew_is_not_compared(made, tmp_path):
    report = json.loads((made / "same.json").read_text())
    report["measures"]["precision_at_1"]["definition"] = 0
    del report["digest"]  # as of a version that had none
    (tmp_path / "old.json").write_text(json.dumps(report))
    done = run(made, "worse.npz", "--baseline", tmp_path / "old.json", "--format", "json",
               "--gate", "precision_at_1 decrease <= 1")  # fmt: skip
    rule = judged(done)["rules"][-1]
    assert rule["status"] == "undecided"
    assert "defined differently" in rule["remedy"]


def easier(report):
    report["measures"]["precision_at_1"] |= {"value": 0.1, "lower": 0.1, "upper": 0.1}


def passed(report):
    report["gate"]["verdict"] = "pass"


def silent(report):
    report["warnings"] = []
    report["classes"][0]["rows"] += 1


def foreign(report):
    report["digest"] = "0" * 64


@pytest.mark.parametrize("change", [easier, passed, silent, foreign])
def test_a_baseline_that_was_changed_since_it_was_written_is_refused(made, tmp_path, change):
    changed = tmp_path / "changed.json"
    report = json.loads((made / "same.json").read_text())
    change(report)
    changed.write_text(json.dumps(report))
    for asked in (
        run(made, "worse.npz", "--baseline", changed),
        run(made, changed, made / "worse.json", verb="compare", quick=()),
        run(made, changed, "-o", tmp_path / "b.json", verb="baseline", quick=()),
    ):
        assert asked.exit_code == 3
        assert "changed.json: was changed since it was written" in asked.stderr


def test_what_says_nothing_of_the_results_may_change(made, tmp_path):
    report = json.loads((made / "same.json").read_text())
    report["environment"], report["timing"] = {}, {}
    backwards = dict(reversed(report.items()))
    (tmp_path / "moved.json").write_text(json.dumps(backwards, indent=1))
    assert saved_report(tmp_path / "moved.json").report.digest == report["digest"]
    assert len(report["digest"]) == 64


def test_what_is_no_report_is_refused_before_anything_is_read(made, tmp_path):
    for name, text in (("a.json", "{"), ("b.json", "{}"), ("c.json", '{"schema_version": 9}')):
        (tmp_path / name).write_text(text)
        done = run(made, "no_such.npz", "--baseline", tmp_path / name)
        assert done.exit_code == 3
        assert name in done.stderr
        assert "no_such" not in done.stderr
    assert run(made, "same.npz", "--baseline", tmp_path).exit_code == 3


def test_a_share_of_the_baseline_is_a_share_of_it(made):
    then = saved_report(made / "same.json").report.measures["violated_triplets"].value
    now = saved_report(made / "worse.json").report.measures["violated_triplets"].value
    grown = 100 * (now - then) / then
    for percent, within in ((grown * 0.99, False), (grown * 1.01, True)):
        done = run(made, "worse.npz", "--baseline", "same.json", "--format", "json", "--gate",
                   f"violated_triplets increase <= {percent:.9f}%")  # fmt: skip
        rule = judged(done)["rules"][-1]
        assert (rule["status"] == "pass") == within
        assert rule["limit"] == pytest.approx(then * percent / 100)


def test_the_python_gate_is_the_same(made):
    vectors, labels = clustered(0.6)
    report = embaudit.audit(vectors, labels, measures=MEASURES, baseline=made / "same.json")
    assert report.gate.verdict == "fail"
    assert report.baseline.changes["violated_triplets"].direction == "worse"


def test_an_output_never_replaces_the_baseline(made):
    before = (made / "same.json").read_bytes()
    done = run(made, "worse.npz", "--baseline", "same.json", "-o", "same.json")
    assert done.exit_code == 2
    assert (made / "same.json").read_bytes() == before


def test_with_tables_of_anchors_a_change_is_tested_and_rows_compared(made):
    done = run(made, "worse.npz", "--baseline", "same.json", "--format", "json")
    found = json.loads(done.stdout)["baseline"]
    assert found["changes"]["violated_triplets"]["test"]["real"]
    assert found["changes"]["d_iso"]["test"] is None
    then, now = (
        saved_report(made / f"{name}.json").report.measures["precision_at_1"].value
        for name in ("same", "worse")
    )
    test, moved = found["changes"]["precision_at_1"]["test"], found["anchors"]
    assert test["change"] == pytest.approx(now - then)
    lost = moved["newly_wrong_neighbour"] - moved["newly_right_neighbour"]
    assert lost / moved["anchors"] == pytest.approx(then - now)


def test_a_table_of_another_report_decides_nothing(made, tmp_path):
    (tmp_path / "same.json").write_bytes((made / "same.json").read_bytes())
    (tmp_path / "same.parquet").write_bytes((made / "worse.parquet").read_bytes())
    done = run(made, "worse.npz", "--baseline", tmp_path / "same.json", "--format", "json")
    found = json.loads(done.stdout)["baseline"]
    assert found["anchors"] is None
    assert "same.parquet" in found["notes"][0]


@pytest.mark.parametrize("spoiled", ["missing column", "other rows", "empty", "text", "no labels"])
def test_a_table_that_does_not_fit_decides_nothing(made, tmp_path, spoiled):
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "same.json").write_bytes((made / "same.json").read_bytes())
    table = pq.read_table(made / "same.parquet")
    at = table.column_names.index("gap")
    table = {
        "missing column": lambda: table.drop_columns(["closer_positives"]),
        "other rows": lambda: table.slice(3),
        "empty": lambda: table.slice(0, 0),
        "text": lambda: table.set_column(at, "gap", table["gap"].cast(pa.string())),
        "no labels": lambda: table.drop_columns(["label"]),
    }[spoiled]()
    pq.write_table(table, tmp_path / "same.parquet")
    done = run(made, "worse.npz", "--baseline", tmp_path / "same.json", "--format", "json")
    assert judged(done)["verdict"] == "fail"
    found = json.loads(done.stdout)["baseline"]
    assert found["anchors"] is None
    assert "does not fit" in found["notes"][0]


def test_a_missing_baseline_is_not_made_by_the_run_that_lacks_it(made, tmp_path):
    for name in ("new.json", "new.parquet"):
        done = run(made, "same.npz", "--baseline", tmp_path / "new.json", "-o", tmp_path / name)
        assert done.exit_code == 2
        assert not (tmp_path / name).exists()


def test_the_first_baseline_is_kept_although_there_was_none_to_compare_with(made, tmp_path):
    new, report = tmp_path / "new.json", tmp_path / "report.json"
    assert run(made, "same.npz", "--baseline", new, "-o", report).exit_code == 1
    assert run(made, report, "-o", new, verb="baseline", quick=()).exit_code == 0
    assert run(made, "same.npz", "--baseline", new).exit_code == 0


def test_embeddings_are_never_replaced_by_a_table_of_anchors(made, tmp_path):
    (tmp_path / "emb.parquet").write_bytes(b"embeddings")
    done = run(made, "worse.json", "-o", tmp_path / "emb.json", verb="baseline", quick=())
    assert done.exit_code == 2
    assert (tmp_path / "emb.parquet").read_bytes() == b"embeddings"
    assert not (tmp_path / "emb.json").exists()


@pytest.mark.parametrize("verb", ["audit", "compare", "baseline"])
def test_a_pipe_is_refused_and_not_waited_for(made, tmp_path, verb):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    if verb == "audit":
        assert run(made, "same.npz", "--baseline", pipe).exit_code == 3
    else:
        assert run(made, pipe, "same.json", verb=verb, quick=()).exit_code in (2, 3)


def test_without_labels_a_baseline_asks_for_what_needs_none(made, tmp_path):
    vectors, _ = clustered(0.35)
    np.save(tmp_path / "e.npy", vectors)
    quick = ("--no-labels", "--threads", "1")
    run(tmp_path, "e.npy", "-o", "e.json", quick=quick)
    done = run(tmp_path, "e.npy", "--baseline", "e.json", "--format", "json", quick=quick)
    assert judged(done)["verdict"] == "pass"


def keep(folder, *arguments):
    return run(folder, "worse.json", *arguments, verb="baseline", quick=())


def test_only_the_command_writes_a_baseline(made, tmp_path):
    target = tmp_path / "baseline.json"
    done = keep(made, "-o", target)
    assert done.exit_code == 0, done.stderr
    assert target.read_bytes() == (made / "worse.json").read_bytes()
    assert target.with_suffix(".parquet").read_bytes() == (made / "worse.parquet").read_bytes()
    assert "baseline.json" in done.stderr
    (tmp_path / "embaudit.toml").write_text('baseline = "kept.json"')
    assert keep(made, "--config", tmp_path / "embaudit.toml").exit_code == 0
    assert (tmp_path / "kept.json").exists()


def test_what_is_no_baseline(made, tmp_path):
    assert keep(made).exit_code == 2  # nothing says where
    assert keep(made, "-o", tmp_path / "baseline.txt").exit_code == 2
    assert keep(made, "-o", "worse.json").exit_code == 2
    assert keep(made, "-o", tmp_path / "none" / "b.json").exit_code == 5
    assert run(made, "nobody.json", "-o", "b.json", verb="baseline", quick=()).exit_code == 3
    report = json.loads((made / "worse.json").read_text())
    report["gate"] = {"verdict": "fail", "rules": []}
    del report["digest"]
    failing = tmp_path / "failing.json"
    failing.write_text(json.dumps(report))
    arguments = (failing, "-o", tmp_path / "b.json")
    assert run(made, *arguments, verb="baseline", quick=()).exit_code == 2
    assert not (tmp_path / "b.json").exists()
    assert run(made, *arguments, "--accept-failing", verb="baseline", quick=()).exit_code == 0


FORGED = {
    "true for a number": ("precision_at_1", {"value": True, "upper": True}, "valid number"),
    "a text for a number": ("precision_at_1", {"value": "0.5"}, "valid number"),
    "crossed ends": ("precision_at_1", {"lower": 0.9, "upper": 0.1}, "above its upper end"),
    "crossed sampled ends": (
        "precision_at_1",
        {"kind": "sampled", "confidence": 0.99, "lower": 0.9, "upper": 0.1},
        "above its upper end",
    ),
    "outside of its ends": ("precision_at_1", {"value": 0.0}, "outside of its interval"),
    "no fraction": (
        "precision_at_1",
        {"kind": "estimate", "value": 2.0, "lower": None, "upper": None},
        "2.0 is none",
    ),
    "undefined with a value": ("precision_at_1", {"kind": "undefined"}, "is undefined"),
    "no value": ("precision_at_1", {"value": None}, "is exact"),
    "infinite": ("precision_at_1", {"upper": 1e999}, "finite"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_baseline_that_no_audit_can_have_written_decides_nothing(made, tmp_path, name):
    measure, change, told = FORGED[name]
    report = json.loads((made / "same.json").read_text())
    report["measures"][measure].update(change)
    (tmp_path / "forged.json").write_text(json.dumps(report))
    done = run(made, "same.npz", "--baseline", tmp_path / "forged.json")
    assert done.exit_code == 3
    assert told in done.stderr
    assert measure in done.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rows": True}, "data.rows"),
        ({"rows": "60"}, "data.rows"),
        ({"rows": 60.0}, "data.rows"),
    ],
)
def test_counts_of_a_baseline_are_integers(made, tmp_path, change, told):
    report = json.loads((made / "same.json").read_text())
    report["data"].update(change)
    (tmp_path / "forged.json").write_text(json.dumps(report))
    with pytest.raises(InputRefused, match=told):
        saved_report(tmp_path / "forged.json")


def test_compare_puts_reports_side_by_side(made):
    paths = [made / f"{name}.json" for name in ("same", "worse", "better")]
    found = compare(paths)
    assert [one.path for one in found.reports] == list(map(str, paths))
    for id, readings in found.measures.items():
        assert [one.value for one in readings] == [
            saved_report(path).report.measures[id].value for path in paths
        ]
    worse, better = found.against_first
    assert worse.changes["violated_triplets"].direction == "worse"
    assert better.changes["violated_triplets"].direction == "better"
    assert worse.changes["violated_triplets"].test.real


def test_compare_refuses_what_is_another_set(made, tmp_path):
    run(made, "fewer.npz", "-o", tmp_path / "fewer.json")
    with pytest.raises(InputRefused, match="rows: 240 then, 228 now"):
        compare([made / "same.json", tmp_path / "fewer.json"])
    with pytest.raises(UsageError):
        compare([made / "same.json"])


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_compare_from_the_shell(made, form):
    arguments = ("worse.json", "better.json", "--format", form)
    done = run(made, "same.json", *arguments, verb="compare", quick=())
    assert done.exit_code == 0, done.stderr
    assert "worse.json" in done.stdout
    if form == "json":
        import jsonschema

        from embaudit.verbs.explain import schema_of

        jsonschema.validate(json.loads(done.stdout), json.loads(schema_of("comparison")))


def test_classes_that_broke_and_were_repaired_are_named(tmp_path):
    vectors, labels = clustered(0.2)
    broken = vectors.copy()
    broken[labels == 3] = np.random.default_rng(1).normal(size=(20, 8)) * 2
    reports = {}
    for name, some in (("whole", vectors), ("broken", broken)):
        report = embaudit.audit(some, labels.tolist(), measures="violated_triplets")
        (tmp_path / f"{name}.json").write_text(report.to_json())
        reports[name] = tmp_path / f"{name}.json"
    (there,) = compare([reports["whole"], reports["broken"]]).against_first
    (back,) = compare([reports["broken"], reports["whole"]]).against_first
    assert [one.label for one in there.classes.newly_broken] == [3]
    assert there.classes.worst_increase.label == 3
    assert [one.label for one in back.classes.repaired] == [3]
    assert back.classes.newly_broken == ()
