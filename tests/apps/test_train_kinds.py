"""papilio train: encoders with decoders, phases, several lengths, data of one's own."""

import json
import os
import random
import subprocess
import time

import numpy as np
import pytest
from safetensors import safe_open

from cli import PROGRAM, signal

SHORT = ("--steps", "1500", "-o", "m.safetensors", "--json")


def summary(here, *arguments):
    return json.loads(here.run("train", *arguments).text)


def numbers(path):
    with safe_open(path, framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


@pytest.mark.parametrize("kind", ["encdec", "phased"])
@pytest.mark.parametrize("init", ["perturbed:0.3", "random"])
def test_encoder_and_decoder_learn(here, kind, init):
    arguments = (kind, "--n-fft", 16, "--init", init, "--seed", 3)
    still = summary(here, *arguments, "--steps", 0, "-o", "m.safetensors", "--json")
    assert still["error"] == still["first_error"] > 0.3
    done = summary(here, *arguments, "--steps", 6000, "-o", "m.safetensors", "--json")
    for term in ("spectrum", "reconstruction"):
        assert done["first"][term] > 0.2
        assert done["last"][term] < 1e-4
    tensors, meta = numbers(here / "m.safetensors")
    assert meta["kind"] == "encdec"
    assert {"encoder.stage.0.twiddle", "decoder.stage.3.twiddle"} <= tensors.keys()
    assert json.loads(here.run("compare", "m.safetensors", "--json").text)["relative_error"] < 1e-4
    assert here.names() == ["m.safetensors"]


@pytest.mark.parametrize("flags", [("--target", "idft"), ("--target", "hadamard"),
                                   ("--params", "block"), ("--order", "dif"), ("--tied",),
                                   ("--loss", "spectrum:1,reconstruction:0.25"),
                                   ("--noise", "tones"), ("--noise", "pink")])
def test_every_pair_learns(here, flags):
    done = summary(here, "encdec", "--n-fft", 8, "--init", "perturbed:0.2", *SHORT, *flags)
    assert done["first_error"] > 0.1
    assert done["error"] < 0.05 * done["first_error"]


def test_the_log_of_phases_says_which(here):
    here.run("train", "phased", "--n-fft", 16, "--init", "perturbed:0.3", "--steps", 301, "--goal",
             0, "--log", "l.jsonl", "-o", "m.safetensors", "--quiet")
    rows = [json.loads(line) for line in (here / "l.jsonl").read_text().splitlines()]
    assert [(row["phase"], row["step"]) for row in rows] == [
        ("encoder", 100), ("decoder", 100), ("joint", 100), ("joint", 101)]
    encoder, decoder, joint, _ = rows
    assert encoder["valid_error"] == encoder["spectrum_error"] < 0.1
    assert decoder["valid_error"] == decoder["reconstruction_error"]
    assert decoder["spectrum_error"] == encoder["spectrum_error"]
    assert joint["rate"] < 0.1 * 0.03


@pytest.mark.parametrize("kind", ["encdec", "phased"])
def test_threads_and_repetition_change_no_byte(here, kind):
    models = []
    for name, threads in (("a", 1), ("b", 1), ("c", 3)):
        here.run("train", kind, "--n-fft", 32, "--init", "perturbed:0.3", "--steps", 60,
                 "--batch", 200, "--threads", threads, "-o", f"{name}.safetensors", "--quiet")
        models.append((here / f"{name}.safetensors").read_bytes())
    assert models[0] == models[1] == models[2]


@pytest.mark.parametrize("flags", [
    ("phased", "--n-fft", "64"),
    ("encdec", "--n-fft", "64", "--data", "x.wav"),
    ("multi", "--n-fft", "16,32,64", "--multi-schedule", "random"),
    ("multi", "--n-fft", "16,32,64", "--multi-schedule", "balanced")])
def test_a_killed_training_goes_on_to_the_same_bytes(here, flags):
    here.wav()
    steps = "1500" if flags[0] == "multi" else "4000"
    arguments = ("train", *flags, "--init", "perturbed:0.3", "--steps", steps, "--goal", "0",
                 "--valid-every", "20", "--checkpoint-every", "0", "--quiet", "-o")
    here.run(*arguments, "whole.safetensors")
    rng = random.Random(5)
    resume = ()
    killed = 0
    for _ in range(20 if os.environ.get("PAPILIO_LONG") else 6):
        process = subprocess.Popen([PROGRAM, *arguments, "parts.safetensors", *resume],
                                   cwd=here.path)
        time.sleep(rng.uniform(0.02, 0.15))
        process.kill()
        if process.wait() == 0:
            break
        killed += 1
        if any(name.endswith(".checkpoint") for name in here.names()):
            resume = ("--resume",)
    else:
        here.run(*arguments, "parts.safetensors", *resume)
    assert killed >= 1
    models = [name for name in here.names() if name.startswith("whole")]
    assert models
    for name in models:
        parts = here / name.replace("whole", "parts")
        assert parts.read_bytes() == (here / name).read_bytes()


def killed_training(here, *arguments):
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=here.path)
    while not (here / "m.safetensors.checkpoint").exists():
        time.sleep(0.01)
    process.kill()
    process.wait()


@pytest.mark.parametrize("kind", ["butterfly", "phased"])
@pytest.mark.parametrize("own, other", [
    ((), ("--init", "perturbed:0.3")), ((), ("--gates",)), ((), ("--device", "reference")),
    (("--init", "perturbed:0.3"), ("--init", "perturbed:0.2")),
    (("--gates",), ("--gates", "--gate-start", 0.5))])
def test_another_start_is_no_resumption(here, kind, own, other):
    arguments = ("train", kind, "--n-fft", 16, "--steps", 100_000_000, "--goal", 0, "-o",
                 "m.safetensors")
    killed_training(here, *arguments, *own)
    here.fails(*arguments, *other, "--resume", code=1,
               words=("another model; give the same", "to --resume"))


def test_other_data_are_no_resumption(here):
    here.npy(signal(5000), "a.npy")
    here.npy(signal(5000, seed=8), "b.npy")
    arguments = ("train", "butterfly", "--n-fft", 16, "--steps", 100_000_000, "--goal", 0, "-o",
                 "m.safetensors")
    killed_training(here, *arguments, "--data", "a.npy")
    here.fails(*arguments, "--data", "b.npy", "--resume", code=1,
               words=("other options, data or another model",))


@pytest.mark.parametrize("schedule", ["single", "round-robin", "random", "balanced"])
def test_several_lengths_learn(here, schedule):
    done = summary(here, "multi", "--n-fft", "8,16,32", "--init", "perturbed:0.3",
                   "--multi-schedule", schedule, *SHORT)
    assert here.names() == ["m-16.safetensors", "m-32.safetensors", "m-8.safetensors"]
    for one in done["models"]:
        assert one["first_error"] > 0.2 and one["error"] < 0.01
        got = json.loads(here.run("compare", one["model"], "--json").text)["relative_error"]
        row = done["n"].index(one["n"])
        assert done["train_x_eval"][row][row] == pytest.approx(got, rel=1e-6)
    for row in range(3):
        for column in range(3):
            cell = done["train_x_eval"][row][column]
            assert cell is None if column > row else cell < 0.05


def test_the_inner_transforms_are_those_of_the_file(here):
    """The matrix's cell (trained at 16, evaluated at 8), from the file's numbers alone."""
    done = summary(here, "multi", "--n-fft", "8,16", "--init", "perturbed:0.3", "--steps", 100,
                   "-o", "m.safetensors", "--json")
    tensors, _ = numbers(here / "m-16.safetensors")
    squares = []
    for group in range(2):
        read = tensors["permutation"][8 * group:8 * group + 8]
        y = np.eye(8, dtype=complex)[np.argsort(np.argsort(read))]
        m = 1
        for stage in range(3):
            twiddle = tensors[f"stage.{stage}.twiddle"]
            w = (twiddle[..., 0] + 1j * twiddle[..., 1]).reshape(8)[4 * group:4 * group + 4]
            block = np.arange(4)
            first = 2 * m * (block // m) + block % m
            t = w[:, None] * y[first + m]
            y[first], y[first + m] = y[first] + t, y[first] - t
            m *= 2
        want = np.fft.fft(np.eye(8))
        squares.append((np.linalg.norm(y * tensors["scale"][0] - want) / np.linalg.norm(want))**2)
    assert done["train_x_eval"][1][0] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-9)


@pytest.mark.parametrize("name", ["x.wav", "x.npy", "x.csv"])
def test_recordings_teach(here, name):
    if name == "x.wav":
        here.wav(seconds=2.0)
    elif name == "x.npy":
        here.npy(signal(20000, 2))
    else:
        np.savetxt(here / name, signal(3000)[0], header="a", comments="", delimiter=",")
    done = summary(here, "butterfly", "--n-fft", 16, "--init", "perturbed:0.3", "--data", name,
                   *SHORT)
    assert done["first_error"] > 0.1 and done["error"] < 0.1 * done["first_error"]
    assert done["data"] == "recordings"


def test_several_recordings_and_both_ways_to_name_them(here):
    here.wav("a.wav")
    here.wav("b.wav", channels=2)
    ways = (("--data", "a.wav", "b.wav"), ("--data", "a.wav", "--data", "b.wav"))
    for n, flags in enumerate(ways):
        here.run("train", "butterfly", "--n-fft", 16, "--steps", 50, *flags, "-o",
                 f"{n}.safetensors", "--quiet")
    assert (here / "0.safetensors").read_bytes() == (here / "1.safetensors").read_bytes()


def orthogonal(n, seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))[0]


def test_a_matrix_of_ones_own(here):
    hadamard = np.array([[1.0]])
    for _ in range(3):
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    here.npy(5.0 * np.fft.fft(np.eye(8)), "dft.npy")
    here.npy(0.01 * hadamard[:, [0, 4, 2, 6, 1, 5, 3, 7]], "h.npy")
    done = summary(here, "butterfly", "--n-fft", 8, "--target-matrix", "dft.npy", *SHORT)
    assert done["first_error"] > 0.8 and done["error"] < 1e-4
    done = summary(here, "butterfly", "--n-fft", 8, "--target-matrix", "h.npy", "--params", "block",
                   "--field", "real", *SHORT)
    assert done["first_error"] > 0.8 and done["error"] < 1e-4
    tensors, _ = numbers(here / "m.safetensors")
    assert tensors["stage.0.block"].shape == (4, 2, 2)
    here.fails("compare", "m.safetensors", code=1, words=("give --target",))
    done = summary(here, "phased", "--n-fft", 8, "--target-matrix", "dft.npy", "--params", "block",
                   *SHORT)
    assert done["last"]["spectrum"] < 1e-3 and done["last"]["reconstruction"] < 1e-3


def test_pairs_of_ones_own(here):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((400, 8)) + 1j * rng.standard_normal((400, 8))
    here.npy(x)
    here.npy(np.fft.fft(x), "y.npy")
    done = summary(here, "butterfly", "--n-fft", 8, "--pairs", "x.npy", "y.npy", "--seed", 2,
                   *SHORT, "--html", "p.html")
    assert done["first_error"] > 0.8 and done["error"] < 1e-4
    assert (here / "p.html").stat().st_size < 6_000_000


def test_too_few_pairs_are_refused(here):
    here.npy(np.random.default_rng(1).standard_normal((2, 8)))
    pairs = ("train", "butterfly", "--n-fft", 8, "--pairs", "x.npy", "x.npy", *OUT)
    here.fails(*pairs, code=1, words=("[train] 2 pairs do not determine", "25 real numbers",
                                      "1 is held out", "at least 3"))
    assert here.names() == ["x.npy"]
    here.run(*pairs, "--tied", "--steps", 2, "--quiet")


def test_the_rate_is_scaled(here):
    for scaling, factor in (("none", 1.0), ("sqrt", 0.5), ("linear", 0.25)):
        done = summary(here, "butterfly", "--n-fft", 256, "--lr", 0.02, "--steps", 1,
                       "--rate-scaling", scaling, "-o", "m.safetensors", "--json")
        assert done["lr"] == pytest.approx(0.02 * factor)


@pytest.mark.parametrize("kind", ["butterfly", "encdec", "phased", "multi"])
def test_the_page(here, kind):
    sizes = "8,16" if kind == "multi" else "16"
    here.run("train", kind, "--n-fft", sizes, "--init", "perturbed:0.3", "--steps", 600,
             "--goal", 0, "-o", "m.safetensors", "--html", "p.html", "--quiet")
    page = (here / "p.html").read_text()
    assert page.startswith("<!") and page.rstrip().endswith("</html>") and len(page) < 6_000_000
    for words in ("Error by bin", "Error on held-out rows", "Loss of the step", "Processor"):
        assert words in page
    assert ("evaluated at n" in page) == (kind == "multi")
    assert ("Error of the reconstruction" in page) == (kind in ("encdec", "phased"))


OUT = ("-o", "m.safetensors")
REFUSED = [
    (("encdce", "--n-fft", "8", *OUT), "did you mean encdec"),
    (("encdec", "--n-fft", "8,16", *OUT), "trains one n"),
    (("encdec", "--n-fft", "8", "--target", "dct2", *OUT), "dft, idft or hadamard"),
    (("encdec", "--n-fft", "8", "--loss", "spectrum", *OUT), "reconstruction a weight above 0"),
    (("encdec", "--n-fft", "8", "--loss", "spectra:1", *OUT), "spectrum:1,reconstruction:0.5"),
    (("butterfly", "--n-fft", "8", "--loss", "reconstruction", *OUT), "needs a decoder"),
    (("butterfly", "--n-fft", "x", *OUT), "no list of sizes"),
    (("butterfly", "--n-fft", "8", "--multi-schedule", "single", *OUT), "is for multi"),
    (("multi", "--n-fft", "8,16", "--multi-schedule", "rnd", *OUT), "round-robin"),
    (("multi", "--n-fft", "8,8", *OUT), "twice"),
    (("multi", "--n-fft", "8,16", "--radices", "2,4", *OUT), "one n"),
    (("multi", "--n-fft", "8,16", "--target-matrix", "m.npy", *OUT), "of one n"),
    (("butterfly", "--n-fft", "8", "--rate-scaling", "square", *OUT), "none, sqrt, linear"),
    (("butterfly", "--n-fft", "8", "--noise", "pnk", *OUT), "did you mean pink"),
    (("butterfly", "--n-fft", "8", "--noise", "pink", "--data", "x.wav", *OUT), "give one"),
    (("butterfly", "--n-fft", "8", "--pairs", "x.npy", *OUT), "--pairs"),
    (("butterfly", "--n-fft", "8", "--pairs", "x.npy", "y.npy", "--noise", "pink", *OUT),
     "leave out --noise"),
    (("butterfly", "--n-fft", "8", "--pairs", "x.npy", "y.npy", "--target-matrix", "m.npy", *OUT),
     "give one"),
    (("butterfly", "--n-fft", "8", "--target-matrix", "m.npy", "--target", "dft", *OUT),
     "leave one"),
    (("butterfly", "--n-fft", "8", "--target-matrix", "m.npy", "--init", "exact", *OUT),
     "papilio recover"),
    (("butterfly", "--n-fft", "8", "--field", "real", *OUT), "needs --params block"),
    (("butterfly", "--n-fft", "8", "--field", "real", "--params", "block", *OUT), "real"),
    (("butterfly", "--n-fft", "8", *OUT, "--html", "m.safetensors"), "same file"),
    (("butterfly", "--n-fft", "8", *OUT, "--html", "-", "--json"), "standard output"),
    (("phased", "--n-fft", "8", "--steps", "90", "--warm-up", "31", *OUT), "a third of --steps"),
]


@pytest.mark.parametrize("arguments, words", REFUSED)
def test_refusals(here, arguments, words):
    here.fails("train", *arguments, code=2, words=(words,))
    assert here.names() == []


def test_files_that_do_not_fit(here):
    here.npy(signal(159), "short.npy")
    here.npy(np.zeros(1000), "silent.npy")
    here.npy((signal(1000) * 1j).astype(np.complex64), "complex.npy")
    here.npy(np.eye(4), "m.npy")
    here.npy(np.zeros((10, 8)), "x.npy")
    here.npy(np.zeros((9, 8)), "y.npy")
    here.npy(np.full((8, 8), np.nan), "nan.npy")
    common = ("train", "butterfly", *OUT)
    for flags, words in (
            (("--data", "none.wav"), ("none.wav",)),
            (("--data", "short.npy"), ("short.npy has 159 samples", "need 160")),
            (("--data", "silent.npy"), ("silent",)),
            (("--data", "complex.npy", "--target", "dct2"), ("complex",)),
            (("--target-matrix", "m.npy"), ("4 x 4", "16 x 16")),
            (("--target-matrix", "none.npy"), ("none.npy",)),
            (("--pairs", "x.npy", "y.npy"), ("10 x 8", "9 x 8")),
            (("--pairs", "x.npy", "x.npy"), ("of 16 points",)),
            (("--pairs", "x.npy", "x.npy", "--n-fft", 8), ("all zero",)),
            (("--target-matrix", "nan.npy", "--n-fft", 8), ("not finite",))):
        size = () if "--n-fft" in flags else ("--n-fft", 16)
        here.fails(*common, *size, *flags, code=1, words=words)
    (here / "complex.safetensors").symlink_to("complex.npy")
    here.fails("train", "butterfly", "--n-fft", 16, "--data", "complex.npy", "-o",
               "complex.safetensors", code=2, words=("would replace the input",))
    assert not any(name.startswith("m.safetensors") for name in here.names())


def test_a_long_pair_takes_a_step(here):
    done = summary(here, "encdec", "--n-fft", 131072, "--init", "perturbed:0.01", "--steps", 2,
                   "--batch", 2, "--valid-every", 2, "-o", "m.safetensors", "--json")
    assert 0 < done["error"] and done["steps"] == 2
