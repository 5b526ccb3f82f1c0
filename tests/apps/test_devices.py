"""--device of the verbs on models: a GPU (kernels run on the host here) says what the CPU says."""

import json

import numpy as np
import pytest

from cli import NO_DRIVER, emulated, signal
from model_files import perturbed, read
from safetensors.numpy import save_file

FACTS = {"device", "isa", "seconds"}


def recovered(here, transform="dft", n=12, name="m.safetensors"):
    here.run("recover", "--transform", transform, "--n", n, "-o", name, "--quiet")
    return name


def real_input(here, n=8):
    """A network of real input, perturbed."""
    words, tensors = read(here / recovered(here, n=n // 2))
    w = np.exp(-2j * np.pi * np.arange(n // 2) / n)
    tensors["recombination.twiddle"] = np.stack([w.real, w.imag], axis=-1)
    save_file(tensors, here / "r.safetensors", metadata={**words, "n": str(n), "input": "real"})
    return perturbed(here, "r.safetensors")


def one(here, *arguments, **options):
    return json.loads(here.run(*arguments, "--json", **options).text.splitlines()[0])


def close(a, b, tolerance):
    """Records alike: numbers within the tolerance, all else equal."""
    assert type(a) is type(b) or isinstance(a, (int, float)) and isinstance(b, (int, float))
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a.keys() - FACTS:
            close(a[key], b[key], tolerance)
    elif isinstance(a, list):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            close(x, y, tolerance)
    elif isinstance(a, float):
        assert np.isclose(a, b, rtol=tolerance, atol=1e-13), (a, b)
    else:
        assert a == b


def agree(here, *arguments, tolerance=1e-10):
    want = one(here, *arguments, "--device", "cpu")
    got = one(here, *arguments, "--device", "cuda", env=emulated())
    assert got["device"] == "cuda" and want["device"] == "cpu"
    close(got, want, tolerance)
    return got


@pytest.mark.parametrize("verb", ["eval", "compare", "roundtrip"])
@pytest.mark.parametrize("kind", ["mixed", "real input"])
def test_models_run_on_a_gpu(here, verb, kind):
    model = perturbed(here, recovered(here)) if kind == "mixed" else real_input(here)
    flags = () if verb == "compare" else ("--rows", 5)
    found = agree(here, verb, model, *flags)
    assert found["device"] == "cuda" and found["isa"].startswith("sm_")
    error = found["relative_error"]
    if verb == "roundtrip":  # by its inverse
        assert error < 1e-12
    else:
        assert 0.01 < (error["median"] if verb == "eval" else error) < 1


def test_a_dct_on_recordings(here):
    model = perturbed(here, recovered(here, "dct2"))
    source = here.npy(signal(12 * 7).astype(np.float64))
    assert agree(here, "eval", model, "--data", source)["rows"] == 7


def test_a_decoder_runs_on_a_gpu(here):
    there = perturbed(here, recovered(here), "there.safetensors")
    back = perturbed(here, recovered(here, "idft"), "back.safetensors")
    found = agree(here, "roundtrip", there, back, "--rows", 5)
    assert found["decoding"] == back and found["relative_error"] > 0.01


@pytest.mark.parametrize("method", ["adam", "lbfgs"])
def test_descents_run_on_a_gpu(here, method):
    found = agree(here, "recover", "--transform", "dft", "--n", 4, "--method", method, "--seeds",
                  1, "--steps", 60, tolerance=1e-6)
    assert found["device"] == "cuda" and found["relative_error"] < 0.9


@pytest.mark.parametrize("arguments", [
    ("eval", "m.safetensors"), ("compare", "m.safetensors"), ("roundtrip", "m.safetensors"),
    ("recover", "--transform", "dft", "--n", "8", "--method", "adam"),
    ("recover", "--transform", "dft", "--n", "8", "--method", "lbfgs"),
    ("train", "butterfly", "--n-fft", "8", "-o", "t.safetensors")], ids=" ".join)
def test_without_a_gpu_they_fail(here, arguments):
    recovered(here)
    here.fails(*arguments, "--device", "cuda", code=1,
               words=("there is no CUDA driver here", "--device cpu"), env=NO_DRIVER)
    here.fails(*arguments, "--device", "cude", code=2, words=("--device 'cude'", "cuda"))
    assert here.names() == ["m.safetensors"]


@pytest.mark.parametrize("method, source", [("hierarchical", "matrix"), ("als", "matrix"),
                                            ("identify", "pairs")])
def test_methods_of_the_host_say_so(here, method, source):
    here.fails("recover", "--transform", "dft", "--n", 8, "--from", source, "--method", method,
               "--device", "cuda", code=2, env=NO_DRIVER,
               words=(f"the method {method}", "leave out --device cuda", "adam or lbfgs"))
    here.run("recover", "--transform", "dft", "--n", 8, "--from", source, "--method", method,
             "--device", "cpu", "--seeds", 1)


@pytest.mark.parametrize("verb", ["eval", "compare", "roundtrip"])
def test_the_reference_agrees_and_threads_change_nothing(here, verb):
    model = perturbed(here, recovered(here))
    want = one(here, verb, model, "--threads", 1)
    assert want == one(here, verb, model, "--threads", 5)
    assert want["device"] == "cpu" and want["isa"]
    found = one(here, verb, model, "--device", "reference")
    assert found["device"] == "reference"
    close(found, want, 1e-10)
