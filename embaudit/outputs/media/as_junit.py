"""The gate as JUnit XML, a test a rule: what CI systems show of a run."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from embaudit.outputs.media import OutputOptions
from embaudit.render.safe_text import inert
from embaudit.render.words.diagnosis_words import findings
from embaudit.render.words.gate_words import reasons
from embaudit.report import Report, Rule

if TYPE_CHECKING:
    from embaudit.verbs.audit import Audited

NAME = "embaudit"
NO_RULE = "No gate rule was given, so nothing was decided. Give one with --gate."


def audit(found: "Audited", options: OutputOptions) -> bytes:
    """The gate's rules."""
    return render_junit(found.report)


def render_junit(report: Report) -> bytes:
    """A suite of the gate's rules: what fails the gate is a failure, and nothing else is.

    An undecided rule is no <error>: that would say that the audit itself broke down. Without rules
    there is one skipped test: Jenkins takes a suite without tests for a broken build, and a test
    that passed would claim what nobody checked.
    """
    suite = TestSuite(NAME)
    suite.add_property("version", inert(report.tool.version))
    suite.add_property("run_id", inert(report.run_id, 80))
    suite.add_property("collapse_state", report.collapse.state)
    if report.diagnosis is not None:
        suite.add_property("diagnosis", report.diagnosis.state)
        suite.add_property("diagnosis.reason", _safe(report.diagnosis.reason))
        for one in report.diagnosis.findings:
            suite.add_property(f"finding.{_safe(one.id, 80)}", _safe(f"{one.mark}: {one.headline}"))
    suite.add_testcases([_test(rule, _state(report)) for rule in report.gate.rules] or [_skipped()])
    page = JUnitXml(NAME)
    page.add_testsuite(suite)
    page.update_statistics()
    content = BytesIO()
    page.write(content, pretty=True)
    return content.getvalue()


def _test(rule: Rule, state: Sequence[str]) -> TestCase:
    test = TestCase(_safe(rule.rule, 200), f"{NAME}.{_safe(rule.measure or rule.kind, 80)}")
    why = [_safe(line) for line in reasons(rule)]
    if rule.status in ("fail", "undecided"):
        failure = Failure("; ".join(why), rule.status)
        origin = [f"Written in: {_safe(rule.origin, 200)}"] if rule.origin else []
        failure.text = "\n".join(
            [f"{rule.status}: {test.name}", *why, *state, *origin]
        )  # GitLab shows it
        test.append(failure)
    elif rule.status == "warn":
        test.system_out = "\n".join([f"warning: {test.name}", *why])
    return test


def _state(report: Report) -> Sequence[str]:
    """What is wrong with the set, which may be why a rule fails."""
    if report.diagnosis is None:
        return ()
    first = next(iter(findings(report)))
    return [_safe(line) for line in (first.headline, first.remedy) if line]


def _skipped() -> TestCase:
    test = TestCase("gate", f"{NAME}.gate")
    test.append(Skipped(NO_RULE))
    return test


def _safe(text: str, most: int = 600) -> str:
    """Text that XML can hold, and that asks Jenkins for no file ([[ATTACHMENT|path]])."""
    return inert(text, most).replace("[[", "[\\x5b")
