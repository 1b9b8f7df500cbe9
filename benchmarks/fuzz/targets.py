"""What is fuzzed: every parser, with small valid files to start from."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.sparse import csr_array, save_npz

from rectinet.datasets.amazon import feature_texts, read_markup
from rectinet.datasets.cifar10 import read_batch
from rectinet.datasets.idx import read_idx
from rectinet.datasets.imdb import read_folder
from rectinet.datasets.nist import Character, read_nist
from rectinet.datasets.norb import image_blocks, read_matrix
from rectinet.datasets.reviews import read_reviews
from rectinet.datasets.tables import read_table
from rectinet.datasets.text import read_texts


@dataclass(frozen=True)
class Target:
    """One parser.

    Parameters
    ----------
    name : str
    file : str
        The name its file gets; the format may depend on it.
    seeds : tuple of bytes
        Valid files, from which damaged ones are made.
    read : callable
        The parser; returns or raises a DataError, whatever is in the file.
    words : tuple of bytes
        Pieces of the format to be put in at random places.
    """

    name: str
    file: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], object]
    words: tuple[bytes, ...] = ()


def _idx(values: np.ndarray) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes() + values.astype("u1").tobytes()


def _matrix(values: np.ndarray, code: int, dtype: str) -> bytes:
    sizes = [*values.shape, 1, 1][: max(3, values.ndim)]
    return np.array([code, values.ndim, *sizes], "<u4").tobytes() + values.astype(dtype).tobytes()


def _npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def _csr_npz() -> bytes:
    file = io.BytesIO()
    save_npz(file, csr_array(np.eye(4, 3)), compressed=False)
    return file.getvalue()


def _png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(128 * 128, dtype=np.uint16).astype(np.uint8).reshape(128, 128)).save(file, "PNG")
    return file.getvalue()


JSONL = (
    b'{"text": "Fine soup.", "stars": 5}\n{"text": "Caf\xc3\xa9 \\u00e9", "stars": null}\n\n'
    b'{"text": "x", "stars": 1.5}\n'
)
CSV = b'text,stars\nFine soup.,5\n"Cold, ""greasy""\nsoup",2\nWell,\n'
MARKUP = (
    b"<data>\n<review>\n<rating>\n4.0\n</rating>\n<title>\n\n</title>\n<review_text>\nGood &amp; long\n\nread\n"
    b"</review_text>\n</review>\n</data>\n"
)
CORNERS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\x80\0\0\0")  # numbers at the edge
NUMBERS = (
    b"nan",
    b"inf",
    b"-1",
    b"1e999",
    b"9" * 400,
    b"1_0",
    b"0x10",
    b"4294967296",
    b"9223372036854775808",
    b"\xd9\xa1",
)

TARGETS = (
    Target("idx", "x-idx", (_idx(np.arange(24).reshape(2, 3, 4)), _idx(np.arange(5))), read_idx, CORNERS),
    Target(
        "cifar10", "data_batch_1.bin", (b"\3" + bytes(3072) + b"\7" + bytes(3072),), lambda path: read_batch(path, 2)
    ),
    Target(
        "norb-matrix",
        "x-cat.mat",
        (_matrix(np.arange(4), 0x1E3D4C54, "<i4"), _matrix(np.eye(3), 0x1E3D4C53, "<f8")),
        read_matrix,
        (*CORNERS, b"\x54\x4c\x3d\x1e", b"\x55\x4c\x3d\x1e"),
    ),
    Target(
        "norb-images",
        "x-dat.mat",
        (_matrix(np.zeros((3, 2, 4, 4)), 0x1E3D4C55, "u1"),),
        lambda path: [block.sum() for block in image_blocks(path, (3, 2, 4, 4))],
        CORNERS,
    ),
    Target(
        "jsonl",
        "r.jsonl",
        (JSONL,),
        lambda path: read_texts(path, "text", "stars"),
        (
            b"{",
            b"}",
            b"[" * 2000,
            b'"',
            b"\\ud800",
            b"NaN",
            b"Infinity",
            b"true",
            b"\xff",
            b"\n",
            b'"stars": ',
            *NUMBERS,
        ),
    ),
    Target(
        "csv-texts",
        "r.csv",
        (CSV,),
        lambda path: read_reviews(path),
        (b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", *NUMBERS),
    ),
    Target(
        "npz",
        "t.npz",
        (_npz(X=np.eye(3), y=np.arange(3)), _npz(X=np.eye(2, dtype="f4"), y=np.array(["a", "b"])), _csr_npz()),
        read_table,
        (*CORNERS, b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"descr", b"|O", b"(9999999999, 9)", b"<f8"),
    ),
    Target(
        "npy",
        "t.npy",
        (_npy(np.eye(3)), _npy(np.eye(2, dtype=np.int16))),
        lambda path: _one_array(path),
        (*CORNERS, b"descr", b"|O", b"<U9", b"(9999999999, 9)", b"(-1, 9)", b"[('a', '<f8')]", b"(" * 300, b"9" * 5000),
    ),
    Target(
        "svmlight",
        "t.svm",
        (b"1 0:1 3:2.5 # words\n-1 1:4\n", b"# head\n1 qid:3 1:1\n"),
        read_table,
        (b":", b" ", b"\n", b"#", b"qid:", b"\0", b",", *NUMBERS),
    ),
    Target(
        "csv-table",
        "t.csv",
        (b"a,y,b\n1,x,2.5\n-3,z,4e1\n",),
        read_table,
        (b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", *NUMBERS),
    ),
    Target(
        "amazon-markup",
        "positive.review",
        (MARKUP,),
        lambda path: sum(1 for _ in read_markup(path)),
        (
            b"<review>\n",
            b"</review>\n",
            b"<review_text>\n",
            b"<>",
            b"</>",
            b"\xff",
            b"&#x110000;",
            b"&#" + b"9" * 5000 + b";",
        ),
    ),
    Target(
        "amazon-features",
        "positive.review",
        (b"good:2 a_b:1 #label#:positive\nbad:1 #label#:negative\n",),
        lambda path: sum(1 for _ in feature_texts(path)),
        (b":", b" ", b"\n", b"#label#:", b"\xff", *NUMBERS),
    ),
    Target("imdb-review", "neg/1_2.txt", (b"A film.", b"caf\xc3\xa9"), lambda path: _imdb(path), (b"\xff", b"\0")),
    Target(
        "nist-png",
        "hsf_0.png",
        (_png(),),
        lambda path: list(read_nist([Character(path, 0, "hsf_0")])),
        (*CORNERS, b"IHDR", b"IDAT", b"IEND", b"PLTE", b"tRNS", b"zTXt", b"iCCP", b"acTL"),
    ),
)


def _one_array(path: Path) -> object:
    """The file as the only member of an archive: past its checksum, which stops nearly every damage to an .npz."""
    archive = path.with_suffix(".npz")
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("X.npy", path.read_bytes())
    return read_table(archive)


def _imdb(path: Path) -> object:
    folder = path.parent.parent
    (folder / "pos").mkdir(exist_ok=True)
    (folder / "pos/0_9.txt").write_text("Good.")
    return read_folder(folder)
