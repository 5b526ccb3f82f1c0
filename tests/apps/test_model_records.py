"""What the verbs on models say of themselves: schemas, the options of a training, hostile text."""

import json

import numpy as np
import pytest

from model_files import change, read

TRAIN = ("train", "butterfly", "--n-fft", 8, "--steps", 20, "-o", "m.safetensors")


def recovered(here, name="m.safetensors"):
    here.run("recover", "--transform", "dft", "--n", 8, "-o", name, "--quiet")
    return name


def test_every_record_has_a_schema(here):
    def record(*arguments):
        return json.loads(here.run(*arguments, "--json").text.splitlines()[-1])
    found = {"papilio.train": record(*TRAIN),
             "papilio.recover": record("recover", "--transform", "dft", "--n", 8, "--seeds", 1),
             "papilio.recover_summary": record("recover", "--transform", "dft", "--n", 8)}
    sizes = ("--n-fft", "8,16", "--steps", 20, "-o", "n.safetensors")
    assert record("train", "multi", *sizes)["schema"] == "papilio.train"
    for verb in ("inspect", "compare", "eval", "roundtrip"):
        found[f"papilio.model.{verb}"] = record(verb, "m.safetensors")
    for schema, one in found.items():
        assert one["schema"] == schema and one["version"] == 1
        assert one["verb"] in schema and one["papilio_version"] and one["papilio_commit"]


DEFAULTS = {"init": "random", "input": "complex", "gates": False, "gate_start": None,
            "data": "white", "files": None, "loss": {"spectrum": 1.0, "reconstruction": 0.0},
            "optimizer": "adam", "schedule": "cosine", "lr": 0.03, "rate_scaling": "none",
            "warm_up": 0, "clip": None, "unit_circle": False, "max_steps": 20, "batch": 16,
            "goal": 1e-6, "valid_every": 100, "patience": None, "seed": 0, "valid_seed": 0,
            "dtype": "float32", "device": "cpu", "radices": "2,2,2", "order": "dit",
            "params": "twiddle", "field": "complex", "tied": False}


@pytest.mark.parametrize("flags, changed", [
    ((), {}),
    (("--init", "perturbed:0.3", "--noise", "pink", "--schedule", "constant", "--lr", 0.08,
      "--rate-scaling", "linear", "--warm-up", 3, "--clip", 2, "--unit-circle", "--batch", 4,
      "--goal", 0, "--valid-every", 7, "--patience", 9, "--seed", 3, "--valid-seed", 4,
      "--dtype", "f64", "--device", "cpu"),
     {"init": "perturbed:0.3", "data": "pink", "schedule": "constant", "lr": 0.64,
      "rate_scaling": "linear", "warm_up": 3, "clip": 2.0, "unit_circle": True, "batch": 4,
      "goal": 0.0, "valid_every": 7, "patience": 9, "seed": 3, "valid_seed": 4,
      "dtype": "float64", "device": "cpu"}),
    (("--optimizer", "lbfgs", "--target-matrix", "x.npy"),
     {"optimizer": "lbfgs", "schedule": None, "lr": None, "rate_scaling": None, "warm_up": None,
      "files": ["x.npy"]}),
    (("--input", "real", "--gates"),
     {"input": "real", "radices": "2,2", "gates": True, "gate_start": 1.0}),
    (("--radices", "4,2", "--order", "dif", "--params", "block", "--field", "real", "--target",
      "hadamard"),
     {"radices": "4,2", "order": "dif", "params": "block", "field": "real"}),
    (("--tied", "--device", "reference"), {"tied": True, "device": "reference"}),
    (("--pairs", "x.npy", "x.npy"),
     {"data": "pairs", "valid_seed": None, "files": ["x.npy", "x.npy"]}),
    (("--gates", "--gate-start", 0.5), {"gates": True, "gate_start": 0.5})])
def test_a_model_tells_all_options_that_made_it(here, flags, changed):
    here.npy(np.fft.fft(np.eye(8)))
    summary = json.loads(here.run(*TRAIN, *flags, "--json").text)
    training = json.loads(read(here / "m.safetensors")[0]["training"])
    for key, value in {**DEFAULTS, **changed}.items():
        assert training[key] == summary[key] == value, key


@pytest.mark.parametrize("dtype", ["<i8", ">i8"])
def test_integers_of_numpy_are_matrices(here, dtype):
    matrix = np.array([[1, 1], [1, -1]])
    matrix = np.kron(matrix, np.kron(matrix, matrix))[:, [0, 4, 2, 6, 1, 5, 3, 7]]
    here.npy(matrix.astype(dtype))
    here.npy(np.arange(320).reshape(40, 8).astype(dtype) % 7, "p.npy")
    here.npy((np.arange(320).reshape(40, 8) % 7 @ matrix.T).astype(dtype), "q.npy")
    summary = json.loads(here.run(*TRAIN, "--target-matrix", "x.npy", "--json").text)
    assert summary["target"] == "matrix"
    here.run(*TRAIN, "--pairs", "p.npy", "q.npy", "--quiet")
    row = json.loads(here.run("recover", "--matrix", "x.npy", "--json").text)
    assert row["relative_error"] < 1e-12
    matrix[3, 5] = 2 ** 53 + 1
    here.npy(matrix.astype(dtype), "big.npy")
    here.fails("recover", "--matrix", "big.npy", code=1,
               words=("[io] big.npy: row 3 holds the integer 9007199254740993", "2^53"))
    here.fails("fft", "x.npy", code=1, words=("int64, which is not read",))


ESCAPE = "\x1b[31m\x07\x9b31m\x7f"


def printed(text):
    assert not [c for c in text if ord(c) < 0x20 and c != "\n" or 0x7F <= ord(c) < 0xA0], text
    return text


@pytest.mark.parametrize("key", ["papilio_format", "papilio_version", "kind", "n", "radices",
                                 "order", "tying", "norm", "direction", "form", "field", "input",
                                 "output", "training"])
def test_a_hostile_model_does_not_reach_the_terminal(here, key):
    model = recovered(here)
    value = json.dumps({"transform": ESCAPE, ESCAPE: ESCAPE}, ensure_ascii=False)
    words = {key: value if key == "training" else ESCAPE}
    change(here, model, "h.safetensors", lambda name, values: values, words)
    fine = key in ("papilio_version", "training")
    for verb in ("inspect", "compare", "eval", "roundtrip"):
        named = ("--target", "dft") if verb in ("compare", "eval") else ()
        done = here.run(verb, "h.safetensors", *named, code=0 if fine else 1)
        printed(done.text)
        assert "?" in printed(done.error) or fine
    if fine:
        assert "?31m?" in here.run("inspect", "h.safetensors").text


def test_a_hostile_tensor_does_not_reach_the_terminal(here):
    from safetensors.numpy import save_file
    metadata, tensors = read(here / recovered(here))
    save_file({**tensors, ESCAPE: np.zeros(1)}, here / "h.safetensors", metadata=metadata)
    assert "?[31m" in printed(here.run("inspect", "h.safetensors", code=1).error)


def test_an_output_beyond_double_is_told(here):
    model = recovered(here)

    def huge(name, values):
        return values * 1e200 if name in ("stage.0.twiddle", "stage.1.twiddle") else values
    change(here, model, "h.safetensors", huge)
    for verb in ("eval", "compare", "roundtrip"):
        other = () if verb != "roundtrip" else (model,)
        done = here.run(verb, "h.safetensors", *other, code=1)
        assert "inf" in done.text and f"[{verb}] the output of h.safetensors" in done.error
        done = here.run(verb, "h.safetensors", *other, "--json", code=1)
        record = json.loads(done.text)
        error = record["relative_error"]
        assert record["overflow"] and (error["max"] if verb == "eval" else error) is None
        assert record.get("passed", False) is False
        assert not json.loads(here.run(verb, model, *other[:0], "--json").text)["overflow"]


def test_data_beyond_double_are_told(here):
    here.npy(np.full((2, 8), 1e200))
    here.fails("eval", recovered(here), "--data", "x.npy", code=1,
               words=("row 0 of the data holds numbers so large", "scale them"))
