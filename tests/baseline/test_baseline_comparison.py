"""Two reports side by side: states first, lengths that no scale moves, no credit for a point."""

import io
import re

import numpy as np
import pytest
from hypothesis import strategies as st

import embaudit
from embaudit.baseline.report_state import chance_of, standing_of, state_of
from embaudit.measures import MEASURES
from embaudit.render import comparison_document, console_for, document_markdown, show_document
from embaudit.render.html import comparison_page
from embaudit.render.words.change_words import findings
from embaudit.verbs.compare import compare
from tests.combined import examples, in_part
from tests.render import samples

LABELS = np.arange(120) % 8
MIXED = np.random.default_rng(1).permutation(120)
FIRST = ("State", "Nearest row right", "Same class is nearer", "Violated triplets", "Suspect")


def spread(apart, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(8, 16))
    return apart * centres[LABELS] + rng.normal(size=(120, 16))


def saved(folder, name, vectors, labels=LABELS, **options):
    report = embaudit.audit(vectors, labels.tolist(), threads=1, margin=0.2, **options)
    (folder / f"{name}.json").write_text(report.to_json())
    return report


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    point = spread(0) * 1e-7 + 1
    for name, vectors in {
        "early": spread(0.8), "late": 9 * spread(2), "scaled": 37.5 * spread(0.8),
        "half": spread(0.8).astype(np.float16), "whole": spread(0.8).astype(np.float32),
        "point": point, "other point": spread(0, seed=1) * 1e-7 + 1,
    }.items():  # fmt: skip
        saved(folder, name, vectors)
    return folder


def compared(folder, *names):
    return compare([folder / f"{name}.json" for name in names])


def shown(comparison):
    """The comparison in every medium that is read."""
    screen = io.StringIO()
    document = comparison_document(comparison, MEASURES)
    show_document(document, console_for(screen, width=100))
    return {
        "terminal": screen.getvalue(),
        "markdown": document_markdown(document),
        "html": comparison_page(comparison, MEASURES),
    }


# Chance.


def chance(labels):
    """By definition: over anchors, the share of their class among the other rows."""
    shares = [
        np.mean([other == own for k, other in enumerate(labels) if k != row])
        for row, own in enumerate(labels)
        if labels.count(own) > 1
    ]
    return float(np.mean(shares))


@examples(st.lists(st.integers(0, 4), min_size=3, max_size=40), few=25, some=50, many=300)
def test_precision_is_corrected_by_the_chance_of_an_anchor(labels):
    if len(set(labels)) < 2 or len(set(labels)) == len(labels):
        return
    vectors = np.random.default_rng(0).normal(size=(len(labels), 3))
    report = embaudit.audit(vectors, labels, measures="precision_at_1", threads=1)
    expected, value = chance(labels), report.measures["precision_at_1"].value
    standing = standing_of(report)
    assert standing.chance == pytest.approx(expected, abs=1e-12)
    assert standing.above_chance == pytest.approx((value - expected) / (1 - expected), abs=1e-12)
    assert standing.above_chance <= 1


def test_noise_is_at_chance_whatever_the_classes_are():
    labels = np.repeat([0, 1, 2], [300, 60, 40])
    vectors = np.random.default_rng(3).normal(size=(400, 32))
    report = embaudit.audit(vectors, labels.tolist(), measures="precision_at_1", threads=1)
    assert report.measures["precision_at_1"].value > 0.5
    assert abs(standing_of(report).above_chance) < 0.1


@pytest.mark.thorough
def test_where_the_classes_do_not_tell_chance_it_is_said(folder):
    gallery = embaudit.audit(
        spread(1), LABELS.tolist(), gallery=spread(2, 1), gallery_labels=LABELS.tolist(), threads=1
    )
    assert standing_of(gallery).chance == gallery.diagnosis.chance
    gallery = gallery.model_copy(update={"diagnosis": None, "measures": {}})
    for report, word in (
        (gallery, "gallery"),
        (embaudit.audit(spread(1), no_labels=True, threads=1), "no labels"),
        (
            samples.healthy().model_copy(update={"diagnosis": None, "measures": {}}),
            "do not hold",
        ),
    ):
        known, reason = chance_of(report)
        assert known is None
        assert word in reason
        assert standing_of(report).above_chance is None
    one = compared(folder, "early", "late").against_first[0]
    unknown = one.then.model_copy(update={"above_chance": None, "reason": "it is not told"})
    told = list(findings(one.model_copy(update={"then": unknown})))
    line = next(found for found in told if found.headline.startswith("Nearest row right"))
    assert "corrected" not in line.headline
    assert "Not corrected for chance: it is not told." in line.details


# Order, and no votes.


@pytest.mark.thorough
@pytest.mark.parametrize("names", [("early", "late"), ("early", "point"), ("point", "late")])
def test_a_comparison_leads_with_the_states_then_precision_auc_triplets_suspects(folder, names):
    comparison = compared(folder, *names)
    heads = [found.headline for found in findings(comparison.against_first[0])]
    assert [head.startswith(word) for head, word in zip(heads, FIRST, strict=False)] == [True] * 5
    for text in shown(comparison).values():
        flat = " ".join(text.split())
        places = [flat.index(word) for word in FIRST]
        assert places == sorted(places)


@pytest.mark.parametrize(
    "names", in_part([(("early", "late"),), (("late", "early"),), (("early", "point"),)], 3)
)
def test_no_medium_counts_votes(folder, names):
    for text in shown(compared(folder, *names)).values():
        assert not re.search(r"\d+ (measures? )?(worse|better)\b", text)
        assert not re.search(r"\d+ (the same|open)\b", text)


def test_a_better_checkpoint_is_better_although_its_lengths_grew(folder):
    one = compared(folder, "early", "late").against_first[0]
    raw = {id: change.value for id, change in one.changes.items() if change.relative}
    assert raw["d_iso"] > 0
    assert raw["gap_p95"] > 0
    worse = {id for id, change in one.changes.items() if change.direction == "worse"}
    assert worse.isdisjoint({"gap_p50", "gap_p95", "d_iso", "batch_hard_loss"})
    assert one.changes["gap_p95"].direction == "better"


def test_lengths_are_compared_in_rms_pair_distances(folder):
    reports = {name: saved(folder, name, x) for name, x in (("early", spread(0.8)),
                                                            ("late", 9 * spread(2)))}  # fmt: skip
    one = compared(folder, "early", "late").against_first[0]
    rms = {name: report.measures["rms_pair_distance"].value for name, report in reports.items()}
    lengths = [m.id for m in MEASURES if m.unit == "distance" and m.id in one.changes]
    assert len(lengths) > 10
    for id in lengths:
        change = one.changes[id]
        if change.value is None or id == "rms_pair_distance":
            assert change.relative is None
            continue
        assert change.relative.then == pytest.approx(change.then / rms["early"])
        assert change.relative.now == pytest.approx(change.now / rms["late"])
        assert change.relative.value == pytest.approx(change.relative.now - change.relative.then)


@pytest.mark.thorough
def test_a_change_of_scale_alone_changes_no_length(folder):
    saved(folder, "unit", spread(0.8), measures="all")
    saved(folder, "times", 37.5 * spread(0.8), measures="all")
    changes = compared(folder, "unit", "times").against_first[0].changes
    with_margin = {"batch_hard_loss", "collapse_pressure", "collapse_risk", "batch_gap"}
    moved = {
        id for id, one in changes.items() if one.direction in ("better", "worse")
    } - with_margin  # the margin is a length of the loss, and did not grow
    assert moved == set()


# What does not matter.


def test_a_float16_copy_is_the_same(folder):
    changes = compared(folder, "whole", "half").against_first[0].changes
    moved = {id: one for id, one in changes.items() if one.direction in ("better", "worse")}
    assert moved == {}
    decided = [id for id, one in changes.items() if one.direction == "same"]
    assert {"precision_at_1", "separation_auc", "violated_triplets", "gap_p50"} <= set(decided)
    assert any(changes[id].value for id in decided)  # it moved, by less than matters


def test_what_matters_is_not_the_same(folder):
    vectors = spread(0.8)
    labels = LABELS.copy()
    labels[:2] = (labels[:2] + 1) % 8
    saved(folder, "kept", vectors)
    saved(folder, "flipped", vectors, labels)
    changes = compared(folder, "kept", "flipped").against_first[0].changes
    for id in ("precision_at_1", "violated_triplets", "separation_auc"):
        assert changes[id].direction == "worse"


# Collapse.


def test_a_collapse_is_told_first_and_nothing_speaks_for_it(folder):
    comparison = compared(folder, "early", "point")
    one = comparison.against_first[0]
    first = next(findings(one))
    assert first.headline.startswith("State: healthy then, collapsed (")
    assert first.mark == "bad"
    assert "repaired" not in " ".join(found.headline for found in findings(one))
    assert "better" not in {change.direction for change in one.changes.values()}
    assert one.changes["collapse_state"].direction == "worse"
    assert one.changes["precision_at_1"].direction == "worse"
    for id in ("d_iso", "collapse_pressure", "violated_triplets"):
        assert one.changes[id].direction != "better"
    back = compared(folder, "point", "early").against_first[0]
    assert "worse" not in {change.direction for change in back.changes.values()}
    assert back.changes["precision_at_1"].direction == "better"


def test_of_two_collapsed_none_is_better(folder):
    one = compared(folder, "point", "other point").against_first[0]
    assert {"better", "worse"}.isdisjoint(change.direction for change in one.changes.values())
    assert ", then and now" in next(findings(one)).headline


def test_a_collapsed_report_is_advised_as_no_baseline(folder):
    text = shown(compared(folder, "early", "point"))["terminal"]
    assert "embaudit baseline" not in text
    assert "embaudit baseline" in shown(compared(folder, "early", "late"))["terminal"]


def test_the_state_of_a_diagnosis_is_told_where_there_is_one(folder):
    report = samples.healthy().model_copy(update={"diagnosis": None})
    assert state_of(report) == report.collapse.state
    report = embaudit.audit(spread(9), LABELS.tolist(), measures="precision_at_1", threads=1)
    assert state_of(report) == report.diagnosis.state == "healthy"
    one = compared(folder, "early", "late").against_first[0]
    now = one.now.model_copy(update={"state": "check_labels"})
    told = next(findings(one.model_copy(update={"now": now})))
    assert told.headline == "State: healthy then, check labels now"
    assert told.mark == "warning"


# The diagnoses of both.


@pytest.mark.thorough
def test_states_come_with_their_reasons_and_findings_that_are_new_or_gone(folder):
    """Labels that slip by three rows, and back: told first, and as a new and a gone finding."""
    right = saved(folder, "right", 3 * spread(2))
    slipped = saved(folder, "slipped", 3 * spread(2)[MIXED], labels=np.roll(LABELS[MIXED], 3))
    assert (right.diagnosis.state, slipped.diagnosis.state) == ("healthy", "check_input")
    for names, told in ((("right", "slipped"), "New"), (("slipped", "right"), "Gone")):
        comparison = compared(folder, *names)
        (one,) = comparison.against_first
        assert [report.diagnosis for report in comparison.reports] == [
            {"right": "healthy", "slipped": "check_input"}[name] for name in names
        ]
        first, *rest = findings(one)
        assert first.mark == ("bad" if told == "New" else "good")
        for word, which in zip(("Then", "Now"), names, strict=True):
            reason = {"right": right, "slipped": slipped}[which].diagnosis.reason
            assert f"{word}: {reason}." in first.details
        (line,) = [found for found in rest if found.headline.startswith(f"{told} findings: ")]
        assert "misaligned_labels" in line.headline
        other = {"New": "Gone", "Gone": "New"}[told]
        amiss = [found for found in rest if found.headline.startswith(f"{other} findings: ")]
        assert not any("misaligned_labels" in found.headline for found in amiss)
        for text in shown(comparison).values():
            flat = " ".join(text.split())
            assert "misaligned" in flat
            assert slipped.diagnosis.reason[:40] in flat
    text = shown(compared(folder, "right", "slipped"))["terminal"]
    assert "embaudit baseline" not in text
    assert "slipped.json is of a file with a fault" in " ".join(text.split())
    heads = [found.headline for found in findings(comparison.against_first[0])]
    assert next(head for head in heads if "Suspect" in head).endswith("says nothing")


def test_faults_are_what_was_found_amiss_in_both(folder):
    report = saved(folder, "one", 3 * spread(2))
    amiss = [one.id for one in report.diagnosis.findings if one.mark != "good"]
    assert list(standing_of(report).faults) == amiss
    old = report.model_copy(update={"diagnosis": None})
    assert standing_of(old).faults is None
    assert standing_of(old).above_chance == pytest.approx(standing_of(report).above_chance)
    one = compared(folder, "one", "late").against_first[0]
    blank = one.model_copy(update={"then": standing_of(old)})
    assert not any("findings" in found.headline for found in findings(blank))


def test_precision_beyond_chance_is_the_measure_where_it_was_asked_for(folder):
    for name, apart in (("adjusted 1", 0.8), ("adjusted 2", 2)):
        saved(folder, name, spread(apart), measures="adjusted_precision_at_1")
    one = compared(folder, "adjusted 1", "adjusted 2").against_first[0]
    ends = one.changes["adjusted_precision_at_1"]
    assert (one.then.above_chance, one.now.above_chance) == (ends.then, ends.now)
    told = next(found for found in findings(one) if "Nearest row right" in found.headline)
    assert told.headline.endswith(", better")
