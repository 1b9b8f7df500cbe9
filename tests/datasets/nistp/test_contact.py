"""Contact sheets show the items, and each module alone."""

import numpy as np

from rectinet.datasets.nistp.contact import COMPLEXITIES, module_sheet, sample_sheet


def test_a_sample_sheet_shows_the_items_row_by_row(handwritten):
    ds = handwritten()
    sheet = np.asarray(sample_sheet(ds, rows=2, columns=3, start=7))
    assert sheet.shape == (2 * 34, 3 * 34)
    assert np.array_equal(sheet[34:66, 34:66], ds[7 + 4][0])
    assert (sheet[32:34] == 96).all()


def test_a_module_sheet_has_a_row_for_the_characters_and_one_for_each_module(handwritten):
    ds = handwritten(modules="p07")
    sheet = np.asarray(module_sheet(ds, n=3))
    assert sheet.shape == (20 + 15 * 34, 120 + 3 * len(COMPLEXITIES) * 34)
    tiles = sheet[20:, 120:].reshape(15, 34, 12, 34)[:, :32, :, :32].swapaxes(1, 2)
    characters = np.rint(255 * ds.characters(0, 3))
    assert np.array_equal(tiles[0, :3], characters)
    for row in range(1, 15):
        assert not np.array_equal(tiles[row, 9:], characters), ds.modules[row - 1].name
