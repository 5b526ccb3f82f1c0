"""Flags that would change nothing, and names that no model has: refused before any work."""

import pytest

BUTTERFLY = ("train", "butterfly", "--n-fft", "8", "-o", "m.safetensors")
BLOCKS = ("--params", "block")
LBFGS = ("--optimizer", "lbfgs")
NEWTON = ("--optimizer", "gauss-newton")
PAIRS = ("--pairs", "x.npy", "y.npy")
DFT = ("recover", "--transform", "dft", "--n", "8")

IDLE = [
    ((*BUTTERFLY, *LBFGS, "--lr", "0.1"), "--lr is for optimisers that follow the gradient"),
    ((*BUTTERFLY, *NEWTON, "--lr", "0.1"), "gauss-newton chooses its own step length"),
    ((*BUTTERFLY, *LBFGS, "--schedule", "constant"), "--schedule is for"),
    ((*BUTTERFLY, *LBFGS, "--rate-scaling", "sqrt"), "--rate-scaling is for"),
    ((*BUTTERFLY, *NEWTON, "--warm-up", "5"), "--warm-up is for"),
    ((*BUTTERFLY, *NEWTON, "--clip", "0"), "--clip is for"),
    ((*BUTTERFLY, "--clip", "0"), "--clip 0 clips nothing; give a length above 0"),
    ((*BUTTERFLY, "--patience", "0"), "--patience 0 never stops; give 1 or more"),
    ((*BUTTERFLY, "--unit-circle", *BLOCKS), "--unit-circle is for twiddles"),
    ((*BUTTERFLY, "--gate-start", "0.5"), "--gate-start is what --gates starts from"),
    ((*BUTTERFLY, "--multi-schedule", "single"), "--multi-schedule is for multi"),
    ((*BUTTERFLY, "--loss", "spectrum:2"), "--loss weighs terms, and butterfly has one"),
    ((*BUTTERFLY, *PAIRS, "--valid-seed", "1"), "--valid-seed draws rows"),
    ((*DFT, "--samples", "9"), "--samples is for --transform with --from pairs"),
    ((*DFT, "--from", "matrix", "--method", "adam", "--samples", "9"), "--samples is for"),
    ((*DFT, "--plain"), "--plain is for --transform dct2, dct4 or conv"),
    ((*DFT, "--form", "block"), "--form is for random-butterfly and for what -o saves"),
    ((*DFT, "--tied"), "--tied is for random-butterfly"),
    ((*DFT, "--steps", "9"), "--steps is for methods that take steps"),
    (("recover", "--matrix", "x.npy", "--samples", "9"), "--samples is for --transform"),
    (("recover", "--matrix", "x.npy", "--plain"), "--plain is for --transform"),
    (("recover", "--matrix", "x.npy", "--from", "pairs"), "--from is for --transform"),
    (("recover", "--matrix", "x.npy", "--tied"), "--tied is for"),
]


@pytest.mark.parametrize("arguments, words", IDLE)
def test_flags_without_effect(here, arguments, words):
    line = here.fails(*arguments, code=2, words=(f"[{arguments[0]}] ", words))
    assert "leave" in line
    assert here.names() == []


@pytest.mark.parametrize("name", ["b.npz", "b.safetensors.bak", "b.SAFETENSORS"])
def test_a_model_has_one_ending(here, name):
    for arguments in (("train", "butterfly", "--n-fft", "8"), ("train", "multi", "--n-fft", "8,16"),
                      DFT):
        here.fails(*arguments, "-o", name, code=2,
                   words=(f"-o {name} has another ending than that of a model",
                          "give -o MODEL.safetensors"))
    assert here.names() == []


def test_a_model_needs_no_ending(here):
    for kind in (("butterfly", "--n-fft", 8), ("multi", "--n-fft", "4,8")):
        here.run("train", *kind, "--init", "exact", "-o", "b", "--quiet")
    here.run(*DFT, "-o", "r", "--quiet")
    assert sorted(here.names()) == ["b", "b-4", "b-8", "r"]
    for name in here.names():
        here.run("compare", name, "--max-error", 1e-5, "--quiet")


def test_with_effect_they_are_taken(here):
    here.run(*BUTTERFLY, "--steps", 2, "--clip", 1, "--lr", 0.1, "--unit-circle", "--quiet")
    here.run(*BUTTERFLY, *BLOCKS, "--input", "real", "--unit-circle", "--steps", 2, "--quiet")
    here.run(*DFT, "--from", "pairs", "--samples", 40, "--seeds", 1, "--quiet")
    here.run(*DFT, "--form", "block", "-o", "r.safetensors", "--quiet")
    here.run("recover", "--transform", "random-butterfly", "--n", 8, "--tied", "--seeds", 1,
             "--quiet")
