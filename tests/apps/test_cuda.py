"""What is said of GPUs: where there is none, and where the tests' own driver shows some."""

import json
import os

import numpy as np
import pytest

from cli import NO_DRIVER, emulated

TWO_GPUS = {"PAPILIO_CUDA_DRIVER": os.environ["PAPILIO_FAKE_CUDA"],
            "PAPILIO_NVRTC": "/nonexistent/libnvrtc.so",
            "PAPILIO_CUFFT": "/nonexistent/libcufft.so", "PAPILIO_CACHE_DIR": "/a/cache"}
NO_GPU = {**TWO_GPUS, "FAKE_CUDA_DEVICES": "0"}


def doctor(here, env):
    return json.loads(here.run("doctor", "--json", env=env).text)


def test_doctor_shows_the_gpus(here):
    cuda = doctor(here, TWO_GPUS)["cuda"]
    assert cuda["available"] and cuda["why"] is None
    assert cuda["driver"] == "13.0" and cuda["nvrtc"] is None and cuda["cufft"] is None
    assert cuda["kernel_cache"] == "/a/cache"
    assert [device["device"] for device in cuda["devices"]] == ["cuda:0", "cuda:1"]
    assert cuda["devices"][1] == {
        "device": "cuda:1", "name": "Fake GPU 1", "compute_capability": 90,
        "multiprocessors": 132, "memory_bytes": 2**30, "free_bytes": 2**30}
    text = here.run("doctor", env=TWO_GPUS).text
    for words in ("device cuda:1", "Fake GPU 1, compute capability 9.0", "1.1 GB free of 1.1 GB",
                  "driver 13.0, NVRTC not found", "/a/cache"):
        assert words in text
    assert doctor(here, {**TWO_GPUS, "PAPILIO_CACHE_DIR": ""})["cuda"]["kernel_cache"] is None


@pytest.mark.parametrize("env, words", [(NO_DRIVER, "there is no CUDA driver here"),
                                        (NO_GPU, "the CUDA driver finds no device")])
def test_doctor_says_in_one_line_why_there_is_none(here, env, words):
    cuda = doctor(here, env)["cuda"]
    assert not cuda["available"] and cuda["devices"] == [] and cuda["why"].startswith(words)
    lines = [line for line in here.run("doctor", env=env).text.splitlines() if "cuda" in line]
    assert len(lines) == 1 and words in lines[0], lines


@pytest.mark.parametrize("device, env, words", [
    ("cuda", NO_DRIVER, ("no CUDA driver", "install NVIDIA's driver", "--device cpu")),
    ("cuda:1", NO_GPU, ("finds no device", "CUDA_VISIBLE_DEVICES")),
    ("cuda:9", TWO_GPUS, ("no cuda:9", "2 devices, cuda:0 to cuda:1")),
    ("cuda:1", TWO_GPUS, ("no NVRTC", "nvidia-cuda-nvrtc", "PAPILIO_NVRTC")),
])
def test_a_device_that_is_missing_is_said_exactly(here, device, env, words):
    np.save(here / "x.npy", np.ones((2, 1000), np.float32))
    here.fails("psd", "x.npy", "--fs", "1", "--device", device, code=1, words=words, env=env)


def test_doctor_tells_the_largest_batch(here):
    report = json.loads(here.run("doctor", "--n-fft", 64, "--segments", 3, "--k", 5, "--json",
                                 env=emulated()).text)["largest_batch"]
    assert (report["n_fft"], report["segments"], report["k"]) == (64, 3, 5)
    cpu, gpu = report["devices"]
    assert cpu["device"] == "cpu" and gpu["device"] == "cuda:0"
    assert 0.9 * 2**30 < gpu["memory_bytes"] <= 15 / 16 * 2**30
    # Samples and results: one kernel needs no work memory.
    least = {"fft": 4 * 64 + 8 * 33, "psd": 4 * 128 + 4 * 33, "bins": 4 * 128 + 16 * 5}
    for work in gpu["works"]:
        assert work["samples"] == (64 if work["work"] == "fft" else 128)
        assert work["bytes_per_row"] == pytest.approx(least[work["work"]], rel=1e-3)
        spare = gpu["memory_bytes"] - work["rows"] * work["bytes_per_row"]
        assert 0 <= spare < 1000 + work["bytes_per_row"]
    text = here.run("doctor", "--n-fft", 64, env=TWO_GPUS).text
    assert "most rows cpu" in text and "most rows cuda:1" in text and "no NVRTC" in text


@pytest.mark.parametrize("flags, words", [
    (("--n-fft", "0"), ("--n-fft must be 1 or more",)),
    (("--segments", "3"), ("--segments has no effect without --n-fft",)),
    (("--n-fft", "4", "--k", "9"), ("3 bins",)),
    (("--n-fft", "64", "--segments", "9000000000000000000"), ("longer than any memory",)),
])
def test_doctor_refuses_rows_that_cannot_be(here, flags, words):
    here.fails("doctor", *flags, code=2, words=words, env=NO_DRIVER)


def test_a_misspelt_device_is_a_usage_error(here):
    here.fails("doctor", "--device", "cuda:x", code=2, words=("cuda:x", "cuda"))
