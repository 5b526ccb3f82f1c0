"""One workbench per test."""

import pytest

from program import Workbench


@pytest.fixture
def bench(tmp_path):
    return Workbench(tmp_path)
