"""papilio train: what it reaches, read by other people's code, and what survives a kill."""

import json
import os
import random
import subprocess
import time

import numpy as np
import pytest
from safetensors import safe_open

from cli import PROGRAM


def matrix_of(path):
    """The n x n matrix of a radix-2 twiddle model, rebuilt from the file's layout alone."""
    with safe_open(path, framework="np") as file:
        meta = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    n = int(meta["n"])
    y = np.eye(n, dtype=complex)[tensors["permutation"]]
    m = 1
    for stage, radix in enumerate(meta["radices"].split(",")):
        assert radix == "2"
        twiddle = tensors[f"stage.{stage}.twiddle"]
        w = (twiddle[..., 0] + 1j * twiddle[..., 1]).reshape(n // 2)
        block = np.arange(n // 2)
        first = 2 * m * (block // m) + block % m
        t = w[:, None] * y[first + m]
        y[first], y[first + m] = y[first] + t, y[first] - t
        m *= 2
    return y * (tensors["scale"][0] if "scale" in tensors else 1.0), meta


def error_of(path):
    got, _ = matrix_of(path)
    want = np.fft.fft(np.eye(len(got)))
    return np.linalg.norm(got - want) / np.linalg.norm(want)


@pytest.mark.parametrize("n, seed", [(64, 1), (64, 2), (128, 3)])
def test_a_perturbed_transform_is_found_again_with_the_defaults(here, n, seed):
    model = here / "m.safetensors"
    arguments = ("train", "butterfly", "--n-fft", n, "--init", "perturbed:0.3", "--seed", seed)
    here.run(*arguments, "--steps", 0, "-o", model)
    assert error_of(model) > 0.3
    summary = json.loads(here.run(*arguments, "-o", model, "--json").text)
    assert error_of(model) <= 1e-5
    assert summary["first_error"] > 0.3 and summary["error"] <= 1e-6 and summary["ended"] == "goal"
    assert here.names() == ["m.safetensors"]


def test_the_log_holds_what_was_measured(here):
    here.run("train", "butterfly", "--n-fft", 16, "--init", "perturbed:0.2", "--steps", 250,
             "--goal", 0, "--log", "l.jsonl", "-o", "m.safetensors", "--quiet")
    rows = [json.loads(line) for line in (here / "l.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [100, 200, 250]
    assert rows[-1]["valid_error"] < rows[0]["valid_error"] < 0.3
    assert all(row["loss"] > 0 and row["rate"] > 0 and row["gradient_norm"] > 0 for row in rows)


@pytest.mark.parametrize("optimizer, steps", [("adam", 60), ("lbfgs", 8), ("gauss-newton", 4)])
def test_threads_and_repetition_change_no_byte(here, optimizer, steps):
    models = []
    for name, threads in (("a", 1), ("b", 1), ("c", 3)):
        here.run("train", "butterfly", "--n-fft", 32, "--init", "perturbed:0.3", "--steps", steps,
                 "--optimizer", optimizer, "--batch", 200, "--threads", threads, "-o",
                 f"{name}.safetensors", "--quiet")
        models.append((here / f"{name}.safetensors").read_bytes())
    assert models[0] == models[1] == models[2]


@pytest.mark.parametrize("flags", [("--target", "idft"), ("--target", "hadamard"),
                                   ("--target", "dct2"), ("--target", "dct4"), ("--tied",),
                                   ("--params", "block"), ("--order", "dif"),
                                   ("--radices", "4,4"), ("--radices", "16", "--params", "block"),
                                   ("--unit-circle",), ("--dtype", "f64")])
def test_every_kind_of_network_learns(here, flags):
    summary = json.loads(here.run("train", "butterfly", "--n-fft", 16, "--init", "perturbed:0.1",
                                  "--steps", 1500, *flags, "-o", "m.safetensors", "--json").text)
    assert summary["first_error"] > 0.01
    assert summary["error"] < 0.05 * summary["first_error"]


@pytest.mark.parametrize("optimizer, steps", [("lbfgs", 1000), ("gauss-newton", 50)])
def test_second_order_needs_few_steps(here, optimizer, steps):
    summary = json.loads(here.run("train", "butterfly", "--n-fft", 64, "--init", "perturbed:0.3",
                                  "--optimizer", optimizer, "--dtype", "f64", "--goal", 1e-12,
                                  "--valid-every", 10, "-o", "m.safetensors", "--json").text)
    assert summary["ended"] == "goal" and summary["steps"] <= steps
    assert error_of(here / "m.safetensors") <= 1e-11


def test_a_killed_training_goes_on_to_the_same_bytes(here):
    arguments = ("train", "butterfly", "--n-fft", "64", "--init", "perturbed:0.3", "--steps",
                 "10000", "--goal", "0", "--valid-every", "20", "--quiet", "-o")
    here.run(*arguments, "whole.safetensors")
    rng = random.Random(5)
    kills = 20 if os.environ.get("PAPILIO_LONG") else 6
    killed = 0
    resume = ()
    while killed < kills:
        process = subprocess.Popen([PROGRAM, *arguments, "parts.safetensors", *resume],
                                   cwd=here.path)
        time.sleep(rng.uniform(0.01, 0.1))
        process.kill()
        if process.wait() == 0:
            break
        killed += 1
        if (here / "parts.safetensors.checkpoint").exists():
            with safe_open(here / "parts.safetensors.checkpoint", framework="np") as file:
                assert "values" in file.keys()
            resume = ("--resume",)
    assert killed >= 3
    if not (here / "parts.safetensors").exists():
        here.run(*arguments, "parts.safetensors", *resume)
    assert (here / "parts.safetensors").read_bytes() == (here / "whole.safetensors").read_bytes()


def test_what_diverges_says_where(here):
    line = here.fails("train", "butterfly", "--n-fft", 16, "--optimizer", "sgd", "--schedule",
                      "constant", "--lr", 500, "--valid-every", 1, "-o", "m.safetensors", code=1,
                      words=("is not finite at step", "--lr", "m.safetensors.checkpoint (step"))
    assert "[train]" in line
    assert here.names() == ["m.safetensors.checkpoint"]


REFUSED = [
    ((), "give butterfly"),
    (("buterfly", "--n-fft", "8"), "give butterfly"),
    (("butterfly",), "--n-fft must be 2 or more"),
    (("butterfly", "--n-fft", "8"), "-o MODEL.safetensors"),
    (("butterfly", "--n-fft", "1000000000", "-o", "m"), "at most 1048576"),
    (("butterfly", "--n-fft", "37", "-o", "m"), "prime"),
    (("butterfly", "--n-fft", "8", "--target", "hadamrd", "-o", "m"), "did you mean hadamard"),
    (("butterfly", "--n-fft", "8", "--init", "perturbed:x", "-o", "m"), "perturbed:0.3"),
    (("butterfly", "--n-fft", "8", "--radices", "2,2", "-o", "m"), "make 4"),
    (("butterfly", "--n-fft", "8", "--lr", "0", "-o", "m"), "--lr"),
    (("butterfly", "--n-fft", "8", "--batch", "0", "-o", "m"), "batch"),
    (("butterfly", "--n-fft", "8", "--dtype", "f16", "-o", "m"), "f32 or f64"),
    (("butterfly", "--n-fft", "8", "--seed", "-1", "-o", "m"), "0 or above"),
    (("butterfly", "--n-fft", "12", "--target", "hadamard", "-o", "m"), "radix 3"),
    (("butterfly", "--n-fft", "8", "--steps", "-1", "-o", "m"), "--steps"),
    (("butterfly", "--n-fft", "8", "--threads", "0", "-o", "m"), "--threads"),
    (("butterfly", "--n-fft", "8", "--optimizer", "adm", "-o", "m"), "did you mean adam"),
    (("butterfly", "--n-fft", "8", "--optimizer", "lbfgs", "--clip", "1", "-o", "m"), "--clip"),
]


@pytest.mark.parametrize("arguments, words", REFUSED)
def test_refusals(here, arguments, words):
    here.fails("train", *arguments, code=2, words=(words,))
    assert here.names() == []


def test_a_batch_beyond_reason_is_refused(here):
    here.fails("train", "butterfly", "--n-fft", 64, "--batch", 10**12, "-o", "m", code=1,
               words=("give a smaller --batch",))


def test_a_long_network_takes_a_step(here):
    summary = json.loads(here.run("train", "butterfly", "--n-fft", 131072, "--init",
                                  "perturbed:0.01", "--steps", 2, "--batch", 2, "--valid-every", 2,
                                  "-o", "m.safetensors", "--json").text)
    assert 0 < summary["error"] and summary["steps"] == 2


def test_resuming_what_is_not_there_or_not_the_same(here):
    here.fails("train", "butterfly", "--n-fft", 8, "-o", "m.safetensors", "--resume", code=1,
               words=("m.safetensors.checkpoint",))
    (here / "m.safetensors.checkpoint").write_bytes(b"no checkpoint")
    here.fails("train", "butterfly", "--n-fft", 8, "-o", "m.safetensors", "--resume", code=1,
               words=("m.safetensors.checkpoint",))
