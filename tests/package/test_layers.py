"""The order of the house, read from the source: who may import whom, and what nobody may do."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import numpy as np
import pytest

import embaudit

PACKAGE = Path(embaudit.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# From the top to the ground; a room may import only rooms of later lines, or its own files.
# Verbs stand above what they are made of: an audit ends at its gate, and the reference is printed.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("__init__", "__main__"),
    ("cli", "callbacks"),
    ("outputs",),
    ("verbs",),
    ("render",),
    ("cluster",),
    ("gate",),
    ("baseline", "planning"),
    ("settings",),  # below the verbs: from a shell or from Python
    ("findings",),
    ("measures",),
    ("evidence",),
    ("search",),
    ("geometry", "files"),
    ("report",),
    ("data",),
    ("core",),
    ("errors",),
    ("docs", "version"),
)
LEVEL = {room: level for level, layer in enumerate(LAYERS) for room in layer}

# Third-party packages that only some rooms may know.
GUESTS = {
    "dask": ("cluster",),
    "distributed": ("cluster",),
    "psutil": ("cluster",),  # comes with distributed
    "faiss": ("search",),
    "fsspec": ("files",),
    "huggingface_hub": ("files",),
    "pyarrow": ("files",),
    "h5py": ("files",),
    "lance": ("files",),
    "zarr": ("files",),
    "junitparser": ("outputs",),
    "jinja2": ("render",),
    "matplotlib": ("render",),
    "PIL": ("render",),
    "rich": ("cli", "render"),
    "typer": ("cli",),
    "pandas": (),
    "torch": (),
    "scipy": (),
    "sklearn": (),
}
DECLARED = GUESTS.keys() | {
    "aiohttp",
    "cryptography",
    "numpy",
    "pydantic",
    "threadpoolctl",
}  # in pyproject
GEOMETRY_KNOWS = {
    "numpy",
    "embaudit.core.intervals",
    "embaudit.core.metric",
    "embaudit.core.prepared_points",
    "embaudit.errors",
}
RENDER_KNOWS = {"render", "report", "core", "errors", "data", "docs", "measures"}


def room_of(file: Path) -> str:
    """The top-level module or folder that a file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_of(file: Path) -> str:
    """The dotted name of a file."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes that can run; what is under `if TYPE_CHECKING` never does."""
    for child in ast.iter_child_nodes(node):
        if is_type_checking(child):
            for alternative in child.orelse:
                yield alternative
                yield from running_nodes(alternative)
            continue
        yield child
        yield from running_nodes(child)


def imports_of(source: str) -> Iterator[tuple[int, str]]:
    """(line, dotted module) of every import that can run; `from a import b` is a.b and a."""
    for node in running_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


@cache
def all_imports() -> tuple[tuple[Path, int, str], ...]:
    return tuple(
        (file, line, module) for file in FILES for line, module in imports_of(file.read_text())
    )


def own_imports() -> Iterator[tuple[Path, int, str]]:
    """Imports of embaudit's own rooms: (file, line, room)."""
    for file, line, module in all_imports():
        parts = module.split(".")
        if parts[0] == "embaudit":
            yield file, line, parts[1] if len(parts) > 1 and parts[1] in LEVEL else "__init__"


def at(file: Path, line: int) -> str:
    return f"{file.relative_to(PACKAGE.parent)}:{line}"


def test_the_reader_of_imports_sees_what_runs_and_only_that():
    source = """
import a.b
from c import d, e
if TYPE_CHECKING:
    from hidden import x
else:
    import shown
def f():
    import late
"""
    assert [module for _, module in imports_of(source)] == ["a.b", "c.d", "c.e", "shown", "late"]


def test_every_room_has_a_place():
    assert {room_of(file) for file in FILES} <= set(LEVEL)


def test_imports_run_strictly_downward():
    climbing = [
        f"{at(file, line)}: {room_of(file)} imports {room}"
        for file, line, room in own_imports()
        if room_of(file) in LEVEL  # one without a place is told by another test
        and room != room_of(file)
        and LEVEL[room] <= LEVEL[room_of(file)]
    ]
    assert climbing == []


def test_no_room_imports_itself_in_a_circle():
    names = {module_of(file): file for file in FILES}
    graph = {
        name: {
            target
            for _, module in imports_of(file.read_text())
            for target in (module, module.rpartition(".")[0])
            # a name taken from a package may be a module of it; the package itself re-exports
            if target in names and target != name and target.count(".") > 1
        }
        for name, file in names.items()
    }

    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_no_file_of_a_room_knows_the_types_of_one_that_imports_it():
    """No circle between files of a room, even by imports for types alone."""
    names = {module_of(file): file for file in FILES}
    graph = {
        name: {
            target
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.ImportFrom)
            for target in (node.module, *(f"{node.module}.{one.name}" for one in node.names))
            if target in names
            and target != name
            and target.count(".") > 1
            and room_of(names[target]) == room_of(file)
        }
        for name, file in names.items()
    }
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("guest", GUESTS)
def test_who_may_import(guest):
    strangers = [
        at(file, line)
        for file, line, module in all_imports()
        if module.split(".")[0] == guest and room_of(file) not in GUESTS[guest]
    ]
    assert strangers == []


def test_geometry_knows_numbers_only():
    strangers = [
        f"{at(file, line)}: {module}"
        for file, line, module in all_imports()
        if room_of(file) == "geometry"
        and module.split(".")[0] not in sys.stdlib_module_names
        and not any(module == known or module.startswith(f"{known}.") for known in GEOMETRY_KNOWS)
        and not module.startswith("embaudit.geometry.")
    ]
    assert strangers == []


def test_only_the_cluster_names_its_engine():
    """And in it only the files of that name import it; the row of its extra stays outside."""
    from embaudit.cluster import BACKEND

    named = re.compile(rf"\b{BACKEND.name}\b", re.IGNORECASE)
    there = {room_of(file) for file in FILES if named.search(file.read_text())}
    assert there == {"cluster", "core"}
    engine = ("dask", "distributed")
    importing = {file.name for file, _, module in all_imports() if module.split(".")[0] in engine}
    assert importing
    assert all(name.startswith(f"{BACKEND.extra}_") for name in importing)
    rows = (PACKAGE / "core" / "package_extras.py").read_text().splitlines()
    assert len([row for row in rows if named.search(row)]) == 1


def test_renderers_see_only_the_report_and_their_words():
    curious = [
        f"{at(file, line)}: {room}"
        for file, line, room in own_imports()
        if room_of(file) == "render" and room not in RENDER_KNOWS
    ]
    assert curious == []


def test_no_name_is_both_a_module_and_public():
    modules = {room_of(file) for file in FILES}
    assert modules.isdisjoint(embaudit.__all__)
    for init in PACKAGE.rglob("*/__init__.py"):
        siblings = {path.stem for path in init.parent.iterdir()} - {"__init__", "__pycache__"}
        exported = {
            name
            for node in ast.walk(ast.parse(init.read_text()))  # what is imported late, too
            if isinstance(node, ast.ImportFrom)
            for name in (alias.asname or alias.name for alias in node.names)
        }
        assert siblings.isdisjoint(exported), init


def named_twice(places: Iterable[tuple[str, Path]]) -> dict[str, list[Path]]:
    """Names that more than one file has, with these files."""
    files: dict[str, list[Path]] = {}
    for name, file in places:
        files.setdefault(name, []).append(file)
    return {name: own for name, own in files.items() if len(own) > 1}


def modules() -> Iterator[tuple[str, Path]]:
    """Modules and folders, by their own name; a folder may have a module of its name in it."""
    for file in FILES:
        if file.name == "__init__.py":
            yield file.parent.name, file
        elif file.stem != file.parent.name:
            yield file.stem, file


def public_classes() -> Iterator[tuple[str, Path]]:
    for file in FILES:
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, file


def test_no_two_modules_share_a_name():
    assert named_twice(modules()) == {}


def test_no_two_public_classes_share_a_name():
    assert named_twice(public_classes()) == {}


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield file, node


def test_what_the_seed_draws_has_its_stream_in_the_table():
    """A generator of its own has a fixed number, or none that anybody knows."""
    stray = [
        at(file, call.lineno)
        for file, call in calls()
        if ast.unparse(call.func).endswith("default_rng")
        and any("seed" in ast.unparse(one) or isinstance(one, ast.Tuple) for one in call.args)
        and file.stem != "random_streams"
    ]
    assert stray == []


def test_nothing_is_ever_unpickled():
    unsafe = [
        at(file, call.lineno)
        for file, call in calls()
        for keyword in call.keywords
        if keyword.arg == "allow_pickle"
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    unsafe += [
        at(file, line)
        for file, line, module in all_imports()
        if module.split(".")[0] in {"pickle", "marshal", "shelve", "dill", "joblib"}
    ]
    assert unsafe == []


def test_only_the_writer_opens_files_for_writing():
    writer = PACKAGE / "files" / "atomic_write.py"

    def writes(call: ast.Call) -> bool:
        name = (
            call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        )
        if name in {"write_text", "write_bytes"}:
            return True
        if name not in {"open", "fdopen"}:
            return False
        modes = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        modes += [
            k.value.value
            for k in call.keywords
            if k.arg == "mode" and isinstance(k.value, ast.Constant)
        ]
        return any(
            isinstance(mode, str) and len(mode) < 4 and set(mode) & set("wax+") for mode in modes
        )

    assert [
        at(file, call.lineno) for file, call in calls() if file != writer and writes(call)
    ] == []


def run(code: str, *options: str) -> str:
    return subprocess.run(
        [sys.executable, *options, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_importing_embaudit_imports_nothing_heavy():
    heavy = {"numpy", "pydantic", "faiss", "pyarrow", "rich", "typer"}
    loaded = run("import embaudit, sys; print(*{name.split('.')[0] for name in sys.modules})")
    assert heavy.isdisjoint(loaded.split())


def test_help_costs_no_numpy():
    """Though options read the formats and the media: their tables are of names alone."""
    heavy = {"numpy", "pydantic", "faiss", "pyarrow", "jinja2", "matplotlib"}
    loaded = run("import embaudit.cli, sys; print(*{name.split('.')[0] for name in sys.modules})")
    assert heavy.isdisjoint(loaded.split())


def test_an_audit_imports_only_what_it_asks_for(tmp_path):
    """Of wide rows from numpy's files, read by a program: no kernel, no table, no bar, no page."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.normal(size=(40, 48)))
    np.save(tmp_path / "y.npy", np.arange(40) % 4)
    asked = ["audit", str(tmp_path / "x.npy"), "--labels", str(tmp_path / "y.npy")]
    loaded = run(
        f"import sys; from embaudit.cli import app; app({asked}, standalone_mode=False); "
        "print('LOADED', *sys.modules)"
    ).partition("LOADED ")[2]
    modules = set(loaded.split())
    assert "embaudit.verbs.audit" in modules
    dear = {"faiss", "pyarrow", "jinja2", "matplotlib", "distributed", "fsspec"}
    others = {
        f"embaudit.report.{name}" for name in ("mining_document", "projection", "forecast_document")
    }
    assert modules.isdisjoint(dear | others | {"rich.progress", "embaudit.report.trend_document"})


def test_a_command_with_data_looks_for_garbage_but_not_in_what_it_imported(tmp_path):
    np.save(tmp_path / "x.npy", np.eye(4))
    told = run(
        "import gc, sys, embaudit.__main__ as entry; leave = entry._leave; "
        "told = lambda: print('LEFT', gc.isenabled(), gc.get_freeze_count() > 0); "
        "entry._leave = lambda code: (told(), leave(code)); "
        f"sys.argv[1:] = ['inspect', {str(tmp_path / 'x.npy')!r}, '--no-labels']; entry.main()"
    )
    assert told.splitlines()[-1] == "LEFT True True"


def test_importing_the_entry_point_imports_only_the_standard_library():
    loaded = run("import embaudit.__main__, sys; print(*{m.split('.')[0] for m in sys.modules})")
    strangers = set(loaded.split()) - set(sys.stdlib_module_names) - {"embaudit", "__main__"}
    # what the interpreter itself was told to load at start-up is not ours
    at_start = set(run("import sys; print(*{m.split('.')[0] for m in sys.modules})").split())
    assert strangers - at_start == set()


def test_the_promised_names_exist():
    assert set(embaudit.__all__) >= {"Report", "audit", "load"}
    assert all(hasattr(embaudit, name) for name in embaudit.__all__)
    with pytest.raises(AttributeError, match="no attribute"):
        embaudit.no_such_thing  # noqa: B018 - the access is what is tested


def test_nothing_is_imported_that_is_not_declared():
    """What comes along with a dependency today may be gone with its next version."""
    found = set()
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            found |= {name.partition(".")[0] for name in names}
    assert found - sys.stdlib_module_names - {"embaudit"} <= DECLARED
