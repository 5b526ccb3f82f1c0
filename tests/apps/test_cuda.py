"""What is said of GPUs: where there is none, and where the tests' own driver shows some."""

import json
import os

import numpy as np
import pytest

NO_DRIVER = {"PAPILIO_CUDA_DRIVER": "/nonexistent/libcuda.so"}
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


def test_a_misspelt_device_is_a_usage_error(here):
    here.fails("doctor", "--device", "cuda:x", code=2, words=("cuda:x", "cuda"))
