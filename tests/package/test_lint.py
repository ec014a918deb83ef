"""What may stand nowhere in the tree: the doors through which faults came in elsewhere."""

import ast
from collections.abc import Iterator
from pathlib import Path

import embaudit

PACKAGE = Path(embaudit.__file__).parent
TREES = {file: ast.parse(file.read_text()) for file in sorted(PACKAGE.rglob("*.py"))}
WRITER = PACKAGE / "files" / "atomic_write.py"
IN_MEMORY = PACKAGE / "render" / "html" / "row_preview.py"  # encodes a thumbnail
TO_DISK = {  # of numpy, pyarrow, pathlib and FAISS: none of them writes atomically
    "write_table",
    "write_dataset",
    "write_index",
    "save",
    "savez",
    "savez_compressed",
    "savetxt",
    "tofile",
    "write_text",
    "write_bytes",
}
RUNS_CODE = {"eval", "exec", "compile", "__import__"}


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call: its file, itself, and the last name of what is called."""
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                yield file, node, name or getattr(node.func, "id", "")


def at(file: Path, node: ast.AST) -> str:
    return f"{file.relative_to(PACKAGE.parent)}:{getattr(node, 'lineno', 0)}"


def test_nothing_is_unpickled() -> None:
    allowed = [
        at(file, call)
        for file, call, _ in calls()
        for keyword in call.keywords
        if keyword.arg == "allow_pickle" and ast.unparse(keyword.value) != "False"
    ]
    loaded = [
        at(file, call)
        for file, call, name in calls()
        if name in ("load", "loads") and ast.unparse(call.func) not in ("json.load", "json.loads")
    ]
    assert allowed == []
    assert [place for place in loaded if "files/" in place] == []


def test_nothing_runs_code_from_data() -> None:
    found = [
        at(file, call)
        for file, call, name in calls()
        if name in RUNS_CODE and not isinstance(call.func, ast.Attribute)
    ]
    assert found == []


def test_only_the_writer_writes() -> None:
    direct = [
        at(file, call) for file, call, name in calls() if name in TO_DISK and file != IN_MEMORY
    ]
    assert direct == []
    opened = [
        at(file, call)
        for file, call, name in calls()
        if name in ("open", "fdopen") and file != WRITER
        for value in [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
        if not (isinstance(value, ast.Constant) and value.value in ("r", "rb"))
        and ast.unparse(value) not in ("os.O_RDWR", "os.O_RDONLY")  # of /dev/null
        and not isinstance(call.args[0], ast.Name | ast.Constant)
    ]
    assert opened == []


def test_rich_prints_no_markup() -> None:
    """Only `Page.emit` prints, text without markup; every console is made without it."""
    imported = [
        at(file, node)
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "rich"
        and any(alias.name in ("print", "print_json") for alias in node.names)
    ]
    assert imported == []
    printing = [
        at(file, call)
        for file, call, name in calls()
        if name == "print" and ast.unparse(call.func) != "print" and "page.py" not in file.name
    ]
    assert printing == []
    consoles = [
        (at(file, call), {k.arg: ast.unparse(k.value) for k in call.keywords})
        for file, call, name in calls()
        if name in ("Console", "StreamConsole")
    ]
    assert [place for place, given in consoles if given.get("markup") != "False"] == []


def test_faiss_stays_in_its_room() -> None:
    strangers = [
        at(file, node)
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "faiss" and "search" not in file.parts
    ]
    assert strangers == []


def test_only_the_entry_point_and_the_command_line_end_the_process() -> None:
    leaving = {"exit", "_exit", "Exit", "SystemExit", "abort", "quit"}
    found = {file for file, _, name in calls() if name in leaving}
    assert {file for file in found if file.parent.name != "cli"} <= {PACKAGE / "__main__.py"}
