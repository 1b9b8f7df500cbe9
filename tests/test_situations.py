"""Situations that went wrong at comparable tools, by number, and the tests that hold the right answer of each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SITUATIONS: dict[str, tuple[str, ...]] = {
    "01 columns in another order": ("cli/test_tables.py::test_another_order_is_the_same_answer",),
    "02 a target that is empty when asked": ("cli/test_tables.py::test_the_target_may_be_there_empty_or_absent",),
    "03 texts of 140,000 characters": (
        "datasets/test_text.py::test_long_texts_of_a_csv",
        "datasets/test_table_files.py::test_long_fields",
    ),
    "04 labels that look like numbers": (
        "cli/test_field.py::test_labels_that_look_like_numbers_come_back_as_they_are_written",
    ),
    "05 prices in whole numbers": ("cli/test_tables.py::test_whole_number_prices_are_values",),
    "06 one bad cell": ("cli/test_tables.py::test_a_stray_target_is_an_error_with_its_line",),
    "07 true and false in .jsonl": ("cli/test_field.py::test_texts_with_true_and_false",),
    "08 indices from 0 or 1": ("cli/test_tables.py::test_where_indices_begin_is_part_of_the_model",),
    "09 missing labels": (
        "estimators/test_semisupervised.py::test_labels_that_are_not_there_in_every_way_they_are_written",
        "test_targets.py::test_missing_names_of_pandas",
    ),
    "11 archives of every kind": (
        "cli/test_field.py::test_sparse_files_of_any_kind_have_the_same_answers",
        "cli/test_field.py::test_arrays_that_cannot_be_read",
    ),
    "13 frames and other things in place of texts": (
        "test_text_model.py::test_what_is_no_list_of_texts_is_named",
        "test_text_model.py::test_targets_that_pandas_has_none_for",
        "test_text_model.py::test_weights_of_another_length_are_refused",
    ),
    "14 streams that begin with one row": (
        "estimators/test_regressor.py::test_a_first_call_with_a_constant_does_not_fix_the_scale",
        "estimators/test_fitting.py::test_partial_fit_takes_classes_that_have_not_come_yet",
    ),
    "19 spreadsheets as they come": (
        "cli/test_tables.py::test_spreadsheets_as_they_come",
        "cli/test_tables.py::test_decimal_commas_in_a_table_with_semicolons",
    ),
    "20 Ctrl-C, once": (
        "estimators/test_fitting.py::test_ctrl_c_leaves_a_usable_estimator",
        "estimators/test_fitting.py::test_ctrl_c_ends_all_the_fits_of_cross_validation",
        "runs/test_trials.py::test_ctrl_c_while_rates_are_tried",
    ),
    "25 what people type": (
        "cli/test_field.py::test_misuse_is_one_sentence",
        "cli/test_wording.py::test_a_bad_value_is_told_by_its_option",
        "cli/test_convenience.py::test_models_that_only_encode_or_are_pre_trained_only",
    ),
    "27 files of texts": (
        "datasets/test_text.py::test_csv_targets_are_numbers_when_all_of_them_are",
        "datasets/test_text.py::test_nan_means_not_labelled_as_in_python",
    ),
    "28 pipes, devices and private files": (
        "cli/test_field.py::test_answers_into_a_named_pipe_and_a_model_that_is_private",
        "test_atomic.py::test_a_private_file_is_never_open_to_others",
    ),
    "29 topics are not stars": ("cli/test_field.py::test_topics_are_classes_and_not_stars",),
    "30 what survives a file": ("estimators/test_files.py::test_classes_of_ones_own_are_refused_when_saved",),
    "32 pixels from 0 to 255": (
        "runs/test_judgement.py::test_auto_encoders_that_fell_silent_say_so_by_their_own_names",
        "runs/test_judgement.py::test_pre_training_that_fell_silent_is_said_once_and_by_its_own_rate",
    ),
    "34 raw units": ("cli/test_tables.py::test_units_of_their_own_are_scaled",),
    "35 images as .csv": (
        "cli/test_tables.py::test_images_as_csv_are_only_divided",
        "datasets/test_table_files.py::test_images_take_a_byte_a_pixel",
    ),
    "36 a feature called y": ("cli/test_tables.py::test_the_target_may_be_there_empty_or_absent",),
    "38 one bad cell among few values": ("cli/test_tables.py::test_a_stray_target_is_an_error_with_its_line",),
    "39 texts in scikit-learn's tools": (
        "estimators/test_text_in_scikit_learn.py::test_scorers_take_names",
        "estimators/test_text_in_scikit_learn.py::test_scorers_that_want_a_positive_class_take_numbers",
    ),
    "43 more memory than there is": ("cli/test_field.py::test_weights_that_do_not_fit_are_said_with_their_size",),
    "46 row numbers and ids": ("cli/test_tables.py::test_row_numbers_names_and_ids_are_left_out_with_a_note",),
    "48 a forked process changes its model": (
        "test_network.py::test_a_forked_child_that_writes_changes_its_own_weights_alone",
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_situation_has_its_tests(situation: str) -> None:
    for name in SITUATIONS[situation]:
        path, _, test = name.partition("::")
        assert re.search(rf"^def {test}\(", (TESTS / path).read_text(), re.MULTILINE), name
