"""PNG files and SVG charts, read back by other means."""

from __future__ import annotations

import base64
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest

from rectinet.axis import Axis
from rectinet.demo.curves import Curve, chart
from rectinet.pictures import INACTIVE, NEGATIVE, POSITIVE, data_uri, ink, png, signed, unit_grid


def decoded(file: bytes) -> np.ndarray:
    """Pixels of a PNG, every checksum verified; for files whose rows are unfiltered."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = [], 8
    while place < len(file):
        (length,) = struct.unpack_from(">I", file, place)
        kind, body = file[place + 4 : place + 8], file[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", file, place + 8 + length) == (zlib.crc32(kind + body),)
        chunks.append((kind, body))
        place += 12 + length
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
    assert rest == [8, 6, 0, 0, 0]
    rows = np.frombuffer(zlib.decompress(chunks[1][1]), np.uint8).reshape(height, 1 + 4 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 4)


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (8, 8)])
def test_png_holds_the_pixels(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(256, size=(*shape, 4)).astype(np.uint8)
    np.testing.assert_array_equal(decoded(png(pixels)), pixels)
    prefix, _, body = data_uri(pixels).partition(",")
    assert prefix == "data:image/png;base64"
    assert base64.b64decode(body) == png(pixels)


def test_png_refuses_other_pixels() -> None:
    with pytest.raises(ValueError, match=r"uint8 of shape \(height, width, 4\); got float64 \(2, 2, 4\)"):
        png(np.zeros((2, 2, 4)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"got uint8 \(2, 2, 3\)"):
        png(np.zeros((2, 2, 3), dtype=np.uint8))


def test_only_exact_zeros_are_invisible() -> None:
    values = np.array([[0.0, -0.0, 1e-30, -1e-30, 0.5, 9.0]])
    opacity = signed(values, scale=1.0)[0, :, 3]
    assert opacity.tolist()[:2] == [0, 0]
    assert (opacity[2:4] > 0).all()
    assert opacity[2] < opacity[4] < opacity[5] == 255


def test_signs_have_colours() -> None:
    pixels = signed(np.array([[1.0, -1.0, 2.0]]), scale=1.0)[0, :, :3]
    assert (pixels[0] == pixels[2]).all()
    assert (pixels[0] != pixels[1]).any()


def test_nothing_at_all_is_drawn_as_nothing() -> None:
    assert not signed(np.zeros((2, 2)), scale=0.0)[..., 3].any()


def test_unit_grid_shows_inactive_units_and_leaves_places_empty() -> None:
    pixels = unit_grid(np.array([1.0, 0.0, -1.0]), np.array([[2, 1, -1], [0, -1, -1]]), scale=1.0)
    assert pixels[0, 1].tolist() == list(INACTIVE)
    assert (pixels[..., 3] > 0).tolist() == [[True, True, False], [True, False, False]]
    assert pixels[0, 0, :3].tolist() == list(NEGATIVE)
    assert pixels[1, 0, :3].tolist() == list(POSITIVE)


def test_ink_is_opaque_grey() -> None:
    pixels = ink(np.array([[0.0, 0.5, 1.0, 2.0]]))
    assert pixels[0].tolist() == [[0, 0, 0, 255], [128, 128, 128, 255], [255, 255, 255, 255], [255, 255, 255, 255]]


@pytest.mark.parametrize(
    ("axis", "ticks"),
    [
        (Axis("x", 0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (Axis("x", 1, 40), [10, 20, 30, 40]),
        (Axis("x", 0, 100), [0, 20, 40, 60, 80, 100]),
        (Axis("x", 0, 0.037), [0, 0.01, 0.02, 0.03]),
        (Axis("x", 1, 100, logarithmic=True), [1, 2, 5, 10, 20, 50, 100]),
        (Axis("x", 0.4, 12, logarithmic=True), [0.5, 1, 2, 5, 10]),
    ],
)
def test_ticks_are_round(axis: Axis, ticks: list[float]) -> None:
    assert axis.ticks() == pytest.approx(ticks)


def test_places_on_an_axis() -> None:
    assert Axis("x", 10, 20).place(15) == 0.5
    assert Axis("x", 1, 100, logarithmic=True).place(10) == pytest.approx(0.5)
    assert Axis("x", 1, 100, logarithmic=True).place(0) == 0  # an error of 0 lies on the border of a logarithmic scale
    assert Axis("x", 10, 20).place(99) == 1


def test_chart_is_well_formed_and_says_what_it_shows() -> None:
    curves = [Curve("a < b", "one", [(1, 90), (2, 3.5)]), Curve("c", "two", [(1, 50), (2, 50)])]
    text = chart("Error & more", Axis("epochs", 1, 2), Axis("error, %", 0, 100), curves)
    figure = ElementTree.fromstring(text)
    assert figure.findtext("figcaption") == "Error & more"
    svg = figure.find("svg")
    assert svg is not None
    assert "a < b: 90 (error, %) at 1, 3.5 at 2 (epochs)" in svg.attrib["aria-label"]
    lines = svg.findall("polyline")
    assert [line.attrib["class"] for line in lines] == ["line two", "line one"]  # the first lies on top
    heights = [float(point.split(",")[1]) for point in lines[1].attrib["points"].split()]
    assert heights[0] < heights[1]  # larger errors stand higher
    texts = [element.text for element in svg.findall("text")]
    assert {"epochs", "error, %", "0", "100"} <= set(texts)
    assert ["".join(entry.itertext()) for entry in figure.iter("li")] == ["a < b", "c"]
