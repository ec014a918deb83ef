"""What a file is where its first bytes tell more than its suffix, or another thing.

They are looked at, and nothing is loaded: of a pickle, its first instructions say what it makes.
"""

import re
import shlex
from contextlib import suppress

from embaudit.core.location import Location
from embaudit.errors import InputRefused, Problem
from embaudit.files.file_status import opened
from embaudit.files.formats import RUNS_CODE, format_begun
from embaudit.files.read_faults import reading

LOOKED_AT = 4096  # bytes
FIRST = 64  # of them that hold the name of what a pickle makes
Conversion = tuple[str, str]  # what it is, and the call that converts it, as CONVERSIONS has them

GENSIM = "gensim.models"
WORD2VEC = (
    "is the binary form of word2vec",
    f"{GENSIM}.KeyedVectors.load_word2vec_format(NAME, binary=True).save_word2vec_format(TEXT)",
)
FASTTEXT = (
    "is a model of fastText",
    f"{GENSIM}.fasttext.load_facebook_vectors(NAME).save_word2vec_format(TEXT)",
)
RAW = (
    "is bytes of no known format",
    "numpy.save(NPY, numpy.fromfile(NAME, 'float32').reshape(-1, DIMENSIONS))",
)
COUNTS = re.compile(rb"[0-9]{1,12} [0-9]{1,7}\n")
OF_FASTTEXT = (793712314).to_bytes(4, "little")
ZIP, PICKLED = b"PK\x03\x04", b"data.pkl"
OF_PYTORCH = (ZIP, b"\x80")

ARRAYS = re.compile(
    r"(.*_)?(embeddings?|embs?|vectors?|features?|feats?|labels?|targets?|x|y)", re.I
)
MEMO = rb"(?:\x94|q.|r.{4})?"  # an instruction to keep what was made
PICKLE = re.compile(rb"\x80[\x02-\x05](?:\x95.{8})?", re.DOTALL)
DICT = re.compile(rb"\}" + MEMO + rb"\(?(?:(?:[\x8cU](.)|X(.{4}))|[KMJ])", re.DOTALL)
LIST = re.compile(rb"\]" + MEMO + rb"\(?(.)", re.DOTALL)


TEXTS = ("csv", "tsv", "txt", "vec", "json", "jsonl", "ndjson")
PAGES = (b"<!doctype html", b"<html")
UTF16, GZIP = (b"\xff\xfe", b"\xfe\xff"), b"\x1f\x8b\x08"


def another_problem(at: Location, suffix: str) -> Problem | None:
    """Why a file is not what its suffix says: what stands in its place, or how it is packed."""
    head = _head(at, FIRST)
    if head.startswith(b"version https://git-lfs"):
        cause = f"{at}: is a pointer of Git LFS: the file itself is not here."
        return Problem(cause, "Fetch it: git lfs pull.")
    if head.lstrip().lower().startswith(PAGES):
        cause = f"{at}: is a page of HTML, as a server sends in the place of a file."
        return Problem(cause, "Download the file again.")
    name = shlex.quote(str(at))
    if suffix in TEXTS and head.startswith(UTF16):
        how = f"iconv -f UTF-16 -t UTF-8 {name} > {shlex.quote(f'utf8.{suffix}')}"
        return Problem(f"{at}: is UTF-16, not UTF-8.", f"Save it as UTF-8 ({how})")
    if suffix in (*TEXTS, "npy", "parquet") and head.startswith(GZIP):
        how = f"gunzip -c {name} > {shlex.quote(f'unpacked.{suffix}')}"
        return Problem(f"{at}: is compressed by gzip, whatever its name.", f"Unpack it ({how})")
    if suffix == "npy" and head.startswith(b"\x80"):
        values = f"numpy.load({str(at)!r}, allow_pickle=True)"
        values += ".filled(numpy.nan)" if b"numpy.ma" in head else ""
        how = f"Convert it once: numpy.save('array.npy', {values})"
        return Problem(f"{at}: is a pickle, {RUNS_CODE}.", how)
    return None


def format_told(at: Location) -> str | None:
    """The suffix of the format that a file begins as, if it is one of ours, whatever its name."""
    return format_begun(_head(at, FIRST)) if at.local else None


def _head(at: Location, size: int) -> bytes:
    """The first bytes, as far as they can be had."""
    with suppress(InputRefused), reading(at), opened(at) as handle:
        return handle.read(size)
    return b""


def told_by_bytes(at: Location, known: Conversion) -> Conversion:
    """A better word than that of the suffix, where there is one."""
    what, call = known
    if RUNS_CODE not in what:
        return known
    head = _head(at, LOOKED_AT)
    if at.suffix.lower() == ".bin" and head and not head.startswith(OF_PYTORCH):
        if head.startswith(OF_FASTTEXT):
            return FASTTEXT
        return WORD2VEC if COUNTS.match(head) else RAW
    if head.startswith(ZIP):  # as PyTorch saves
        head = head[max(0, head.find(PICKLED)) :]
    begun = PICKLE.search(head)
    return known if begun is None else (what, _call_of(head[begun.end() :], call))


def _call_of(made: bytes, call: str) -> str:
    """The call that converts what a pickle makes; that of its suffix for an array or a list."""
    loaded = re.search(r"(pandas\.read_pickle|torch\.load|joblib\.load)\(NAME\)", call)
    assert loaded
    load, torch = loaded[0], loaded[1] == "torch.load"
    if b"DataFrame" in made[:FIRST]:
        return f"{load}.to_parquet(TABLE)"
    if found := DICT.match(made):
        length = int.from_bytes(found[1] or found[2] or b"", "little")
        return _call_of_dict(made[found.end() :][:length], load, torch=torch)
    if found := LIST.match(made):
        if found[1] == b"}":
            return f"pandas.DataFrame({load}).to_parquet(TABLE)"
        if torch:
            return f"numpy.save(NPY, torch.stack({load}).float().numpy())"
    return call


def _call_of_dict(key: bytes, load: str, *, torch: bool) -> str:
    """Of a dict with this first key, empty for a number: arrays by names, or vectors by ids."""
    array = "numpy.asarray(v)" if torch else "v"
    if ARRAYS.fullmatch(key.decode("ascii", "replace")):
        if not torch:
            return f"numpy.savez(NPZ, **{load})"
        return f"numpy.savez(NPZ, **{{k: {array} for k, v in {load}.items()}})"
    stacked = f"numpy.stack([{array} for v in x.values()])"
    return f"x = {load}; numpy.savez(NPZ, id=[*x], embeddings={stacked})"
