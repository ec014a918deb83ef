"""The forecast: a sweep over batch shapes, from Python and from the shell."""

import json

import jsonschema
import numpy as np
import pytest

import embaudit as package
from embaudit import errors
from embaudit.evidence import batch_pressure_estimate
from embaudit.geometry.batch_pressure import batch_pressures
from embaudit.geometry.batch_shapes import LARGEST, drawing, in_order, usual_shapes
from tests import oracle
from tests.cli.test_cli import embaudit, told

SHAPES = "2x2,4x3,6x4"
ARGUMENTS = ("--labels", "y.npy", "--no-progress", "--threads", "1")


def blobs(classes=6, rows=8, dim=5, seed=0, spread=1.0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), rows)
    centres = spread * rng.normal(size=(classes, dim))
    return centres[labels] + rng.normal(size=(len(labels), dim)), labels.tolist()


@pytest.fixture
def folder(tmp_path):
    vectors, labels = blobs()
    np.save(tmp_path / "x.npy", vectors)
    np.save(tmp_path / "y.npy", np.array(labels))
    return tmp_path


def figures(sweep):
    return [row.model_dump() for row in sweep.forecast]


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_the_same_shape_has_the_figures_of_an_audit(metric):
    vectors, labels = blobs()
    options = {"metric": metric, "margin": 0.3, "seed": 5}
    report = package.audit(vectors, labels, batch="4x3", **options)
    shapes = [(row.classes_per_batch, row.samples_per_class) for row in report.forecast]
    assert (4, 3) in shapes
    assert len(shapes) > 2
    batches = ",".join(f"{classes}x{samples}" for classes, samples in shapes)
    sweep = package.forecast(vectors, labels, batches=batches, **options)
    assert sweep.forecast == report.forecast
    pressure = sweep.forecast[shapes.index((4, 3))].pressure.value
    assert pressure == report.measures["collapse_pressure"].value
    assert sweep.precision_at_1.value == report.measures["precision_at_1"].value
    assert sweep.point_collapse == report.collapse.point
    assert sweep.data == report.data


def test_figures_hold_for_one_seed_and_any_number_of_threads():
    vectors, labels = blobs()
    one, again, other = (
        package.forecast(vectors, labels, threads=threads, seed=seed)
        for threads, seed in ((1, 0), (3, 0), (1, 1))
    )
    assert one.model_dump(exclude={"environment", "timing"}) == again.model_dump(
        exclude={"environment", "timing"}
    )
    assert figures(one) != figures(other)


def test_a_batch_of_the_whole_set_is_the_definition():
    vectors, labels = blobs()
    row = package.forecast(vectors, labels, margin=0.3, batches=[(6, 8)]).forecast[0]
    pressure, gap = oracle.batch_pressure(vectors, np.array(labels), 0.3)
    assert (row.pressure.lower, row.pressure.upper) == pytest.approx((pressure, pressure))
    assert row.gap.value == pytest.approx(gap)


def test_bands_and_safety_are_decided_on_the_upper_end():
    for spread in (0.0, 1.0, 3.0, 30.0):
        sweep = package.forecast(*blobs(spread=spread, rows=30), margin=0.2, batches=SHAPES)
        for row in sweep.forecast:
            high = row.pressure.upper
            assert row.risk == ("low" if high < 0.6 else "rising" if high < 0.9 else "high")
            assert row.safe == (row.loss.upper <= 0.2)
            if spread != 3.0:
                assert row.safe == (spread == 30.0)
        safe = [row for row in sweep.forecast if row.safe]
        assert (sweep.largest_safe is None) == (not safe)
        if safe:
            assert sweep.largest_safe.batch == max(row.batch for row in safe)


def skewed(rows=40):
    """Twelve classes far from all others and two that lie within each other, wide."""
    rng = np.random.default_rng(4)
    labels = np.repeat(np.arange(14), rows)
    centres = np.concatenate((40 * np.eye(12, 14), np.zeros((2, 14))))
    wide = np.where(labels < 12, 0.1, 8.0)[:, None]
    return centres[labels] + wide * rng.normal(size=(len(labels), 14)), labels.tolist()


def test_a_mean_gap_below_0_is_no_safety():
    vectors, labels = skewed()
    sweep = package.forecast(vectors, labels, margin=0.2, batches="14x4")
    (row,) = sweep.forecast
    assert row.gap.upper < 0
    assert row.loss.lower > 0.2
    losses = [oracle.batch_loss(scale * np.array(vectors), labels, 0.2) for scale in (1, 0.5, 0.25)]
    assert losses == sorted(losses, reverse=True), "downhill into collapse"
    assert losses[-1] > 0.2
    assert not row.safe
    assert sweep.largest_safe is None


def test_without_a_margin_nothing_is_safe():
    sweep = package.forecast(*blobs(spread=30.0), batches=SHAPES)
    assert {row.safe for row in sweep.forecast} == {False}


def test_the_loss_of_a_shape_holds_the_mean_of_many_batches():
    vectors, labels = map(np.array, blobs(spread=2.0))
    (row,) = package.forecast(vectors, labels.tolist(), margin=0.3, batches="4x3").forecast
    draw = drawing(np.arange(0, 49, 8), (4, 3))
    losses = []
    for seed in range(800):
        rows = draw(np.random.default_rng((seed, 99)))
        losses.append(oracle.batch_loss(vectors[rows], labels[rows], 0.3))
    slack = 3 * np.std(losses) / np.sqrt(len(losses))
    assert row.loss.lower - slack <= np.mean(losses) <= row.loss.upper + slack


def test_draws_go_on_until_a_loss_below_the_margin_is_surely_so(monkeypatch):
    vectors, labels = blobs(spread=5.0, rows=30)
    (row,) = package.forecast(vectors, labels, margin=0.2, batches="2x2").forecast
    assert row.loss.upper <= 0.2
    monkeypatch.setattr(batch_pressure_estimate, "MOST_LOSSES", 0)
    (few,) = package.forecast(vectors, labels, margin=0.2, batches="2x2").forecast
    assert few.loss.value < 0.2 < few.loss.upper
    assert (few.safe, row.safe) == (False, True)


def rare():
    """A class of 480 rows and 240 pairs, one of which has a row on another."""
    rng = np.random.default_rng(6)
    labels = np.concatenate((np.zeros(480, int), np.repeat(np.arange(1, 241), 2)))
    vectors = 30 * rng.normal(size=(241, 6))[labels] + 0.1 * rng.normal(size=(960, 6))
    vectors[480] = vectors[958]
    return vectors, labels.tolist()


def misses(seeds, amount):
    """How often the interval of the pressure misses the mean of so many batches."""
    vectors, labels = map(np.array, rare())
    draw = drawing(np.concatenate(([0], np.arange(480, 961, 2))), (4, 3))
    drawn = [draw(np.random.default_rng((k, 98))) for k in range(amount)]
    many = []
    for size in {len(rows) for rows in drawn}:
        rows = np.array([one for one in drawn if len(one) == size])
        found = batch_pressures(vectors[rows], labels[rows], 0.2, np.ones_like(rows))
        many += [one.pressure for one in found]
    assert 0 < np.mean(many) < 0.05
    slack = 3 * np.std(many) / np.sqrt(len(many))
    found = [
        package.forecast(vectors, labels.tolist(), margin=0.2, batches="4x3", seed=seed)
        .forecast[0]
        .pressure
        for seed in range(seeds)
    ]
    return sum(not one.lower - slack <= np.mean(many) <= one.upper + slack for one in found)


@pytest.mark.thorough
def test_the_interval_of_the_pressure_holds_where_few_batches_have_any():
    assert misses(8, 3000) <= 1


@pytest.mark.soak
def test_the_interval_of_the_pressure_holds_as_often_as_it_says():
    assert misses(300, 20_000) <= 300 * 0.01 + 3 * np.sqrt(300 * 0.01 * 0.99)


def test_nothing_is_safe_in_a_point():
    vectors, labels = blobs()
    sweep = package.forecast(np.ones_like(vectors), labels, margin=0.2)
    assert sweep.point_collapse == "collapsed"
    assert sweep.largest_safe is None
    assert {(row.risk, row.safe) for row in sweep.forecast} == {("high", False)}
    assert [notice.code for notice in sweep.cautions] == ["collapsed"]


def test_cautions():
    def codes(margin, **options):
        sweep = package.forecast(*blobs(**options), margin=margin, batches="4x3")
        return [notice.code for notice in sweep.cautions]

    assert codes(0.2, spread=20.0) == []
    assert codes(0.0, spread=20.0) == ["no_margin"]
    assert codes(0.2, spread=0.0) == ["low_precision"]


def test_a_shape_that_the_data_do_not_fill():
    vectors, labels = blobs(classes=3, rows=4)
    (row,) = package.forecast(vectors, labels, batches="50x90").forecast
    assert (row.classes_per_batch, row.samples_per_class, row.batch) == (50, 90, 12)


@pytest.mark.parametrize("labels", [[0] * 3 + [1, 2, 3], [0, 0, 0, 1, 2, 3]])
def test_no_batch_to_draw_is_refused(labels):
    with pytest.raises(errors.InputRefused, match="fewer than two classes have two rows"):
        package.forecast(np.eye(6), labels)


@pytest.mark.parametrize("batches", ["18", "1x4", "4x1", "0x0", "x", "4x3,", "4x3;2x2", [(4,)], 7])
def test_bad_shapes_from_python(batches):
    with pytest.raises(errors.UsageError, match="batches"):
        package.forecast(*blobs(), batches=batches)


SIZES = (
    [200] * 62, [30] * 62, [5] * 12_000, [2, 2], [2] * 40, [1] * 5 + [3] * 7, [400] * 10,
    [20_000] * 2, [1000] * 1000, [9000] + [2] * 50,
)  # fmt: skip


@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: f"{len(sizes)} of {sizes[-1]}")
def test_the_usual_shapes_fit_the_data_and_a_page(sizes):
    sizes = np.array(sizes)
    shapes = usual_shapes(sizes)
    eligible = sizes[sizes > 1]
    assert 1 <= len(shapes) <= 16
    assert shapes == in_order(shapes)
    for classes, rows in shapes:
        assert 2 <= classes <= len(eligible)
        assert 2 <= rows <= np.median(eligible)
        assert classes * rows <= min(LARGEST, eligible.sum())


def test_no_usual_shapes_without_two_classes():
    assert usual_shapes(np.array([9, 1, 1])) == ()


def test_label_names_change_nothing_and_a_scaled_margin_neither():
    vectors, labels = blobs()
    plain = figures(package.forecast(vectors, labels, margin=0.3))
    named = [f"class {label}" for label in labels]
    assert figures(package.forecast(vectors, named, margin=0.3)) == plain
    scaled = figures(package.forecast(1024 * vectors, labels, margin=1024 * 0.3))
    for row in scaled:
        row["loss"] = {end: value / 1024 for end, value in row["loss"].items()}
    assert scaled == plain


def test_a_rigid_motion_changes_last_digits_only():
    vectors, labels = blobs()
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))
    for one, other in zip(
        figures(package.forecast(vectors, labels, margin=0.3)),
        figures(package.forecast(vectors @ rotation + 2, labels, margin=0.3)),
        strict=True,
    ):
        assert one["pressure"] == pytest.approx(other["pressure"], abs=1e-9)
        assert one["gap"] == pytest.approx(other["gap"], abs=1e-9)


def test_permuted_rows_give_other_draws_of_the_same_mean():
    vectors, labels = blobs(classes=12, rows=20)
    order = np.random.default_rng(2).permutation(len(labels))
    pairs = zip(
        package.forecast(vectors, labels, margin=0.3).forecast,
        package.forecast(vectors[order], [labels[k] for k in order], margin=0.3).forecast,
        strict=True,
    )
    for one, other in pairs:
        assert one.pressure.lower <= other.pressure.upper
        assert other.pressure.lower <= one.pressure.upper


def run(folder, *arguments, data="x.npy"):
    return embaudit(folder, "forecast", data, *ARGUMENTS, *arguments)


def test_0_and_the_json_follows_its_schema(folder):
    schema = json.loads(embaudit(folder, "schema", "forecast").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    done = run(folder, "--format", "json", "--margin", "0.3", "-o", "f.json", "-o", "f.md")
    told(done, 0)
    written = json.loads(done.stdout)
    jsonschema.validate(written, schema, cls=jsonschema.Draft202012Validator)
    assert set(written) == set(schema["properties"])
    assert json.loads((folder / "f.json").read_text()) == written
    assert (folder / "f.md").read_text().startswith("# Collapse forecast\n")


def test_the_cli_is_a_caller_of_the_api(folder):
    done = run(folder, "--format", "json", "--batch", "2x2,4x3", "--batch", "6X4", "--seed", "3")
    told(done, 0)
    sweep = package.forecast(*blobs(), batches=SHAPES, seed=3)
    written = json.loads(done.stdout)
    assert written["forecast"] == json.loads(sweep.to_json())["forecast"]
    assert written["options"]["batches"] == [[2, 2], [4, 3], [6, 4]]


def test_0_quiet_says_nothing(folder):
    done = run(folder, "-q", "-o", "f.json")
    assert told(done, 0) == done.stdout == ""
    assert (folder / "f.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--batch", "18"),
        ("--batch", "1x4"),
        ("--batch", "4x3,oops"),
        ("--margin", "-1"),
        ("--metric", "manhattan"),
        ("--gate", "collapse_risk <= 1"),
        ("-o", "f.pdf"),
        ("--format", "yaml"),
        ("--sample", "3"),
    ],
    ids=" ".join,
)
def test_2_usage(folder, arguments):
    told(run(folder, *arguments), 2)


def test_2_comes_before_any_reading(folder):
    told(run(folder, "--batch", "18", data="no_such_file.npy"), 2)


def test_3_refused(folder):
    np.save(folder / "y.npy", np.zeros(48, dtype=int))
    assert "only one class" in told(run(folder), 3)
    np.save(folder / "y.npy", np.arange(48))
    assert "every class has a single row" in told(run(folder), 3)
    np.save(folder / "y.npy", np.maximum(np.arange(48), 20))
    assert "no batch has a positive" in told(run(folder), 3)
    assert "no_such_file.npy" in told(run(folder, data="no_such_file.npy"), 3)


def test_4_over_the_budget(folder):
    assert "--memory-budget" in told(run(folder, "--memory-budget", "1M"), 4)


def test_5_cannot_be_written(folder):
    told(run(folder, "-o", "no/such/folder/f.json"), 5)
