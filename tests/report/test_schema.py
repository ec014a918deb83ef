"""Every report validates, and what the schema promised within its version stays.

Its fields are locked in locks/schema_1.json; `python -m tests.report.test_schema` writes it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from typer.testing import CliRunner

import embaudit
from embaudit.cli import app
from embaudit.report import SCHEMA_VERSION, Report
from embaudit.verbs.explain import report_schema

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_data"
LOCK = Path(__file__).parents[1] / "locks" / f"schema_{SCHEMA_VERSION}.json"
SCHEMA = json.loads(report_schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

RNG = np.random.default_rng(0)
LABELS = [f"class {k % 12}" for k in range(120)]
X = RNG.normal(size=(120, 6)) + 2 * RNG.normal(size=(12, 6))[[k % 12 for k in range(120)]]
GATE = (
    "collapse_state <= warning",
    "violated_triplets <= 0",
    "d_iso_estimate <= 1",
    "warn: precision_at_1 > 1",
    "worst_class.violated_triplets <= 0.5",
)
AGAINST = ("recommended", "precision_at_1 decrease <= 1%", "thickness increase <= 0")


def earlier(folder: Path, **changes: Any) -> Path:
    """A report of almost the same set."""
    path = folder / "then.json"
    path.write_text(embaudit.audit(X + 0.01, LABELS, **changes).to_json())
    return path


def sample(name: str, **options: Any) -> Report:
    labels = np.load(SAMPLES / "collapsed_labels.npy") if name == "collapsed.npy" else None
    if labels is None:
        return embaudit.audit(embaudit.load(SAMPLES / name), **options)
    return embaudit.audit(np.load(SAMPLES / name)[::4], labels[::4], **options)


def typed(*arguments: str) -> Report:
    """What the command line writes."""
    done = CliRunner().invoke(app, [*arguments, "--format", "json", "--no-progress"])
    return Report.model_validate_json(done.stdout)


KINDS = {
    "typed": lambda _: typed("audit", str(SAMPLES / "healthy.parquet"), "--measures", "paper"),
    "healthy": lambda _: sample("healthy.parquet", measures="paper"),
    "collapsed": lambda _: sample("collapsed.npy", margin=0.2, gate="strict"),
    "constant": lambda _: embaudit.audit(np.ones((40, 3)), LABELS[:40], measures="all"),
    "all measures": lambda _: embaudit.audit(X, LABELS, measures="all", batch=(6, 4)),
    "gallery": lambda _: embaudit.audit(X, LABELS, gallery=X + 0.1, gallery_labels=LABELS),
    "no labels": lambda _: embaudit.audit(X, no_labels=True, gate="collapse_state == none"),
    "sampled": lambda _: embaudit.audit(X, LABELS, sample=60, ids=list(range(120))),
    "approximate": lambda _: embaudit.audit(X, LABELS, search="approximate", metric="cosine"),
    "gate": lambda _: embaudit.audit(X, LABELS, gate=GATE),
    "acknowledged": lambda _: embaudit.audit(X, ["", *LABELS[1:]], acknowledge="empty_labels"),
    "baseline": lambda folder: embaudit.audit(X, LABELS, baseline=earlier(folder), gate=AGAINST),
    "no baseline": lambda folder: embaudit.audit(X, LABELS, baseline=folder / "none.json"),
    "incomparable": lambda folder: embaudit.audit(
        X, LABELS, baseline=earlier(folder, metric="cosine"), gate="smoke"
    ),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    return {kind: make(tmp_path_factory.mktemp("earlier")) for kind, make in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_validates_and_reads_back(reports, kind):
    text = reports[kind].to_json()
    VALIDATOR.validate(json.loads(text))
    assert Report.model_validate_json(text).to_json() == text


def test_between_them_they_show_what_a_report_can_hold(reports):
    readings = [one for report in reports.values() for one in report.measures.values()]
    assert {one.kind for one in readings} == {
        "exact", "certified", "sampled", "estimate", "undefined",
    }  # fmt: skip
    rules = [rule for report in reports.values() for rule in report.gate.rules]
    assert {rule.status for rule in rules} == {"pass", "fail", "undecided", "warn"}
    assert {report.collapse.state for report in reports.values()} >= {"none", "collapsed"}
    empty = {
        field
        for field in Report.model_fields
        if not any(getattr(report, field) for report in reports.values())
    }
    assert empty == set()


ALWAYS = "always there"


def fields_of(schema: dict[str, Any]) -> dict[str, str]:
    """Every field by its path: the types that it may have, and whether it is always there."""
    return dict(_fields(schema, schema, "", True))


def _fields(
    schema: dict[str, Any], node: dict[str, Any], path: str, always: bool
) -> Iterator[tuple[str, str]]:
    options = [_resolved(schema, one) for one in _resolved(schema, node).get("anyOf", [node])]
    kinds = " or ".join(sorted({one.get("type", "any") for one in options}))
    yield path, f"{kinds}, {ALWAYS}" if always else kinds
    for one in options:
        below = dict(one.get("properties", {}))
        required = set(one.get("required", ()))
        if path == ".measures":  # all alike; which there are, is locked with their definitions
            below = {"*": next(iter(below.values()))}
        elif isinstance(one.get("additionalProperties"), dict):
            below["*"] = one["additionalProperties"]
        for name, inner in below.items():
            yield from _fields(schema, inner, f"{path}.{name}", name in required)
        for at, inner in enumerate(one.get("prefixItems", ())):
            yield from _fields(schema, inner, f"{path}[{at}]", False)
        if isinstance(one.get("items"), dict):
            yield from _fields(schema, one["items"], f"{path}[]", False)


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def complaints(now: dict[str, str], lock: dict[str, str]) -> Iterator[str]:
    """What a version of the schema does not allow, or has to be locked."""
    for path, kinds in lock.items():
        if path not in now:
            yield f"{path} is gone: within a version no field is removed or renamed."
        elif now[path] != kinds:
            yield f"{path} was {kinds}, it is {now[path]}: within a version no type changes."
    for path in now.keys() - lock.keys():
        if ALWAYS in now[path]:
            above = path.rpartition(".")[0].removesuffix("[]")
            if above in lock:  # what is below a new field is new as a whole
                yield f"{path} is new and required: give it a default, so that old reports hold."
        yield f"{path} is new: `python -m tests.report.test_schema` locks it."


def test_no_field_is_removed_renamed_or_retyped():
    assert list(complaints(fields_of(SCHEMA), json.loads(LOCK.read_text()))) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda fields: fields.pop(".gate.verdict"), "is gone"),
        (lambda fields: fields.update({".run_id": f"integer, {ALWAYS}"}), "no type changes"),
        (lambda fields: fields.update({".run_id": "string"}), "no type changes"),
        (lambda fields: fields.update({".new": f"string, {ALWAYS}"}), "give it a default"),
        (lambda fields: fields.update({".new": "string"}), "locks it"),
    ],
)
def test_a_change_is_told_with_what_to_do(change, said):
    now = fields_of(SCHEMA)
    lock = dict(now)
    assert list(complaints(now, lock)) == []
    change(now)
    assert said in " ".join(complaints(now, lock))


if __name__ == "__main__":
    LOCK.write_text(json.dumps(fields_of(SCHEMA), indent=1) + "\n")
