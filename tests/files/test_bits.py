"""Packed bits: an audit of the bytes is one of the bits, whatever holds them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import embaudit
from embaudit.data.bit_unpacking import unpacked, unpacked_blocks
from embaudit.data.finite_values import BLOCK_BYTES
from embaudit.errors import InputRefused, UsageError
from embaudit.files import Names, choose
from embaudit.planning.plan import plan_of_input
from embaudit.settings.settings import settings_of
from tests.combined import in_part

RNG = np.random.default_rng(6)
Y = np.arange(240) % 12
BITS = ((RNG.normal(size=(12, 64))[Y] + RNG.normal(size=(240, 64))) > 0).astype(np.uint8)
PACKED = np.packbits(BITS, axis=1)
SIGNED = (PACKED.astype(int) - 128).astype(np.int8)  # `binary` of sentence-transformers


def figures(report):
    """All that is told of the set itself."""
    return report.measures, report.collapse, report.classes, report.hardest_triplets, report.blame


WANTED = figures(embaudit.audit(BITS, Y, threads=1))


@pytest.mark.parametrize("packed", [PACKED, SIGNED], ids=["uint8", "int8"])
def test_bytes_are_audited_as_their_bits(packed):
    report = embaudit.audit(packed, Y, unpack_bits=True, threads=1)
    assert figures(report) == WANTED
    assert report.data.dim == 64
    assert report.options.unpack_bits


@given(arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 5))))
def test_a_squared_distance_is_the_hamming_distance(packed):
    bits = unpacked(packed).astype(int)
    for one in range(len(packed)):
        apart = [sum(bin(a ^ b).count("1") for a, b in zip(packed[one].tolist(), row, strict=True))
                 for row in packed.tolist()]  # fmt: skip
        assert np.square(bits - bits[one]).sum(axis=1).tolist() == apart
        assert bits[one].tolist() == [
            byte >> (7 - at) & 1 for byte in packed[one].tolist() for at in range(8)
        ]
    assert np.array_equal(unpacked((packed.astype(int) - 128).astype(np.int8)), bits)


def saved(folder, form, packed):
    """The arguments of `load` for a set in a form."""
    np.save(folder / "y.npy", Y)
    match form:
        case "npy":
            np.save(folder / "x.npy", packed)
            return folder / "x.npy", folder / "y.npy"
        case "columnwise":
            np.save(folder / "x.npy", np.asfortranarray(packed))
            return folder / "x.npy", folder / "y.npy"
        case "npz":
            np.savez_compressed(folder / "x.npz", embeddings=packed, labels=Y)
            return (folder / "x.npz",)
        case "parquet":
            table = pa.table({"embedding": list(packed), "label": Y})
            pq.write_table(table, folder / "x.parquet", row_group_size=37)
            return (folder / "x.parquet",)
        case "shards":
            (folder / "x").mkdir()
            for number, at in enumerate(range(0, len(packed), 70)):
                np.save(folder / "x" / f"part{number}.npy", packed[at : at + 70])
            return folder / "x", folder / "y.npy"
    raise AssertionError(form)


@pytest.mark.parametrize("packed", in_part([PACKED, SIGNED]), ids=["uint8", "int8"])
@pytest.mark.parametrize("form", in_part(["npy", "columnwise", "npz", "parquet", "shards"]))
def test_every_form_of_files_is_unpacked(tmp_path, form, packed):
    data = embaudit.load(*saved(tmp_path, form, packed), unpack_bits=True)
    assert data.vectors.dtype == np.uint8
    assert np.array_equal(data.vectors, BITS[data.input_rows])
    assert figures(embaudit.audit(data, threads=1)) == WANTED


def test_rows_that_memory_cannot_hold_are_unpacked_to_a_file(tmp_path):
    paths = saved(tmp_path, "npy", PACKED)
    whole = embaudit.load(*paths, unpack_bits=True)
    from embaudit.files import read

    chosen = choose(*paths, Names(), unpack_bits=True)
    spilled = read(chosen, on_disk=lambda classes: True)
    assert spilled.mapped_rows is not None
    assert np.array_equal(spilled.vectors, whole.vectors)


def test_memory_is_that_of_the_bits(tmp_path):
    paths = saved(tmp_path, "npy", PACKED)
    chosen = choose(*paths, Names(), unpack_bits=True)
    np.save(tmp_path / "bits.npy", BITS)
    plain = choose(tmp_path / "bits.npy", paths[1], Names())
    assert chosen.size == plain.size == (240, 64, 1)
    assert chosen.needs().total == plain.needs().total
    settings = settings_of()
    plan = plan_of_input(settings, chosen.size)
    assert plan == plan_of_input(settings, plain.size)
    assert not plan.on_disk


def test_blocks_of_bits_are_no_larger_than_blocks():
    packed = np.zeros((3 * BLOCK_BYTES // 64, 64), np.uint8)
    parts = list(unpacked_blocks([packed]))
    assert max(part.nbytes for part in parts) <= BLOCK_BYTES
    assert sum(map(len, parts)) == len(packed)


@pytest.mark.parametrize("dtype", ["f4", "i2", "u4"])
def test_other_numbers_hold_no_packed_bits(tmp_path, dtype):
    with pytest.raises(InputRefused, match=r"8-bit integers(.|\n)*packbits"):
        embaudit.audit(PACKED.astype(dtype), Y, unpack_bits=True)
    with pytest.raises(InputRefused, match=r"x.npy: holds .*8-bit integers"):
        embaudit.load(*saved(tmp_path, "npy", PACKED.astype(dtype)), unpack_bits=True)


def test_a_set_that_is_loaded_is_unpacked_already(tmp_path):
    data = embaudit.load(*saved(tmp_path, "npy", PACKED), unpack_bits=True)
    with pytest.raises(UsageError, match=r"Give unpack_bits to embaudit\.load"):
        embaudit.audit(data, unpack_bits=True)


def test_a_row_without_bits_is_a_row_of_zeros():
    packed = PACKED.copy()
    packed[7] = 0
    kept = np.delete(np.arange(240), 7)
    wanted = embaudit.audit(BITS[kept], Y[kept], metric="cosine", threads=1)
    for stored in (packed, (packed.astype(int) - 128).astype(np.int8)):
        found = embaudit.audit(stored, Y, metric="cosine", unpack_bits=True, drop="zero_rows",
                               threads=1)  # fmt: skip
        assert found.data.left_out == {"zero_rows": 1}
        assert found.measures["precision_at_1"] == wanted.measures["precision_at_1"]


def test_both_sides_of_a_gallery_are_unpacked():
    ways = {"gallery_labels": Y[120:], "threads": 1}
    found = embaudit.audit(PACKED[:120], Y[:120], gallery=PACKED[120:], unpack_bits=True, **ways)
    wanted = embaudit.audit(BITS[:120], Y[:120], gallery=BITS[120:], **ways)
    assert found.measures == wanted.measures
