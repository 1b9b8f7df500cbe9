"""The idx reader: the format as written, and one test for each way a file can be wrong."""

import gzip
import hashlib
import lzma
import zlib
from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import errors
from rectinet.datasets.idx import read_idx

CODES = {"u1": 0x08, "i1": 0x09, ">i2": 0x0B, ">i4": 0x0C, ">f4": 0x0D, ">f8": 0x0E}


def idx_bytes(values: np.ndarray, code: str = "u1") -> bytes:
    header = bytes([0, 0, CODES[code], values.ndim]) + np.array(values.shape, ">u4").tobytes()
    return header + values.astype(code).tobytes()


VALUES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
GOOD = idx_bytes(VALUES)


@pytest.fixture
def write(tmp_path: Path):
    def write(content: bytes) -> Path:
        path = tmp_path / "some-idx3-ubyte"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("code", CODES)
def test_every_element_type_comes_back_in_native_order(write, code):
    values = np.array([[0, 1, 100], [7, 2, 127]], np.dtype(code).newbyteorder("="))
    read = read_idx(write(idx_bytes(values, code)))
    assert np.array_equal(read, values)
    assert read.dtype == values.dtype
    assert read.dtype.isnative


@pytest.mark.parametrize("compress", [bytes, gzip.compress, lzma.compress])
def test_compression_is_told_by_content_not_by_name(write, compress):
    assert np.array_equal(read_idx(write(compress(GOOD))), VALUES)


def test_no_example_at_all_is_an_array_of_none(write):
    assert read_idx(write(idx_bytes(np.empty((0, 28, 28))))).shape == (0, 28, 28)


@pytest.mark.parametrize("start", [b"\x01\0\x08\x03", b"\0\0\x0a\x03", b"\0\0\x08\0", b"\0\0\x08\x09"])
def test_bad_magic(write, start):
    with pytest.raises(errors.BadMagicError, match=f"some-idx3-ubyte.*0x{start.hex()}"):
        read_idx(write(start + GOOD[4:]))


def test_unexpected_dimensions(write):
    with pytest.raises(errors.BadShapeError, match=r"some-idx3-ubyte.*2 x 3 x 4.*any x 5 x 4"):
        read_idx(write(GOOD), shape=(None, 5, 4))
    assert read_idx(write(GOOD), shape=(None, 3, 4)).shape == (2, 3, 4)


def test_every_truncation_is_noticed(write):
    for size in range(len(GOOD)):
        with pytest.raises(errors.TruncatedFileError, match="some-idx3-ubyte"):
            read_idx(write(GOOD[:size]))


def test_trailing_bytes(write):
    with pytest.raises(errors.TrailingBytesError, match=r"some-idx3-ubyte.*24 bytes"):
        read_idx(write(GOOD + b"\0"))


def test_a_header_that_claims_an_exabyte_costs_nothing(write):
    huge = bytes([0, 0, 8, 2]) + np.array([2**32 - 1, 2**28], ">u4").tobytes()
    with pytest.raises(errors.TruncatedFileError, match="only 3"):
        read_idx(write(huge + b"abc"))


def test_every_cut_of_a_gzip_is_noticed(write):
    packed = gzip.compress(GOOD)
    for size in range(2, len(packed)):
        with pytest.raises(errors.CorruptGzipError, match="some-idx3-ubyte"):
            read_idx(write(packed[:size]))


def test_damaged_gzip_checksum(write):
    packed = bytearray(gzip.compress(GOOD))
    packed[-5] ^= 1
    with pytest.raises(errors.CorruptGzipError, match="some-idx3-ubyte"):
        read_idx(write(packed))


def test_damaged_xz(write):
    packed = bytearray(lzma.compress(GOOD))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(errors.CorruptXzError, match="some-idx3-ubyte"):
        read_idx(write(packed))


def test_an_xz_that_asks_for_gigabytes(write):
    packed = bytearray(lzma.compress(GOOD))
    packed[16] = 40  # dictionary of 4 GiB, in the block header at bytes 12 to 23
    packed[20:24] = zlib.crc32(packed[12:20]).to_bytes(4, "little")
    with pytest.raises(errors.CorruptXzError, match=r"some-idx3-ubyte.*[Mm]emory usage limit"):
        read_idx(write(packed))


def test_checksum_is_of_the_content_so_any_repacking_passes(write):
    md5 = hashlib.md5(GOOD, usedforsecurity=False).hexdigest()
    for level in (1, 9):
        assert np.array_equal(read_idx(write(gzip.compress(GOOD, level)), md5=md5), VALUES)
    with pytest.raises(errors.ChecksumError, match=f"some-idx3-ubyte.*{md5}"):
        read_idx(write(GOOD[:-1] + b"\0"), md5=md5)


def test_missing_file_is_also_a_file_not_found_error(tmp_path):
    with pytest.raises(errors.MissingFileError, match="nowhere") as caught:
        read_idx(tmp_path / "nowhere")
    assert isinstance(caught.value, FileNotFoundError)


def test_a_folder_in_place_of_the_file(tmp_path):
    with pytest.raises(errors.UnreadableFileError, match="cannot be read"):
        read_idx(tmp_path)
