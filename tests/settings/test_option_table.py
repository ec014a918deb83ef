"""The table of options: verbs, Settings, Python's functions and reports say what it says."""

import inspect
from typing import get_args

import pytest
import typer

import embaudit
from embaudit.cli import app
from embaudit.core.metric import Metric
from embaudit.report.invocation import TAKES
from embaudit.report.mining_document import Form, MiningRule
from embaudit.settings.config_file import Keys
from embaudit.settings.option_table import GALLERY_COLUMNS, KEYS, OPTIONS, TABLE, Metrics, option_of
from embaudit.settings.settings import Settings, checked

COMMANDS = typer.main.get_command(app).commands
TAKEN = {
    verb: {one.name: one for one in command.params if one.name != "help"}
    for verb, command in COMMANDS.items()
}
# What only a shell needs, and what only Python does. Python loads files first, with `load`.
OF_THE_SHELL = {
    "full",
    *("embeddings", "labels", "no_labels", "output", "format", "quiet", "verbose", "no_progress"),
    *("config", "no_config", "dry_run", "scheduler", "workers", "asset_root"),
    *("gallery", "gallery_labels", "text_column", "form"),
}
OF_FILES = {"join", "keep_columns", *GALLERY_COLUMNS}
OF_FILES |= {"label_level", "unlabelled", "where"}
OF_PYTHON = {"embeddings", "path", "labels", "ids", "progress", "block_rows", "alone", "no_labels"}
OF_PYTHON |= {"gallery", "gallery_labels", "gallery_ids"}
BY_ANOTHER_NAME = {"batches": "batch"}  # of `forecast`: a verb repeats its --batch
FUNCTIONS = ("audit", "forecast", "project", "mine", "load")


def parameters(function: str) -> dict[str, inspect.Parameter]:
    signature = inspect.signature(getattr(embaudit, function))
    return {name: one for name, one in signature.parameters.items() if name not in OF_PYTHON}


def understood(function: str, name: str, value: object) -> object:
    """What a function makes of a value."""
    model = MiningRule if function == "mine" and name in MiningRule.model_fields else Settings
    if name not in model.model_fields:
        return value or None
    if model is MiningRule and value is None:
        return MiningRule.model_fields[name].default
    empty = value is None and name in ("drop", "ignore_label", "gate", "batches", "acknowledge")
    return getattr(checked(model, {name: () if empty else value}), name)


def test_a_name_has_one_row_for_all_verbs_and_one_for_each_that_differs():
    assert len(TABLE) == len(OPTIONS)
    assert all(one.verb == "" or one.verb in COMMANDS for one in OPTIONS)


def test_verbs_take_rows_of_the_table_and_every_row_is_taken():
    used = set()
    for verb, taken in TAKEN.items():
        for name, param in taken.items():
            row = option_of(verb, name)
            used.add((row.verb, row.name))
            assert param.help.startswith(row.help.partition("{")[0]), (verb, name)
            assert (param.metavar or None) == row.metavar, (verb, name)
            assert param.required == (row.default is ...)
    assert used == set(TABLE)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_a_verb_takes_its_function_takes(function):
    if function == "load":
        verb = set(TAKEN["inspect"]) - OF_THE_SHELL - {"acknowledge"} | {"keep_columns"}
    else:
        verb = set(TAKEN[function]) - OF_THE_SHELL - OF_FILES
    assert {BY_ANOTHER_NAME.get(name, name) for name in parameters(function)} == verb


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_have_the_defaults_of_verbs(function):
    for name, one in parameters(function).items():
        default = option_of(function, BY_ANOTHER_NAME.get(name, name)).default
        if (function, name) == ("project", "effort"):
            assert (one.default, default) == (None, 1)  # which it makes of none
            continue
        assert understood(function, name, one.default) == understood(function, name, default), name


def test_settings_have_the_defaults_of_the_table():
    without = {"labels", "batches", "block_rows"}  # whether there are any; of Python
    assert set(Settings.model_fields) - without == {
        name for name in Settings.model_fields if ("", name) in TABLE and name != "labels"
    }
    for name in set(Settings.model_fields) - without:
        default = TABLE["", name].default
        assert understood("audit", name, default) == getattr(Settings(), name), name


def test_choices_are_those_of_the_models():
    fields = MiningRule.model_fields
    assert Metrics == Metric
    assert TABLE["", "mode"].kind == fields["mode"].annotation
    assert TABLE["", "positive"].kind == fields["positive"].annotation
    assert get_args(TABLE["", "form"].kind) == get_args(Form)


def test_a_configuration_holds_options_of_an_audit():
    assert list(Keys.model_fields) == list(KEYS)
    assert set(KEYS) <= set(TAKEN["audit"])


@pytest.mark.parametrize("verb", TAKES)
def test_a_report_tells_options_that_its_verb_takes(verb):
    assert set(TAKES[verb]) <= set(TAKEN[verb])


@pytest.mark.parametrize("verb", ["audit", "trend"])
def test_a_report_tells_every_option_that_decides_its_figures(verb):
    """What is asked for as reports are read stays out, and so does what changes no figure."""
    no_figure = {"gate", "baseline", "threads", "memory_budget", "labels", "acknowledge"}
    deciding = ({*Settings.model_fields, *OF_FILES} & set(TAKEN[verb])) - no_figure
    assert deciding - {"keep_columns"} <= set(TAKES[verb])
