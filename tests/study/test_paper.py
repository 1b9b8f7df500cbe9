"""The paper's facts are executable: what `paper.toml` says agrees with the networks and data sets there are."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from rectinet.activations import Activation
from rectinet.datasets import registry
from rectinet.network import initialise
from rectinet.runs.rates import GRID
from rectinet.study import paper as module
from rectinet.study.paper import FLAGS, TABLES, paper


@pytest.mark.parametrize("name", paper().data)
def test_networks_have_the_parameters_that_the_paper_s_sizes_give(name):
    facts = paper().data[name]
    sizes = (facts.inputs, *facts.hidden, facts.classes)
    network = initialise(sizes, Activation("rectifier"), rng=np.random.default_rng(0))
    assert network.n_parameters == facts.parameters


@pytest.mark.parametrize("name", ["mnist", "cifar10", "norb"])
def test_splits_are_those_of_our_data_sets(name):
    facts = paper().data[name]
    written = f"{facts.train:,} / {facts.valid:,} / {facts.test:,}"
    assert written in registry.entry(name).what


@pytest.mark.parametrize("table", TABLES)
def test_every_number_has_a_flag_and_a_cell_of_its_own(table):
    values = paper().tables[table]
    cells = [tuple(sorted(value.cell.items())) for value in values]
    assert len(set(cells)) == len(cells) > 0
    assert {value.flag for value in values} <= set(FLAGS)
    assert all(value.cell["data"] in paper().margins for value in values)


def test_table_1_is_whole():
    cells = {(v.cell["unit"], v.cell["pretrained"], v.cell["data"]) for v in paper().tables["table1"]}
    assert len(cells) == 3 * 2 * 4
    assert paper().value("table1", unit="rectifier", pretrained=False, data="norb").value == 16.40
    assert paper().value("table1", unit="logistic", pretrained=False, data="norb") is None


def test_the_rescaled_softplus_ends_where_table_1_stands():
    for alpha, unit in ((1.0, "softplus"), (np.inf, "rectifier")):
        same = paper().value("table1", unit=unit, pretrained=False, data="norb")
        assert paper().value("softplus", alpha=alpha, data="norb").value == same.value


def test_the_grid_of_rates_is_the_one_that_pre_training_searches():
    assert paper().protocol.learning_rates == GRID


def test_an_unknown_flag_is_refused():
    with pytest.raises(ValueError, match="'certain'"):
        module._value({"data": "mnist", "value": 1.0, "flag": "certain"})


def test_no_other_file_of_the_study_repeats_a_number_of_table_1():
    numbers = {f"{value.value:.2f}" for value in paper().tables["table1"]}
    for file in Path(module.__file__).parent.rglob("*.py"):
        assert not numbers & set(re.findall(r"\b\d+\.\d\d\b", file.read_text())), file
