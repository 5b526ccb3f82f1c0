"""One folder per test."""

import pytest

from cli import Folder


@pytest.fixture
def here(tmp_path):
    return Folder(tmp_path)
