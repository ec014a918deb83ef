"""The schema of embaudit.toml and what reads the file agree on what is right, and what is not."""

import json
import tomllib

import jsonschema
import pytest
from typer.testing import CliRunner

from embaudit.cli import app
from embaudit.errors import UsageError
from embaudit.gate import PRESETS, Asked, rules_in_force
from embaudit.measures import MEASURES
from embaudit.settings.chosen_measures import chosen_measures
from embaudit.settings.config_file import configuration_from
from embaudit.settings.option_table import KEYS
from embaudit.settings.settings import settings_among
from tests.docs.pages import MANUAL, snippets

SCHEMA = json.loads(CliRunner().invoke(app, ["schema", "config"]).stdout)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
SAMPLE = next(one.code for one in snippets(MANUAL["gate"]) if one.language == "toml")

RIGHT = [
    SAMPLE,
    *(f"[gate]\npreset = '{name}'" for name in PRESETS),
    *(f"[gate.{one.id}]\nmax = {0.5 if one.unit == 'fraction' else 1}" for one in MEASURES),
    "margin = 1\nseed = 0\neffort = 6\nsample = 3\nthreads = 2\nmemory_budget = '2G'",
    "measures = 'paper'",
    "measures = 'paper, d_iso'",
    "measures = ['paper', 'd_iso,d_haus']",
    "ignore_label = -1\ndrop = 'zero_rows,stray_rows'",
    "ignore_label = [true, 'unknown', 7]\ndrop = ['zero_rows']\nacknowledge = 'label_twins'",
    "search = 'exact'\nbatch = '18x4'\nmetric = 'l2'\nunpack_bits = true\nlabels = 'y.npy'",
    "[gate]\ndiagnosis = 'healthy'",
    "[gate.diagnosis]\nis_not = ['collapsed', 'check_input']\nlevel = 'warn'",
    "[gate.collapse_state]\nmax = 'none'",
    "[gate.d_iso]\nmax = '0.5'\nmax_increase = '5%'",
    "[gate.no_finding]\nany = 'warn'",
    "[gate.worst_class.violated_triplets]\nmax_increase = 0.1",
    "[gate.class.'a b'.precision_at_1]\nmin = 0.5",
]
WRONG = [
    "metrc = 'l2'",
    "metric = 'l1'",
    "metric = 3",
    "margin = '0.2'",
    "margin = -1",
    "seed = 1.5",
    "seed = -1",
    "effort = 7",
    "sample = 0",
    "unpack_bits = 'yes'",
    "labels = ['a', 'b']",
    "measures = 'no_such_measure'",
    "measures = ['paper', 'no_such_measure']",
    "drop = 'outliers'",
    "ignore_label = 1.5",
    "acknowledge = 'no_such_notice'",
    "acknowledge = ['overlapping']",
    "search = 'quick'",
    "threads = true",
    "gate = 'strict'",
    "[gate]\npreset = 3",
    "[gate]\npreset = 'sternest'",
    "[gate]\nviolated_triplets = 0.05",
    "[gate.no_such_measure]\nmax = 1",
    "[gate.violated_triplets]\nmaximum = 1",
    "[gate.violated_triplets]\nmax = 5",
    "[gate.violated_triplets]\nmax = '5%'",
    "[gate.violated_triplets]\nmax = true",
    "[gate.violated_triplets]\nlevel = 'warn'",
    "[gate.violated_triplets]\nmax = 0.5\nlevel = 'fatal'",
    "[gate.d_iso]\nmax = 'none'",
    "[gate.d_iso]\nmax_increase = -1",
    "[gate]\ndiagnosis = 'well'",
    "[gate.diagnosis]\nlevel = 'warn'",
    "[gate.diagnosis]\nis_not = ['well']",
    "[gate.no_finding]",
    "[gate.no_finding]\nno_such_finding = 'warn'",
    "[gate.no_finding]\nany = 'fatal'",
    "[gate.worst_class]\nmax = 0.5",
    "[gate.worst_class.d_iso]\nmax = 0.5",
    "[gate.worst_class.precision_at_1]\nmax = 0.5",
    "[gate.worst_class.violating_anchors]\nmax_increase = 0.5",
    "[gate.class.a.precision_at_1]\nmax_decrease = 0.5",
    "[gate.class.a]\nmin = 0.5",
]


def read(folder, text):
    """What an audit makes of a configuration before it reads anything. Raises UsageError."""
    path = folder / "embaudit.toml"
    path.write_text(text)
    found = configuration_from(path, folder)
    settings = settings_among(found.values, labels=True)
    chosen_measures(settings.measures, (), MEASURES)
    rules_in_force([Asked(text, path.name) for text in found.gate], MEASURES)


def test_it_is_a_schema_that_editors_of_toml_know():
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_it_has_every_key_and_says_what_it_is():
    assert list(SCHEMA["properties"]) == [*KEYS, "gate"]
    assert all("description" in one for one in SCHEMA["properties"].values())
    assert "\\[" not in json.dumps(SCHEMA)
    assert SCHEMA["properties"]["metric"]["default"] == "l2"


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_read_is_valid(text, tmp_path):
    read(tmp_path, text)
    VALIDATOR.validate(tomllib.loads(text))


@pytest.mark.parametrize("text", WRONG)
def test_what_is_refused_is_not(text, tmp_path):
    with pytest.raises(UsageError):
        read(tmp_path, text)
    assert list(VALIDATOR.iter_errors(tomllib.loads(text)))


def test_every_key_of_the_sample_is_in_it():
    """The sample names in comments the keys that it does not set."""
    assert all(name in SAMPLE for name in KEYS)
