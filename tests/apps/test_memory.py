"""Memory does not grow with the length of the input."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cli import PROGRAM

MEGABYTE = 1 << 20
# Reports the largest resident set of its only child, in kilobytes.
WATCH = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def peak_megabytes(here, *arguments):
    command = [sys.executable, "-c", WATCH, PROGRAM, *map(str, arguments), "--quiet"]
    done = subprocess.run(command, cwd=here.path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1]) / 1024


@pytest.fixture
def long_recording(here):
    """400 MB of float32: blocks of one noise, written through a small window."""
    block = np.random.default_rng(1).standard_normal(1 << 20).astype(np.float32)
    with open(here / "long.npy", "wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (1, 100 << 20)}
        np.lib.format.write_array_header_1_0(file, header)
        for _ in range(100):
            file.write(block.tobytes())
    assert os.path.getsize(here / "long.npy") > 400 * MEGABYTE
    return "long.npy"


def test_long_npy(here, long_recording):
    assert peak_megabytes(here, "psd", long_recording, "--fs", 1, "-o", "p.npz") < 150
    assert peak_megabytes(here, "peaks", long_recording, "--fs", 1, "-o", "k.npz") < 150
    assert peak_megabytes(here, "psd", long_recording, "--fs", 1, "--nperseg", 8192, "--html",
                          "p.html", "-o", "h.npz") < 200
