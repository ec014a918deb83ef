"""JUnit XML is read back by two parsers, and says what the gate said."""

from io import BytesIO, StringIO
from xml.etree import ElementTree

import junitparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embaudit.outputs.media.as_junit import render_junit
from tests.render import samples
from tests.render.samples import EVERY
from tests.render.test_safe_text import ANY, assert_inert

FAILING = ("fail", "undecided")
STATUSES = ("pass", "fail", "undecided", "warn")


def suite_of(report):
    (suite,) = junitparser.JUnitXml.fromstring(render_junit(report))
    return suite


def canonical(xml):
    written = StringIO()
    ElementTree.canonicalize(xml, out=written, strip_text=True)
    return written.getvalue()


def assert_as_the_gate_says(report):
    """Two parsers read it, and count what fails the gate."""
    xml = render_junit(report)
    root = ElementTree.fromstring(xml)
    cases, rules = root.findall("./testsuite/testcase"), report.gate.rules
    assert len(cases) == max(1, len(rules))
    for case, rule in zip(cases, rules, strict=bool(rules)):
        kinds = [child.tag for child in case]
        assert kinds == {"pass": [], "warn": ["system-out"]}.get(rule.status, ["failure"])
    assert_inert("".join(root.itertext()).replace("\n", "").replace("\t", ""))
    failing = sum(rule.status in FAILING for rule in rules)
    for counted in (suite_of(report), junitparser.JUnitXml.fromstring(xml)):
        assert (counted.tests, counted.failures) == (len(cases), failing)
        assert (counted.errors, counted.skipped) == (0, int(not rules))
    again = BytesIO()
    junitparser.JUnitXml.fromstring(xml).write(again)
    assert canonical(again.getvalue()) == canonical(xml)


@pytest.mark.parametrize("name", EVERY)
def test_it_parses_and_counts_what_the_gate_says(name):
    report = EVERY[name]()
    assert_as_the_gate_says(report)
    assert (suite_of(report).failures > 0) == (report.gate.verdict == "fail")
    assert render_junit(report) == render_junit(EVERY[name]())


@given(st.lists(st.tuples(ANY, st.sampled_from(STATUSES)), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_any_text_in_any_rule(rules):
    assert_as_the_gate_says(samples.gated(rules))


@pytest.mark.parametrize("text", ["]]>", "<![CDATA[x]]>", "&amp; \"'<", "\r\n\t", "\ufffe\uffff"])
def test_what_xml_could_stumble_over(text):
    assert_as_the_gate_says(samples.gated([(text, status) for status in STATUSES]))


def test_a_failure_says_what_was_seen_and_what_to_do():
    passed, undecided, failed, warned, blind = suite_of(samples.gate_failing())
    assert failed.name == "precision_at_1 >= 0.95"
    assert failed.classname == "embaudit.measure"  # a rule that does not say which
    (failure,) = failed.result
    assert failure.type == "fail"
    assert failure.message == "observed 0.9134, limit 0.9500; Look at the worst classes below."
    assert failure.text.splitlines()[0] == "fail: precision_at_1 >= 0.95"
    assert "Look at the worst classes below." in failure.text
    assert [one.result[0].type for one in (undecided, blind)] == ["undecided"] * 2
    assert passed.is_passed
    assert warned.is_passed
    assert "warning: iap_factor <= 100" in warned.system_out
    assert "See embaudit explain iap_factor." in warned.system_out


def test_a_test_is_named_after_its_rule_and_its_measure():
    (case,) = suite_of(samples.gated([("violated_triplets <= 0.1", "pass")], "violated_triplets"))
    assert (case.classname, case.name) == ("embaudit.violated_triplets", "violated_triplets <= 0.1")


def test_the_suite_says_which_run_it_was():
    told = {one.name: one.value for one in suite_of(samples.collapsed()).properties()}
    assert told == {
        "version": "0.1.0",
        "run_id": "9f8a7c6b5d4e3f2a",
        "collapse_state": "collapsed",
        "diagnosis": "collapsed",
        "diagnosis.reason": "inputs of different classes get nearly the same vector",
        "finding.collapsed": "bad: inputs of different classes get nearly the same vector",
    }


def test_a_failure_tells_the_state_that_may_be_why():
    _, _, failed, *_ = suite_of(samples.regressed())
    (failure,) = failed.result
    state = "CHECK LABELS: 11 rows (0.1%) have a suspect label"
    assert failure.text.splitlines()[-2:] == [state, samples.SUSPECTS.remedy]


def test_without_rules_nothing_passed():
    (case,) = suite_of(samples.trained())
    assert case.is_skipped
    assert "--gate" in case.result[0].message


def test_a_label_asks_for_no_attachment():
    xml = render_junit(samples.gated([("[[ATTACHMENT|/etc/passwd]]", one) for one in STATUSES]))
    assert b"[[" not in xml
