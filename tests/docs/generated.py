"""Parts of the documentation that are made from the code; `python -m tests.docs` writes them."""

import ast
import re
from collections.abc import Callable, Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from textwrap import fill

from typer.testing import CliRunner

from embaudit.cli import app
from embaudit.files.formats import in_prose
from embaudit.findings.diagnosis_glossary import FINDING_GROUP, TOPICS
from embaudit.gate import PRESETS
from embaudit.measures import MEASURES
from embaudit.measures.measure import DEAR
from embaudit.outputs import media
from embaudit.render import measures_table
from embaudit.render.markdown.escapes import code, prose
from embaudit.report.notice_catalog import NOTICES
from tests.docs.pages import MANUAL, README, ROOT
from tests.docs.parts import pipe_table
from tests.package.test_layers import GEOMETRY_KNOWS, GUESTS, LAYERS, LEVEL, PACKAGE, RENDER_KNOWS

SAMPLE = "sample_data/healthy.parquet"
KNOWN = {  # rooms that may import less than all that is below
    "geometry": [room for room in LEVEL if f"embaudit.{room}" in GEOMETRY_KNOWS],
    "render": [room for room in LEVEL if room in RENDER_KNOWS - {"render"}],
}


def findings() -> str:
    """Every finding with its usual mark."""
    told = [one for one in TOPICS if one.group == FINDING_GROUP]
    rows = [(code(one.id), dict(one.facts)["mark"], prose(one.title)) for one in told]
    return pipe_table(("id", "mark", "what"), rows)


def notices() -> str:
    """Every notice that is no finding as well."""
    rows = [(code(one.id), prose(one.title)) for one in NOTICES]
    return pipe_table(("id", "what"), rows)


def choices() -> str:
    """What --measures may be, and which measures only `all` has."""
    dear = ", ".join(f"`{one.id}`" for one in MEASURES if one.presets == DEAR)
    rows = (
        ("`paper`", "those of the paper"),
        ("`standard` (the default)", "most of these"),
        ("`all`", f"also what takes a pass of its own ({dear}), and spends more where `standard` "
         "samples or bounds"),
        ("`d_iso,thickness`", "those that are named"),
    )  # fmt: skip
    return pipe_table(("`--measures`", "computes"), rows)


def outputs() -> str:
    """Every medium: how it is asked for, of which verbs, and for whom."""
    rows = []
    for one in media.MEDIA:
        asked = [code(one.suffix)] if one.suffix else []
        asked += [code(f"--format {one.format}")] if one.format else []
        verbs = "all" if one.verbs == media.VERBS else ", ".join(f"`{verb}`" for verb in one.verbs)
        rows.append((", ".join(asked), verbs, prose(one.purpose)))
    return pipe_table(("`-o` or `--format`", "results of", "is for"), rows)


def presets() -> str:
    """What each preset asks, and how often it errs."""
    rows = [
        (code(one.id), prose(one.asks, 1000), prose(one.errs, 1000)) for one in PRESETS.values()
    ]
    return pipe_table(("preset", "asks that", "how often it errs"), rows)


def rooms() -> str:
    """Every room: its storey, what its own docstring says, and what it may import."""
    storeys = enumerate(LAYERS, 1)
    return "\n\n".join(_room(room, storey) for storey, layer in storeys for room in layer) + "\n"


def _room(room: str, storey: int) -> str:
    folder = (PACKAGE / room).is_dir()
    file = PACKAGE / room / "__init__.py" if folder else PACKAGE / f"{room}.py"
    told = ast.get_docstring(ast.parse(file.read_text())) or ""
    told = " ".join(told.partition("\n>>> ")[0].split()).replace("*", "\\*")
    known = KNOWN.get(room)
    facts = f"May import only {', '.join(known)}." if known else ""
    guests = [guest for guest, hosts in GUESTS.items() if room in hosts]
    if guests:
        facts = f"{facts} Of other packages it may import {', '.join(guests)}.".lstrip()
    return f"{storey}: **`{room}{'/' if folder else '.py'}`** {told}" + (
        f" *{facts}*" if facts else ""
    )


@cache
def audit_of_the_sample() -> str:
    """What the README's first command prints."""
    with chdir(ROOT):
        done = CliRunner().invoke(app, ["audit", SAMPLE])
    assert done.exit_code == 0, done.output
    return done.stdout


def first_screen() -> str:
    """What is printed of the healthy sample."""
    return f"```text\n{audit_of_the_sample()}```\n"


def formats() -> str:
    """Every format by its first suffix."""
    named = re.sub(r"\.\w+", r"`\g<0>`", in_prose())
    return f"{fill(f'Embeddings and labels are read from {named}.', 100)}\n"


PARTS: Mapping[str, tuple[Path, Callable[[], str]]] = {
    "findings": (MANUAL["verdict"], findings),
    "notices": (MANUAL["verdict"], notices),
    "choices": (MANUAL["measures"], choices),
    "measures": (MANUAL["measures"], lambda: measures_table(MEASURES)),
    "outputs": (MANUAL["schema"], outputs),
    "presets": (MANUAL["gate"], presets),
    "rooms": (MANUAL["architecture"], rooms),
    "formats": (MANUAL["inputs"], formats),
    "first_screen": (README, first_screen),
}
