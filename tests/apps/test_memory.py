"""Memory does not grow with the length of the input."""

import os
import subprocess
import sys
import wave

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


NOISE = np.random.default_rng(2).standard_normal(1 << 20)


def recording(here, kind, mebisamples):
    """So many blocks of one noise, as float32 .npy or 16-bit wav of 16000 Hz."""
    name = f"{mebisamples}.{kind}"
    if kind == "npy":
        with open(here / name, "wb") as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": (1, mebisamples << 20)}
            np.lib.format.write_array_header_1_0(file, header)
            for _ in range(mebisamples):
                file.write(NOISE.astype("<f4").tobytes())
        return name
    with wave.open(str(here / name), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        for _ in range(mebisamples):
            file.writeframes((NOISE * 5000).astype("<i2").tobytes())
    return name


@pytest.mark.parametrize("kind, flags", [
    ("npy", ("psd", "--fs", 16000)),
    ("wav", ("psd",)),
    ("npy", ("psd", "--fs", 16000, "--average", "max")),
    ("wav", ("peaks",)),
    ("wav", ("psd", "--resample", "8000")),
], ids=["npy", "wav", "max", "peaks", "resample"])
def test_four_times_the_length_takes_no_more(here, kind, flags):
    short, long = (peak_megabytes(here, *flags[:1], recording(here, kind, length), *flags[1:], "-o",
                                  "r.npz") for length in (8, 32))
    assert long < 1.2 * short, (short, long)


def test_lack_of_memory_names_its_cause(here):
    source = here.npy(np.zeros((1, 5000), np.float32))
    command = (f"ulimit -v 800000; exec '{PROGRAM}' fft {source} -n 100000000 --threads 1 "
               "--max-memory 4G")
    done = subprocess.run(["bash", "-c", command], cwd=here.path, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 1 and done.stderr.startswith("papilio: [fft] x.npy: out of memory")
    assert "a shorter -n" in done.stderr
