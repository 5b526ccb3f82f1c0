"""Memory does not grow with the length of the input, and its need is told beforehand."""

import os
import subprocess
import sys
import wave

import numpy as np
import pytest

from cli import PROGRAM

MEGABYTE = 1 << 20
TRAINING_MEGABYTES = 900  # docs/learning.md: n = 131072, 16 rows a step
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


def test_frames_of_a_learned_transform_are_never_all_there(here):
    here.run("recover", "--transform", "dft", "--n", 256, "-o", "m.safetensors", "--quiet")
    short, long = (peak_megabytes(here, "psd", recording(here, "npy", length), "--fs", 16000,
                                  "--model", "m.safetensors", "-o", "r.npz") for length in (8, 32))
    assert long < 1.2 * short, (short, long)


def test_lack_of_memory_names_its_cause(here):
    source = here.npy(np.zeros((1, 5000), np.float32))
    command = (f"ulimit -v 800000; exec '{PROGRAM}' fft {source} -n 100000000 --threads 1 "
               "--max-memory 400G")
    done = subprocess.run(["bash", "-c", command], cwd=here.path, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 1 and done.stderr.startswith("papilio: [fft] x.npy: out of memory")
    assert "a shorter -n" in done.stderr


UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9}


@pytest.mark.parametrize("flags", [
    ("psd", "--n-fft", 1 << 20),
    ("psd", "--n-fft", 65537),
    ("psd", "--nperseg", 1 << 14, "--noverlap", 16000, "--n-fft", 1 << 18, "--dtype", "f64"),
    ("peaks", "--n-fft", 1 << 20, "--band", "a=100:900"),
    ("psd", "--average", "median", "--noverlap", 255),
    ("mel", "--like", "librosa", "--n-fft", 1 << 18, "--win-length", 2048),
    ("mel", "--like", "whisper", "--hop-length", 1),
], ids=["long", "prime", "f64", "peaks", "median", "mel", "clip"])
def test_the_need_is_told_beforehand(here, flags):
    verb, *rest = flags
    source = here.wav(seconds=3.0)
    idle = peak_megabytes(here, verb, source, *(("--like", "whisper") if verb == "mel" else ()),
                          "-o", "i.npy")
    taken = peak_megabytes(here, verb, source, *rest, "-o", "r.npz") - idle
    limit = max(1, int(0.7 * taken))
    line = here.fails(verb, source, *rest, "--max-memory", f"{limit}M", "-o", "n.npz", code=1,
                      words=(f"[{verb}] {source}: 1 row", "need about", "the limit is",
                             "--max-memory"))
    value, unit = line.split("need about ")[1].split()[:2]
    told = float(value) * UNITS[unit] / MEGABYTE
    assert 0.8 * taken - 4 < told < 2.0 * taken + 4, (told, taken)
    assert not (here / "n.npz").exists()


def test_the_result_is_part_of_the_need(here):
    source = here.npy(np.ones((20000, 64), np.float32))
    here.fails("psd", source, "--fs", 1, "--nperseg", 64, "--time-axis", -1, "--max-memory", "2M",
               code=1, words=("20000 rows", "result 2.6 MB"))
    here.fails("peaks", source, "--fs", 1, "--nperseg", 64, "--time-axis", -1, "-k", 8, "--db",
               "--max-memory", "4M", code=1, words=("20000 rows", "result 5.1 MB"))


def test_a_long_training_does_not_grow(here):
    peaks = [peak_megabytes(here, "train", "butterfly", "--n-fft", 131072, "--init",
                            "perturbed:0.01", "--steps", steps, "--valid-every", 1, "-o",
                            "m.safetensors") for steps in (2, 6)]
    assert max(peaks) <= 1.1 * min(peaks), peaks
    assert max(peaks) < TRAINING_MEGABYTES, peaks


def test_long_models(here):
    here.run("train", "butterfly", "--n-fft", 65536, "--steps", 0, "--init", "perturbed:0.1", "-o",
             "m.safetensors", "--quiet")
    # Its 8 MiB of twiddles are 32 MiB as blocks, which an inverse is made of.
    assert peak_megabytes(here, "eval", "m.safetensors", "--rows", 32, "--threads", 2) < 140
    assert peak_megabytes(here, "roundtrip", "m.safetensors", "--rows", 32, "--threads", 2) < 260
