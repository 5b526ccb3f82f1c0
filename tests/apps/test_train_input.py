"""papilio train --input real and --gates: what they reach, what the files hold, what reads them."""

import json
import random
import subprocess
import time

import numpy as np
import pytest

from cli import PROGRAM, RATE, signal
from model_files import matrix, read

REAL = ("train", "butterfly", "--input", "real")
OUT = ("-o", "m.safetensors")


def summary(here, *arguments):
    return json.loads(here.run(*arguments, *OUT, "--json").text)


def rfft_error(path):
    got = matrix(path)
    want = np.fft.rfft(np.eye(got.shape[1])).T
    return np.linalg.norm(got - want) / np.linalg.norm(want)


@pytest.mark.parametrize("n, seed", [(64, 1), (64, 2), (256, 0)])
def test_a_perturbed_rfft_is_found_again_with_the_defaults(here, n, seed):
    arguments = (*REAL, "--n-fft", n, "--init", "perturbed:0.3", "--seed", seed)
    here.run(*arguments, "--steps", 0, *OUT)
    assert rfft_error(here / "m.safetensors") > 0.3
    done = summary(here, *arguments)
    assert done["first_error"] > 0.3 and done["error"] <= 1e-6 and done["ended"] == "goal"
    assert done["input"] == "real" and done["target"] == "dft"
    assert rfft_error(here / "m.safetensors") <= 1e-5
    words, tensors = read(here / "m.safetensors")
    assert words["input"] == "real" and words["n"] == str(n)
    assert tensors["recombination.twiddle"].shape == (n // 2, 2)


@pytest.mark.parametrize("shape", [(5, 8), (8, 5), (3, 4)])
def test_recover_sends_half_a_spectrum_to_train(here, shape):
    here.fails("recover", "--matrix", here.npy(np.ones(shape), "half.npy"), code=1,
               words=(f"half.npy is {shape[0]} x {shape[1]}", "papilio train --input real"))


def test_random_and_exact_starts(here):
    assert summary(here, *REAL, "--n-fft", 64, "--init", "exact", "--steps", 0)["error"] < 1e-6
    done = summary(here, *REAL, "--n-fft", 64, "--init", "random")
    assert done["first_error"] > 0.8 and done["ended"] == "goal"
    assert rfft_error(here / "m.safetensors") <= 1e-5


@pytest.mark.parametrize("flags", [("--target", "idft"), ("--tied",), ("--params", "block"),
                                   ("--order", "dif"), ("--radices", "4,2"), ("--unit-circle",),
                                   ("--dtype", "f64"), ("--noise", "tones"), ("--gates",),
                                   ("--optimizer", "gauss-newton")])
def test_every_kind_of_network_learns(here, flags):
    done = summary(here, *REAL, "--n-fft", 16, "--init", "perturbed:0.1", "--steps", 1500, *flags)
    assert done["first_error"] > 0.01
    assert done["error"] < 0.05 * done["first_error"]


@pytest.mark.parametrize("flags", [(), ("--gates", "--gate-start", 0.7)])
def test_a_killed_training_goes_on_to_the_same_bytes(here, flags):
    arguments = (*REAL, "--n-fft", "64", "--init", "perturbed:0.3", *flags, "--steps", "3000",
                 "--goal", "0", "--valid-every", "20", "--checkpoint-every", "0", "--quiet", "-o")
    here.run(*arguments, "whole.safetensors")
    rng = random.Random(5)
    killed, resume = 0, ()
    for _ in range(6):
        process = subprocess.Popen([PROGRAM, *map(str, arguments), "parts.safetensors", *resume],
                                   cwd=here.path)
        time.sleep(rng.uniform(0.02, 0.15))
        process.kill()
        if process.wait() == 0:
            break
        killed += 1
        resume = ("--resume",) if "parts.safetensors.checkpoint" in here.names() else ()
    assert killed >= 1
    if "parts.safetensors" not in here.names():
        here.run(*arguments, "parts.safetensors", *resume)
    assert (here / "parts.safetensors").read_bytes() == (here / "whole.safetensors").read_bytes()


def test_what_reads_models_reads_the_result(here):
    here.run(*REAL, "--n-fft", 64, "--init", "perturbed:0.3", *OUT, "--quiet", "--html", "p.html",
             "--log", "l.jsonl")
    page = (here / "p.html").read_text()
    assert "real: n/2 + 1 bins" in page and "Error by bin" in page
    assert len((here / "l.jsonl").read_text().splitlines()) > 3
    compared = json.loads(here.run("compare", "m.safetensors", "--max-error", 1e-5, "--json").text)
    assert compared["target"] == "dft"
    assert compared["relative_error"] == pytest.approx(rfft_error(here / "m.safetensors"), rel=1e-6)
    told = json.loads(here.run("eval", "m.safetensors", "--json").text)
    assert len(told["error_by_bin"]) == 33 and max(told["error_by_bin"]) < 1e-5
    assert json.loads(here.run("roundtrip", "m.safetensors", "--max-error", 1e-5, "--json").text)
    assert "real input" in here.run("inspect", "m.safetensors").text


@pytest.mark.parametrize("verb, flags", [
    ("fft", ()), ("psd", ("--nperseg", 64)), ("peaks", ("--nperseg", 64)),
    ("mel", ("--like", "librosa", "--n-fft", 64, "--hop-length", 16, "--n-mels", 12))])
def test_it_computes_in_the_place_of_the_exact_transform(here, verb, flags):
    here.run(*REAL, "--n-fft", 64, "--init", "perturbed:0.3", *OUT, "--quiet")
    x = signal(64 if verb == "fft" else 4000, 3).astype(np.float64)
    source = here.npy(x)
    rate = ("--fs", RATE)
    here.run(verb, source, *flags, *rate, "--model", "m.safetensors", "--quiet", "-o", "l.npz")
    got = here.npz("l.npz")["data"]
    if verb == "fft":
        want = x @ matrix(here / "m.safetensors").T
        assert np.linalg.norm(got - want) <= 1e-12 * np.linalg.norm(want)
        flags = ("--real",)
    here.run(verb, source, *flags, *rate, "--quiet", "-o", "e.npz")
    exact = here.npz("e.npz")["data"]
    assert got.shape == exact.shape
    known = np.isfinite(exact)  # slots without a peak
    assert np.array_equal(np.isfinite(got), known)
    assert np.linalg.norm((got - exact)[known]) <= 1e-4 * np.linalg.norm(exact[known])


def test_several_lengths_of_real_input(here):
    done = json.loads(here.run("train", "multi", "--input", "real", "--n-fft", "8,16", "--init",
                               "perturbed:0.3", *OUT, "--json").text)
    for row, n in enumerate((8, 16)):
        error = rfft_error(here / f"m-{n}.safetensors")
        assert error <= 1e-5
        assert done["train_x_eval"][row][row] == pytest.approx(error, rel=1e-6)
        assert done["train_x_eval"][row][1 - row] is None


def gates_of(path):
    _, tensors = read(path)
    return np.concatenate([t for name, t in sorted(tensors.items()) if name.endswith(".gate")])


@pytest.mark.parametrize("kind", ["complex", "real"])
@pytest.mark.parametrize("start", [1, 0.5])
def test_gates_are_trained_and_stay_in_their_range(here, kind, start):
    arguments = ("train", "butterfly", "--n-fft", 16, "--input", kind, "--gates", "--gate-start",
                 start, "--init", "perturbed:0.3")
    still = summary(here, *arguments, "--steps", 0)
    points = 16 if kind == "complex" else 8
    stages = 4 if kind == "complex" else 3
    assert np.array_equal(gates_of(here / "m.safetensors"), np.full(points // 2 * stages, start))
    assert still["gate_start"] == start
    done = summary(here, *arguments, "--steps", 3000)
    assert done["error"] < 0.01 * still["error"]
    gates = gates_of(here / "m.safetensors")
    assert gates.min() >= 0 and gates.max() <= 1
    if start != 1:
        assert not np.any(gates == start)
    got = matrix(here / "m.safetensors")
    exact = np.fft.fft(np.eye(16)) if kind == "complex" else np.fft.rfft(np.eye(16)).T
    assert np.linalg.norm(got - exact) <= 2 * done["error"] * np.linalg.norm(exact)
    # The library reads the same matrix out of the file.
    here.npy(np.eye(16), "eye.npy")
    here.run("fft", "eye.npy", "--model", "m.safetensors", "--quiet", "-o", "f.npz")
    assert np.allclose(here.npz("f.npz")["data"], got.T, rtol=0, atol=1e-12)


def test_gates_without_a_start_begin_at_one(here):
    assert summary(here, "train", "butterfly", "--n-fft", 8, "--gates", "--steps",
                   0)["gate_start"] == 1
    assert np.all(gates_of(here / "m.safetensors") == 1)
    assert summary(here, "train", "butterfly", "--n-fft", 8, "--steps", 0)["gate_start"] is None
    assert not any(name.endswith(".gate") for name in read(here / "m.safetensors")[1])


@pytest.mark.parametrize("kind", ["encdec", "phased"])
def test_pairs_have_gates_too(here, kind):
    done = json.loads(here.run("train", kind, "--n-fft", 8, "--gates", "--init", "perturbed:0.2",
                               "--steps", 3000, *OUT, "--json").text)
    assert done["error"] < 0.05 * done["first_error"]
    _, tensors = read(here / "m.safetensors")
    assert {"encoder.stage.0.gate", "decoder.stage.2.gate"} <= tensors.keys()


REFUSED = [
    (("encdec", "--input", "real", "--n-fft", "8"), "train butterfly or multi"),
    (("phased", "--input", "real", "--n-fft", "8"), "train butterfly or multi"),
    (("butterfly", "--input", "real", "--n-fft", "8", "--target", "dct2"), "--target dft or idft"),
    (("butterfly", "--input", "real", "--n-fft", "8", "--target", "hadamard"), "dft or idft"),
    (("butterfly", "--input", "real", "--n-fft", "15"), "an even one"),
    (("butterfly", "--input", "real", "--n-fft", "2"), "4 or more"),
    (("butterfly", "--input", "real", "--n-fft", "16", "--radices", "4,4"),
     "with --input real needs 8"),
    (("butterfly", "--input", "real", "--n-fft", "8", "--pairs", "x.npy", "y.npy"), "no pairs"),
    (("butterfly", "--input", "real", "--n-fft", "8", "--target-matrix", "m.npy"), "no matrix"),
    (("butterfly", "--input", "reel", "--n-fft", "8"), "did you mean real"),
    (("butterfly", "--gate-start", "0.5", "--n-fft", "8"), "give --gates too"),
    (("butterfly", "--gates", "--gate-start", "1.5", "--n-fft", "8"), "from 0 to 1"),
    (("butterfly", "--gates", "--gate-start", "nan", "--n-fft", "8"), "--gate-start"),
]


@pytest.mark.parametrize("arguments, words", REFUSED)
def test_refusals(here, arguments, words):
    here.fails("train", *arguments, *OUT, code=2, words=(words,))
    assert here.names() == []


def test_complex_recordings_are_no_real_input(here):
    here.npy((signal(1000) * 1j).astype(np.complex64), "z.npy")
    here.fails(*REAL, "--n-fft", 16, "--data", "z.npy", *OUT, code=1, words=("complex",))
