"""One workbench per test."""

import pytest

from papilio import Workbench


@pytest.fixture
def bench(tmp_path):
    return Workbench(tmp_path)
