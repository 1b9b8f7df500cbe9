"""A pytest plugin that keeps every RECTINET_EVERY-th test, counted from 0: under a sanitizer all would take an hour."""

import os


def pytest_collection_modifyitems(config, items):
    every = int(os.environ["RECTINET_EVERY"])
    config.hook.pytest_deselected(items=[item for i, item in enumerate(items) if i % every])
    items[:] = items[::every]
