"""papilio roundtrip: an encoder with its decoder, two models, a model and its inverse."""

import json

import numpy as np
import pytest

from cli import signal
from model_files import change, matrix, perturbed, read
from safetensors.numpy import save_file

N = 16


def recovered(here, name, transform="dft", n=N):
    here.run("recover", "--transform", transform, "--n", n, "-o", name, "--quiet")
    return name


def pair(here, encoder, decoder, name="pair.safetensors"):
    """Two models as one of kind encdec."""
    words, tensors = {"papilio_format": "1", "kind": "encdec", "n": str(N)}, {}
    for part, source in (("encoder", encoder), ("decoder", decoder)):
        metadata, own = read(here / source)
        tensors.update({f"{part}.{key}": value for key, value in own.items()})
        words.update({f"{part}.{key}": metadata[key] for key in (
            "radices", "order", "tying", "norm", "direction", "form", "field", "input")})
    save_file(tensors, here / name, metadata=words)
    return name


def record(here, *arguments, code=0):
    return json.loads(here.run("roundtrip", *arguments, "--json", code=code).text)


def test_help_has_an_example(here):
    assert "papilio roundtrip" in here.run("roundtrip", "--help").text


def test_exact_pairs_give_back_what_came_in(here):
    encoder, decoder = recovered(here, "e.safetensors"), recovered(here, "d.safetensors", "idft")
    for arguments, decoding in (((pair(here, encoder, decoder),), "its decoder"),
                                ((encoder, decoder), decoder), ((encoder,), "its inverse"),
                                ((perturbed(here, encoder),), "its inverse")):
        found = record(here, *arguments, "--rows", 20)
        assert found["schema"] == "papilio.model.roundtrip" and found["decoding"] == decoding
        assert found["rows"] == 20 and found["relative_error"] < 1e-13 and found["passed"]
        assert found["error_by_row"]["max"] < 1e-13 and len(found["error_by_sample"]) == N


def test_the_error_is_that_of_the_two_matrices(here):
    encoder = perturbed(here, recovered(here, "e.safetensors"), "pe.safetensors")
    decoder = perturbed(here, recovered(here, "d.safetensors", "idft"), "pd.safetensors", seed=2)
    x = signal(N, 30, seed=5).astype(np.float64)
    x = x + 1j * signal(N, 30, seed=6)
    error = x @ (matrix(here / decoder) @ matrix(here / encoder) - np.eye(N)).T
    for model in ((encoder, decoder), (pair(here, encoder, decoder),)):
        found = record(here, *model, "--data", here.npy(x))
        assert found["data"] == "x.npy" and found["seed"] is None and found["rows"] == 30
        whole = np.linalg.norm(error) / np.linalg.norm(x)
        rows = np.linalg.norm(error, axis=1) / np.linalg.norm(x, axis=1)
        samples = np.linalg.norm(error, axis=0) / np.linalg.norm(x, axis=0)
        assert np.isclose(found["relative_error"], whole, rtol=1e-12)
        assert np.isclose(found["error_by_row"]["max"], rows.max(), rtol=1e-12)
        assert np.allclose(found["error_by_sample"], samples, rtol=1e-12)


def test_max_error_decides_the_exit_code(here):
    encoder = recovered(here, "e.safetensors")
    decoder = perturbed(here, recovered(here, "d.safetensors", "idft"))
    assert "within 0.9" in here.run("roundtrip", encoder, decoder, "--max-error", 0.9).text
    assert "ABOVE 1e-06" in here.run("roundtrip", encoder, decoder, "--max-error", 1e-6,
                                     code=1).text
    found = record(here, encoder, decoder, "--max-error", 1e-6, code=1)
    assert not found["passed"] and found["max_error"] == 1e-6
    assert not here.run("roundtrip", encoder, decoder, "--max-error", 0, "--quiet", code=1).text


def test_a_network_with_real_input_and_its_inverse(here):
    words, tensors = read(here / recovered(here, "half.safetensors"))
    k = np.arange(N)
    w = np.exp(-1j * np.pi * k / N)
    tensors["recombination.twiddle"] = np.stack([w.real, w.imag], axis=-1)
    save_file(tensors, here / "r.safetensors", metadata={**words, "n": str(2 * N), "input": "real"})
    found = record(here, "r.safetensors")
    assert found["relative_error"] < 1e-13 and len(found["error_by_sample"]) == 2 * N
    here.fails("roundtrip", "r.safetensors", "half.safetensors", code=1,
               words=("takes 16 numbers", "gives 17"))


def test_refusals(here):
    encoder, decoder = recovered(here, "e.safetensors"), recovered(here, "d.safetensors", "idft")
    both = pair(here, encoder, decoder)
    here.fails("roundtrip", both, decoder, code=1, words=("decoder of its own",))
    here.fails("psd", here.wav(), "--model", both, code=1, words=("papilio roundtrip",))
    here.fails("roundtrip", recovered(here, "c.safetensors", "dct2"), code=1,
               words=("real part", "give a DECODER"))
    here.fails("roundtrip", encoder, recovered(here, "long.safetensors", n=32), code=1,
               words=("takes 32", "gives 16"))
    singular = change(here, encoder, "s.safetensors",
                      lambda key, v: np.zeros_like(v) if key == "stage.2.twiddle" else v)
    here.fails("roundtrip", singular, code=1, words=("stage 2",))
    here.fails("roundtrip", encoder, "missing.safetensors", code=1, words=("missing",))
    x = signal(N, 2).astype(np.float64)
    x[1, 3] = np.inf
    here.fails("roundtrip", encoder, "--data", here.npy(x), code=1, words=("row 1", "not finite"))
    here.fails("roundtrip", encoder, "--data", here.npy(x[:, :9]), code=1,
               words=("9 samples", "16"))


@pytest.mark.parametrize("arguments, words", [
    ((), ("no MODEL",)),
    (("m", "--rows", "0"), ("--rows 0",)),
    (("m", "--seed", "1", "--data", "x.wav"), ("--seed", "--data")),
    (("m", "--max-error", "-1"), ("--max-error",)),
    (("m", "d", "e"), ("one argument too many",)),
])
def test_usage(here, arguments, words):
    here.fails("roundtrip", *arguments, code=2, words=words)
