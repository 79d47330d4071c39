"""The whole suite runs on every processor; a part of it, or a proof that prints its figures, in one process."""

import os

import pytest


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes `-n auto` means; 0 is this one."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return len(os.sched_getaffinity(0)) if whole and config.option.capture != "no" else 0
