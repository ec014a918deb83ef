"""The atomic writer: whole or not at all, whatever goes wrong."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embaudit.errors import OutputFailed
from embaudit.files import check_writable, write_atomically


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("data", [b"", b"report\n", bytes(range(256)) * 9999])
def test_what_is_written_is_there(data: bytes, tmp_path: Path) -> None:
    write_atomically(tmp_path / "out.json", data)
    assert (tmp_path / "out.json").read_bytes() == data
    assert os.listdir(tmp_path) == ["out.json"]


def test_a_new_file_follows_the_umask(tmp_path: Path, umask: None) -> None:
    write_atomically(tmp_path / "out.json", b"new")
    assert mode(tmp_path / "out.json") == 0o640


def test_an_old_file_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_bytes(b"old")
    (tmp_path / "out.json").chmod(0o604)
    write_atomically(str(tmp_path / "out.json"), b"new")
    assert mode(tmp_path / "out.json") == 0o604


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "v1.json").write_bytes(b"old")
    (tmp_path / "latest.json").symlink_to(tmp_path / "real" / "v1.json")
    write_atomically(tmp_path / "latest.json", b"new")
    assert (tmp_path / "latest.json").is_symlink()
    assert (tmp_path / "real" / "v1.json").read_bytes() == b"new"


def test_a_dangling_link_is_filled(tmp_path: Path) -> None:
    (tmp_path / "latest.json").symlink_to(tmp_path / "v1.json")
    write_atomically(tmp_path / "latest.json", b"new")
    assert (tmp_path / "v1.json").read_bytes() == b"new"


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("n" * 250 + ".json"), b"new")
    write_atomically(tmp_path / ("\u00e9" * 120 + ".json"), b"new")


FAULTS = (OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError())


@pytest.mark.parametrize("call", ["fsync", "replace", "fstat", "chmod"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_the_old_file_survives(
    call: str, fault: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise fault

    (tmp_path / "out.json").write_bytes(b"old")
    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OutputFailed if isinstance(fault, OSError) else type(fault)) as caught:
        write_atomically(tmp_path / "out.json", b"new")
    monkeypatch.undo()
    assert (tmp_path / "out.json").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.json"]
    if isinstance(caught.value, OutputFailed):
        assert "out.json" in caught.value.message
        assert "No space left" in caught.value.message
        assert "Free some space" in caught.value.hint


def test_a_short_write_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def lose(descriptor: int) -> None:
        os.ftruncate(descriptor, 1)
        real(descriptor)

    (tmp_path / "out.json").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", lose)
    with pytest.raises(OutputFailed, match="fewer bytes"):
        write_atomically(tmp_path / "out.json", b"new")
    assert (tmp_path / "out.json").read_bytes() == b"old"


def impossible(tmp: Path) -> dict[str, tuple[Any, str]]:
    (tmp / "file").write_bytes(b"")
    (tmp / "loop").symlink_to(tmp / "loop")
    os.mkfifo(tmp / "pipe")
    return {
        "missing directory": (tmp / "none" / "out.json", "No such file"),
        "a directory": (tmp, "is a directory"),
        "under a file": (tmp / "file" / "out.json", "Not a directory|no directory"),
        "a loop": (tmp / "loop", "symbolic links"),
        "a pipe": (tmp / "pipe", "device, pipe"),
        "a device": ("/dev/null", "device, pipe"),
        "a NUL": (f"{tmp}/a\0b", "null"),
        "too long": (tmp / ("a" * 300), "too long"),
    }


def test_what_cannot_be_written_is_known_beforehand(tmp_path: Path) -> None:
    for path, reason in impossible(tmp_path).values():
        for function in (check_writable, lambda path: write_atomically(path, b"new")):
            with pytest.raises(OutputFailed, match=reason) as caught:
                function(path)
            assert caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputFailed, match="cannot be written to"):
        check_writable(tmp_path / "out.json")


def test_checking_creates_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "out.json")
    assert os.listdir(tmp_path) == []
