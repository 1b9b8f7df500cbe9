"""Damaged files for every parser of `rectinet.datasets`: see `run.py`."""
