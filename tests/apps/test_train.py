"""papilio train: what it reaches, read by other people's code, and what survives a kill."""

import json
import os
import random
import signal as signals
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


LONG = pytest.mark.skipif(not os.environ.get("PAPILIO_LONG"), reason="PAPILIO_LONG=1 runs it")


@pytest.mark.parametrize("n", [256, pytest.param(512, marks=LONG), pytest.param(1024, marks=LONG)])
def test_the_figures_of_the_documentation_hold(here, n):
    begin = time.monotonic()
    here.run("train", "butterfly", "--n-fft", n, "--init", "perturbed:0.3", "-o", "m.safetensors",
             "--quiet")
    assert time.monotonic() - begin < 60
    assert error_of(here / "m.safetensors") <= 1e-5


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
    kills = 20 if os.environ.get("PAPILIO_LONG") else 6
    arguments = ("train", "butterfly", "--n-fft", "64", "--init", "perturbed:0.3", "--steps",
                 str(5000 * kills), "--goal", "0", "--valid-every", "20", "--checkpoint-every",
                 "0", "--quiet", "-o")
    here.run(*arguments, "whole.safetensors")
    rng = random.Random(5)
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
    assert killed == kills
    if not (here / "parts.safetensors").exists():
        here.run(*arguments, "parts.safetensors", *resume)
    assert (here / "parts.safetensors").read_bytes() == (here / "whole.safetensors").read_bytes()
    assert here.names() == ["parts.safetensors", "whole.safetensors"]  # no temporaries either


def rows_of(path):
    """The log but for its seconds; the last line may be of a killed program, and not whole."""
    rows = [json.loads(line) for line in path.read_text().splitlines(True) if line[-1] == "\n"]
    assert all(row.pop("seconds") >= 0 for row in rows)
    return rows


def kill_when(here, arguments, met):
    """Starts the program and kills it once met() is true; False if it ended before."""
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=here.path)
    while process.poll() is None and not met():
        time.sleep(0.002)
    process.kill()
    return process.wait() != 0


KINDS = [(("butterfly", "--n-fft", "64"), 20000), (("phased", "--n-fft", "32"), 20000),
         (("multi", "--n-fft", "16,32"), 10000),
         (("multi", "--n-fft", "16,32", "--multi-schedule", "balanced"), 10000)]


@pytest.mark.parametrize("every, part", [(0, 5), (0.1, 1)])  # a disk may be slow
@pytest.mark.parametrize("kind, steps", KINDS)
def test_the_log_survives_kills(here, kind, steps, every, part):
    arguments = ("train", *kind, "--init", "perturbed:0.3", "--steps", steps // part,
                 "--goal", 0, "--valid-every", 20, "--checkpoint-every", every, "--quiet")
    here.run(*arguments, "-o", "whole.safetensors", "--log", "whole.jsonl")
    whole = rows_of(here / "whole.jsonl")
    log = here / "parts.jsonl"
    parts = (*arguments, "-o", "parts.safetensors", "--log", log.name, "--html", "p.html")
    log.write_text("of something else\n")

    def grown(lines):
        return "else" not in log.read_text() and len(rows_of(log)) >= lines
    for resume, lines in (((), 100 // part), (("--resume",), 250 // part)):
        assert kill_when(here, (*parts, *resume), lambda: grown(lines))
    here.run(*parts, "--resume")

    def order(row):  # lengths that take turns may repeat some of one before the other goes on
        return row.get("n", 0)
    assert sorted(rows_of(log), key=order) == sorted(whole, key=order)
    assert "where it was resumed" not in (here / "p.html").read_text()


def test_the_log_of_what_diverges_is_there(here):
    arguments = ("train", "butterfly", "--n-fft", 16, "--optimizer", "sgd", "--schedule",
                 "constant", "--lr", 500, "--valid-every", 1, "-o", "m.safetensors")
    here.run(*arguments, "--log", "l.jsonl", code=1)
    rows = rows_of(here / "l.jsonl")
    assert [row["step"] for row in rows] == list(range(1, len(rows) + 1)) and rows
    with safe_open(here / "m.safetensors.checkpoint", framework="np") as file:
        assert int(file.metadata()["step"]) == len(rows)
    (here / "l.jsonl").write_text('{"a":1}\n')
    here.fails(*arguments, "--log", "l.jsonl", "--resume", code=1, words=("no log of a training",))
    assert (here / "l.jsonl").read_text() == '{"a":1}\n'


def test_without_a_log_the_page_says_where_it_goes_on(here):
    arguments = ("train", "butterfly", "--n-fft", 64, "--steps", 6000, "--goal", 0,
                 "--valid-every", 20, "--checkpoint-every", 0, "-o", "m.safetensors", "--html",
                 "p.html", "--quiet")
    checkpoint = here / "m.safetensors.checkpoint"

    def far():
        if not checkpoint.exists():
            return False
        with safe_open(checkpoint, framework="np") as file:
            return int(file.metadata()["step"]) >= 200
    assert kill_when(here, arguments, far)
    here.run(*arguments, "--resume")
    assert "where it was resumed" in (here / "p.html").read_text()


def test_the_log_goes_to_standard_output_too(here):
    done = here.run("train", "butterfly", "--n-fft", 8, "--steps", 200, "--goal", 0, "--log", "-",
                    "-o", "m.safetensors", "--quiet")
    assert [json.loads(line)["step"] for line in done.text.splitlines()] == [100, 200]


def test_an_interrupted_training_is_not_lost(here):
    arguments = ("train", "butterfly", "--n-fft", 64, "--steps", 10**8, "--goal", 0, "-o",
                 "m.safetensors", "--log", "l.jsonl")
    checkpoint = here / "m.safetensors.checkpoint"
    log = here / "l.jsonl"
    assert kill_when(here, arguments, lambda: log.exists() and log.stat().st_size > 1000)
    before = checkpoint.read_bytes(), log.read_bytes()
    here.fails(*arguments, code=1,
               words=("m.safetensors.checkpoint is that of an interrupted training",
                      "give --resume to go on, or remove it"))
    assert (checkpoint.read_bytes(), log.read_bytes()) == before


def interrupted(here, arguments, signal, code):
    """The steps that a training has done which a signal ends soon after its start."""
    for name in here.names():
        if name.startswith("parts"):
            (here / name).unlink()
    process = subprocess.Popen([PROGRAM, *arguments, "parts.safetensors"], cwd=here.path,
                               stderr=subprocess.PIPE)
    while not any(name.endswith(".checkpoint") for name in here.names()):
        time.sleep(0.002)
    time.sleep(0.05)
    process.send_signal(signal)
    assert process.wait(20) == code
    error = process.stderr.read().decode()
    assert "[train] interrupted; every step that was done is kept in parts" in error
    assert "give the same command with --resume to go on" in error
    done = 0
    for name in here.names():
        if name.endswith(".checkpoint"):
            with safe_open(here / name, framework="np") as file:
                words = file.metadata()
                done += sum(int(words[key]) for key in words if key.split(".")[-1] == "step")
    return done


@pytest.mark.parametrize("signal, code", [(signals.SIGINT, 130), (signals.SIGTERM, 143)])
@pytest.mark.parametrize("kind, steps", KINDS)
def test_a_signal_keeps_every_step(here, kind, steps, signal, code):
    arguments = ("train", *map(str, kind), "--init", "perturbed:0.3", "--steps", str(steps),
                 "--goal", "0", "--valid-every", "777", "--checkpoint-every", "1000", "-o")
    here.run(*arguments, "whole.safetensors", "--quiet")
    # One in 40 signals comes while a whole turn is judged; not five in a row.
    tries = (interrupted(here, arguments, signal, code) for _ in range(5))
    assert any(done % 777 != 0 or "phased" in kind for done in tries)
    assert not [name for name in here.names() if "parts" in name and "checkpoint" not in name]
    here.run(*arguments, "parts.safetensors", "--quiet", "--resume")
    for name in here.names():
        assert "checkpoint" not in name
        if name.startswith("parts"):
            assert (here / name).read_bytes() == (
                here / name.replace("parts", "whole")).read_bytes()


@pytest.mark.parametrize("flags", [
    ("--log", "m.safetensors.checkpoint"), ("--html", "./m.safetensors.checkpoint")])
def test_no_output_is_the_checkpoint(here, flags):
    for kind in ("butterfly", "phased"):
        here.fails("train", kind, "--n-fft", 8, "-o", "m.safetensors", *flags, code=2,
                   words=("is the name of the checkpoint",))
    flags = (flags[0], flags[1].replace("m.", "m-16."))
    here.fails("train", "multi", "--n-fft", "8,16", "-o", "m.safetensors", *flags, code=2,
               words=("is the name of the checkpoint",))
    assert here.names() == []


def test_no_input_is_the_checkpoint(here):
    name = "m.safetensors.checkpoint"
    np.save(here / "x.npy", np.eye(8))
    (here / "x.npy").rename(here / name)
    before = (here / name).read_bytes()
    for flags in (("--data", name), ("--target-matrix", name), ("--pairs", name, name)):
        for resume in ((), ("--resume",)):
            here.fails("train", "butterfly", "--n-fft", 8, "-o", "m.safetensors", *flags,
                       *resume, code=2, words=("m.safetensors.checkpoint would replace the input",))
    assert (here / name).read_bytes() == before


def test_what_diverges_says_where(here):
    line = here.fails("train", "butterfly", "--n-fft", 16, "--optimizer", "sgd", "--schedule",
                      "constant", "--lr", 500, "--valid-every", 1, "-o", "m.safetensors", code=1,
                      words=("is not finite at step",
                             "start again with a smaller --lr or with --clip",
                             "the last good numbers are in m.safetensors.checkpoint (of step",
                             "remove it first"))
    assert "[train]" in line
    assert here.names() == ["m.safetensors.checkpoint"]


@pytest.mark.parametrize("schedule", ["single", "round-robin", "random", "balanced"])
def test_what_diverges_among_several_says_whose(here, schedule):
    arguments = ("train", "multi", "--n-fft", "8,16", "--multi-schedule", schedule, "--optimizer",
                 "sgd", "--schedule", "constant", "--valid-every", 1, "-o", "m.safetensors")
    here.fails(*arguments, "--lr", 500, code=1,
               words=("[train] n ", ": the ", "is not finite at step", *here.names(), "remove "))
    for name in here.names():
        (here / name).unlink()
    here.run(*arguments, "--lr", 0.01, "--steps", 3, "--quiet")  # its advice leads on
    assert here.names() == ["m-16.safetensors", "m-8.safetensors"]


def test_another_order_or_schedule_is_not_resumed(here):
    def arguments(sizes, schedule):
        return ("train", "multi", "--n-fft", sizes, "--multi-schedule", schedule, "--optimizer",
                "sgd", "--schedule", "constant", "--lr", 500, "--valid-every", 1, "-o", "m")

    def fails(sizes, schedule, *resume, words):
        here.fails(*arguments(sizes, schedule), *resume, code=1, words=words)
    fails("8,16", "random",
          words=("last good numbers are in m.checkpoint (of step", "remove it first"))
    same = ("m.checkpoint is that of --n-fft 8,16 in this order and --multi-schedule random",
            "give the same to --resume")
    for sizes, schedule in (("16,8", "random"), ("4,8,16", "random"), ("8,16", "balanced")):
        fails(sizes, schedule, "--resume", words=same)
        fails(sizes, schedule, words=("m.checkpoint is that of an interrupted training",))
    fails("8,16", "single", "--resume", words=("there is no m-8.checkpoint to go on from",
                                               "m.checkpoint was made with another"))
    fails("8,16", "single", words=("m.checkpoint is that of an interrupted", "it was made with"))
    (here / "m.checkpoint").unlink()
    fails("8,16", "single", words=("m-8.checkpoint", "last good numbers"))
    fails("8,16", "random", "--resume", words=("m-8.checkpoint was made with another",))


def test_whoever_hangs_up_does_not_end_what_nohup_began(here):
    arguments = ("train", "butterfly", "--n-fft", "64", "--steps", "1000000", "--goal", "0", "-o",
                 "m.safetensors")
    process = subprocess.Popen(["nohup", PROGRAM, *arguments], cwd=here.path,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while "m.safetensors.checkpoint" not in here.names():
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signals.SIGHUP)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signals.SIGTERM)
    assert process.wait(20) == 143


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
    (("butterfly", "--n-fft", "12", "--target", "hadamard", "-o", "m.safetensors"), "radix 3"),
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
    here.fails("train", "butterfly", "--n-fft", 64, "--batch", 10**12, "-o", "m.safetensors",
               code=1, words=("give a smaller --batch",))


def test_a_long_network_takes_a_step(here):
    summary = json.loads(here.run("train", "butterfly", "--n-fft", 131072, "--init",
                                  "perturbed:0.01", "--steps", 2, "--batch", 2, "--valid-every", 2,
                                  "-o", "m.safetensors", "--json").text)
    assert 0 < summary["error"] and summary["steps"] == 2


def test_resuming_what_is_not_there_or_not_the_same(here):
    here.fails("train", "butterfly", "--n-fft", 8, "-o", "m.safetensors", "--resume", code=1,
               words=("there is no m.safetensors.checkpoint to go on from; leave out --resume",))
    (here / "m.safetensors.checkpoint").write_bytes(b"no checkpoint")
    here.fails("train", "butterfly", "--n-fft", 8, "-o", "m.safetensors", "--resume", code=1,
               words=("m.safetensors.checkpoint",))
