"""The verbs on models: recover makes one, inspect, compare and eval tell how good it is."""

import json

import numpy as np
import pytest

VERBS = ("recover", "inspect", "compare", "eval")


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def recovered(here, *flags, name="m.safetensors"):
    here.run("recover", "--transform", "dft", "--n", 16, *flags, "-o", name, "--quiet")
    return name


def dct2(n):
    k, t = np.arange(n)[:, None], np.arange(n)[None, :]
    return 2 * np.cos(np.pi * k * (2 * t + 1) / (2 * n))


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(here, verb):
    text = here.run(verb, "--help").text
    assert "Example" in text and f"papilio {verb}" in text


def test_recover_prints_a_row_for_each_n_and_seed(here):
    *rows, first, _, _, last = records(here.run("recover", "--transform", "random-butterfly", "--n",
                                                "8-32,12", "--seeds", 3, "--json").text)
    assert [(r["n"], r["seed"]) for r in rows] == [(n, s) for n in (8, 16, 32, 12)
                                                  for s in range(3)]
    for row in rows:
        assert list(row)[5:12] == ["transform", "n", "from", "method", "seed", "relative_error",
                                   "seconds"]
        assert row["relative_error"] <= 1e-12 and row["recovered"] and row["seconds"] > 0
        assert (row["from"], row["method"]) == ("matrix", "hierarchical")
        assert row["regime"] == "permutation known"
    for n, summary in ((8, first), (12, last)):
        assert summary["schema"] == "papilio.recover_summary" and summary["n"] == n
        assert summary["seeds"] == summary["recovered"] == 3 and summary["success_rate"] == 1
        assert 0 < summary["median_error"] <= summary["worst_error"] <= summary["goal"] == 1e-12


def test_recover_table_names_the_regime(here):
    text = here.run("recover", "--transform", "dct2", "--n", 16, "--seeds", 2).text
    assert text.startswith("given: ") and "real part given" in text and "2 of 2" in text
    text = here.run("recover", "--transform", "dct2", "--n", 16, "--seeds", 1, "--plain").text
    assert "given: permutation known" in text and "0 of 1" in text
    assert here.names() == []


@pytest.mark.parametrize("method", ("adam", "lbfgs"))
def test_recover_by_gradients_tells_the_share_that_succeeds(here, method):
    arguments = ("recover", "--transform", "dft", "--n", 8, "--method", method, "--seeds", 4)
    *rows, summary = records(here.run(*arguments, "--json", "--html", "p.html").text)
    assert len(rows) == 4 and all(row["goal"] == 1e-6 for row in rows)
    found = [row for row in rows if row["relative_error"] <= 1e-6]
    assert [row["recovered"] for row in rows] == [row in found for row in rows]
    assert summary["recovered"] == len(found) >= 2 and summary["success_rate"] == len(found) / 4
    page = (here / "p.html").read_text()
    assert "Share of the seeds within 1e-06" in page and f"{len(found)} of 4" in page
    text = here.run(*arguments, "--steps", 1, "--goal", 0.5).text
    assert "within 0.5" in text and "0 of 4" in text


def test_recover_by_gradients_from_own_pairs(here):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(64, 8)) + 1j * rng.normal(size=(64, 8))
    np.save(here / "x.npy", x)
    np.save(here / "y.npy", np.fft.fft(x))
    here.run("recover", "--pairs", "x.npy", "y.npy", "--method", "adam", "-o", "m.safetensors",
             "--quiet")
    assert "within" in here.run("compare", "m.safetensors", "--target", "dft", "--max-error",
                                "1e-5").text


def test_recover_from_pairs_and_noise(here):
    (row,) = records(here.run("recover", "--transform", "dft", "--n", 16, "--seeds", 1, "--from",
                              "noisy:30", "--samples", 100, "--json").text)
    assert (row["from"], row["method"], row["pairs"]) == ("noisy:30", "identify", 100)
    assert 1e-4 < row["relative_error"] < 0.1 and 0 < row["bound"] < 0.01
    (row,) = records(here.run("recover", "--transform", "idft", "--n", 16, "--seeds", 1,
                              "--method", "als", "--dtype", "f32", "--json").text)
    assert row["dtype"] == "float32" and row["relative_error"] <= 1e-5


def test_recover_makes_a_page(here):
    dft = ("recover", "--transform", "dft")
    done = here.run(*dft, "--n", "8,16", "--seeds", 2, "--html", "p.html")
    page = (here / "p.html").read_text()
    assert "2 of 2" in done.text and here.names() == ["p.html"]
    for words in ("Recovery of butterfly networks", "given: permutation known", "Worst error"):
        assert words in page
    assert here.run(*dft, "--n", 8, "--html", "-").text.startswith("<!")


def test_recover_of_ones_own_matrix(here):
    here.npy(np.fft.fft(np.eye(20)), "m.npy")
    text = here.run("recover", "--matrix", "m.npy", "--radices", "5,4", "-o", "m.safetensors").text
    assert "own" in text and "1 of 1" in text
    record = json.loads(here.run("compare", "m.safetensors", "--target", "dft", "--json").text)
    assert record["target"] == "dft" and record["relative_error"] < 1e-12


@pytest.mark.parametrize("shape", [(8, 4), (4, 8), (6, 8)])
def test_a_matrix_of_ones_own_is_square(here, shape):
    line = here.fails("recover", "--matrix", here.npy(np.ones(shape), "m.npy"), code=1,
                      words=(f"m.npy is {shape[0]} x {shape[1]}", "square", "n x n"))
    assert "--input real" not in line


def test_recover_of_ones_own_pairs(here):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((80, 16)) + 1j * rng.standard_normal((80, 16))
    here.npy(x, "x.npy")
    here.npy(np.fft.fft(x, axis=1), "y.npy")
    (row,) = records(here.run("recover", "--pairs", "x.npy", "y.npy", "--json").text)
    assert row["transform"] == "own" and row["method"] == "identify"
    assert row["relative_error"] <= 1e-12 and row["pairs"] == 80
    assert row["error_of"] == "held-out pairs" and row["held_out"] == 8


@pytest.mark.parametrize("method", ("identify", "als", "adam", "lbfgs"))
def test_one_pair_determines_nothing(here, method):
    x = here.npy(np.arange(1.0, 17.0)[None], "x.npy")
    y = here.npy(np.fft.fft(np.arange(1.0, 17.0))[None], "y.npy")
    here.fails("recover", "--pairs", x, y, "--method", method, "-o", "m.safetensors", code=1,
               words=("[recover] 1 pairs do not determine", "held out", "at least"))
    assert "m.safetensors" not in here.names()


def test_recover_says_what_its_error_is_of(here):
    text = here.run("recover", "--transform", "dft", "--n", 8, "--seeds", 1).text
    assert "errors are of the matrix" in text and "als" not in text
    (row,) = records(here.run("recover", "--transform", "dct2", "--n", 16, "--seeds", 1, "--plain",
                              "--json").text)
    assert row["error_of"] == "matrix" and row["polish_sweeps"] > 0
    assert row["relative_error"] < 0.83
    text = here.run("recover", "--matrix", here.npy(dct2(16), "m.npy")).text
    assert "a local minimum" in text


def test_numbers_out_of_range_are_refused(here):
    eye = np.eye(8)
    for scale in (1e300, 1e-300):
        here.fails("recover", "--matrix", here.npy(scale * eye, "m.npy"), "-o", "m.safetensors",
                   code=1, words=("[recover] the largest number of the matrix", "scale the data"))
    here.fails("recover", "--pairs", here.npy(0 * eye, "x.npy"), here.npy(eye, "y.npy"), "-o",
               "m.safetensors", code=1, words=("every input is zero",))
    for scale in (1e200, 1e-30):
        here.fails("train", "butterfly", "--n-fft", 8, "--target-matrix",
                   here.npy(scale * eye, "m.npy"), "-o", "m.safetensors", code=1,
                   words=("[train] the largest number of m.npy", "scale the data"))
    assert "m.safetensors" not in here.names()


def test_noisy_pairs_are_held_against_the_bound(here):
    arguments = ("recover", "--transform", "dft", "--n", 64, "--from", "noisy:20", "--seeds", 3)
    *rows, summary = [json.loads(line) for line in
                      here.run(*arguments, "--json").text.splitlines()]
    ratio = (sum(row["relative_error"] ** 2 for row in rows) / sum(row["bound"] for row in rows))
    assert summary["error_over_bound"] == pytest.approx(ratio) and 0.8 < ratio < 1.2
    assert "error^2 / bound" in here.run(*arguments, "--html", "page.html").text
    assert "error^2 / bound" in (here / "page.html").read_text()
    assert "bound" not in here.run("recover", "--transform", "dft", "--n", 8, "--seeds", 2).text


def test_recover_counts_its_memory_beforehand(here):
    here.fails("recover", "--transform", "dft", "--n", 16384, "--max-memory", "1G", code=1,
               words=("[recover] the matrix of n = 16384", "GB", "--max-memory"))
    here.fails("recover", "--transform", "dft", "--n", "8,4096", "--from", "pairs", "--max-memory",
               "100M", code=1, words=("n = 4096", "fewer pairs"))
    here.fails("recover", "--matrix", here.npy(np.eye(512), "m.npy"), "--max-memory", "1M", code=1,
               words=("n = 512", "smaller n"))


@pytest.mark.parametrize("verb", ("eval", "roundtrip"))
def test_silence_is_no_test(here, verb):
    model = recovered(here)
    here.npy(np.zeros((2, 40)), "s.npy")
    here.fails(verb, model, "--data", "s.npy", code=1, words=(f"[{verb}] s.npy is silent in",))


@pytest.mark.parametrize("name", ["dft", "idft", "dct2", "dct4", "hadamard"])
def test_what_recover_saves_knows_what_it_is(here, name):
    method = ("--method", "als") if name == "dct4" else ()
    here.run("recover", "--transform", name, "--n", 16, *method, "-o", "m.safetensors", "--quiet")
    record = json.loads(here.run("compare", "m.safetensors", "--json").text)
    assert record["target"] == name
    assert record["relative_error"] <= (1.5 if name == "dct4" else 1e-12)


@pytest.mark.parametrize("asked", [("--transform", "random-butterfly", "--n", 8),
                                   ("--transform", "conv", "--n", 8, "--plain"),
                                   ("--matrix", "x.npy"), ("--pairs", "p.npy", "q.npy")])
def test_what_has_no_name_is_taken_for_no_dft(here, asked):
    matrix = np.fft.fft(np.eye(8))
    pairs = np.random.default_rng(1).normal(size=(40, 8))
    here.npy(matrix)
    here.npy(pairs, "p.npy")
    here.npy(pairs @ matrix.T, "q.npy")
    here.run("recover", *asked, "-o", "m.safetensors", "--quiet")
    for verb in ("compare", "eval"):
        here.fails(verb, "m.safetensors", code=1,
                   words=("stands for no transform that has a name", "give --target"))
    here.run("compare", "m.safetensors", "--target", "dft", "--quiet")
    here.npy(np.zeros((1, 64)), "s.npy")
    here.fails("psd", "s.npy", "--fs", 1, "--model", "m.safetensors", "-o", "y.npz", code=1,
               words=("stands for no transform that has a name", "give a model of a dft"))


def test_a_saved_transform_has_twiddles_unless_blocks_are_asked_for(here):
    def part(*flags):
        model = recovered(here, *flags)
        return json.loads(here.run("inspect", model, "--json").text)["parts"][0]
    assert part()["form"] == "twiddle" and part()["parameters"]["held"] == 4 * 8
    assert max(s["drift"] for s in part()["stages"]) < 1e-12
    assert part("--form", "block")["form"] == "block"
    assert part("--tied")["tying"] == "tied" and part("--tied")["parameters"]["free"] == 15


def test_the_same_recovery_gives_the_same_bytes(here):
    a, b = (here / recovered(here, name=name) for name in ("a.safetensors", "b.safetensors"))
    assert a.read_bytes() == b.read_bytes()


def test_inspect(here):
    model = recovered(here)
    text = here.run("inspect", model).text
    assert all(w in text for w in ("radices 2,2,2,2", "drift", "condition", "32 free of 32 held",
                                   "exact dft"))
    record = json.loads(here.run("inspect", model, "--json").text)
    assert record["schema"] == "papilio.model.inspect" and record["n"] == 16
    assert record["training"]["transform"] == "dft" and record["relative_error"] < 1e-12
    for stage in record["parts"][0]["stages"]:
        assert abs(stage["modulus"]["mean"] - 1) < 1e-12 and abs(stage["condition"] - 1) < 1e-10
        assert stage["phase"]["min"] >= -np.pi - 1e-12 and stage["gate"] is None


def test_inspect_says_how_far_a_dct_has_drifted(here):
    here.run("recover", "--transform", "dct2", "--n", 16, "-o", "d.safetensors", "--quiet")
    text = here.run("inspect", "d.safetensors").text
    record = json.loads(here.run("inspect", "d.safetensors", "--json").text)
    assert "no drift" not in text
    assert max(stage["drift"] for stage in record["parts"][0]["stages"]) < 1e-12
    here.run("recover", "--transform", "dct2", "--n", 16, "--radices", "4,4", "-o", "d.safetensors",
             "--quiet")
    text = here.run("inspect", "d.safetensors").text
    assert "no drift: the exact transform has no network of the same stages" in text


def test_inspect_makes_a_page(here):
    model = recovered(here)
    assert "stage" in here.run("inspect", model, "--html", "p.html").text
    page = (here / "p.html").read_text()
    assert "Modulus by stage" in page and "Phase by stage" in page
    assert all(word in page for word in ("Butterfly network", "Modulus", "Phase", "Error by bin"))
    assert here.run("inspect", model, "--html", "-", "--quiet").text.startswith("<!")


def test_compare_judges(here):
    model = recovered(here)
    assert "within 1e-09" in here.run("compare", model, "--max-error", "1e-9").text
    done = here.run("compare", model, "--target", "idft", "--max-error", "0.5", code=1)
    assert "ABOVE 0.5" in done.text
    done = here.run("compare", model, "--target", "hadamard", "--max-error", "0", "--json", code=1)
    record = json.loads(done.text)
    assert not record["passed"] and record["random_rows"] == 0 and record["relative_error"] > 0.1
    assert here.run("compare", model, "--quiet").text == ""


def test_eval_on_noise(here):
    model = recovered(here)
    record = json.loads(here.run("eval", model, "--rows", 10, "--json").text)
    assert record["rows"] == 10 and record["data"] is None and record["seed"] == 0
    assert len(record["error_by_bin"]) == 16 and max(record["error_by_bin"]) < 1e-12
    assert 0 < record["relative_error"]["median"] <= record["relative_error"]["max"] < 1e-12
    other = json.loads(here.run("eval", model, "--rows", 10, "--seed", 1, "--json").text)
    assert other["error_by_bin"] != record["error_by_bin"]


def test_eval_on_recordings(here):
    model = recovered(here)
    text = here.run("eval", model, "--data", here.wav(seconds=0.1), "--rows", 50).text
    assert "50 windows of x.wav" in text and "worst bin" in text
    x = np.zeros((3, 40), dtype=np.complex64)
    x[:2] = 1 + 2j
    record = json.loads(here.run("eval", model, "--data", here.npy(x), "--json").text)
    assert record["rows"] == 6 and record["error_by_bin"][3] is None
    assert record["relative_error"]["max"] < 1e-12


def test_a_product_of_networks_needs_a_target(here):
    here.run("recover", "--transform", "conv", "--n", 8, "--method", "als", "-o", "c.safetensors",
             "--quiet")
    for verb in ("compare", "eval"):
        here.fails(verb, "c.safetensors", code=1, words=("product of networks", "--target"))
    record = json.loads(here.run("inspect", "c.safetensors", "--json").text)
    assert record["relative_error"] is None and len(record["parts"]) == 2


def test_a_damaged_model_is_refused(here):
    data = (here / recovered(here)).read_bytes()
    (here / "cut.safetensors").write_bytes(data[:-1])
    (here / "other.safetensors").write_bytes(data.replace(b'"papilio_format":"1"',
                                                          b'"papilio_format":"9"'))
    for verb in VERBS[1:]:
        here.fails(verb, "cut.safetensors", code=1, words=("cut.safetensors", "truncated"))
        here.fails(verb, "other.safetensors", code=1, words=("[model] other.safetensors", "'9'"))
        here.fails(verb, "none.safetensors", code=1, words=("no such file",))


def test_own_data_that_do_not_fit(here):
    here.npy(np.ones((4, 6)), "wide.npy")
    here.npy(np.zeros((4, 4)), "zero.npy")
    here.npy(np.ones((5, 4)), "five.npy")
    here.npy(np.eye(4), "eye.npy")
    here.fails("recover", "--matrix", "wide.npy", code=1, words=("[recover]",))
    here.fails("recover", "--pairs", "wide.npy", "eye.npy", code=1, words=("4 x 6", "4 x 4"))
    here.fails("recover", "--pairs", "eye.npy", "zero.npy", code=1, words=("zero",))
    here.fails("recover", "--matrix", "eye.npy", "--radices", "2,3", code=1, words=("n = 6", "4"))
    here.fails("recover", "--matrix", "none.npy", code=1, words=("no such file",))
    assert not [name for name in here.names() if name.endswith("safetensors")]


def test_inputs_are_never_replaced(here):
    model = recovered(here)
    here.npy(np.eye(4), "eye.npy")
    (here / "eye.safetensors").symlink_to("eye.npy")
    before = [(here / name).read_bytes() for name in (model, "eye.npy")]
    here.fails("inspect", model, "--html", model, code=2, words=("would replace", model))
    here.fails("recover", "--matrix", "eye.npy", "-o", "eye.safetensors", code=2,
               words=("would replace",))
    here.fails("recover", "--pairs", "eye.npy", "eye.npy", "-o", "eye.safetensors", code=2,
               words=("would replace", "eye.npy"))
    assert before == [(here / name).read_bytes() for name in (model, "eye.npy")]


def test_data_that_do_not_fit_the_model(here):
    here.run("recover", "--transform", "dct2", "--n", 16, "-o", "d.safetensors", "--quiet")
    here.npy(np.ones((2, 16), dtype=np.complex64), "c.npy")
    here.fails("eval", "d.safetensors", "--data", "c.npy", code=1, words=("complex", "real"))
    here.npy(np.ones((2, 15)), "short.npy")
    here.fails("eval", "d.safetensors", "--data", "short.npy", code=1, words=("15 samples", "16"))
    here.npy(np.full((2, 16), np.nan), "nan.npy")
    here.fails("eval", "d.safetensors", "--data", "nan.npy", code=1, words=("not finite",))


@pytest.mark.parametrize("arguments, words", [
    (("recover",), ("nothing to recover", "--transform")),
    (("recover", "--transform", "dft"), ("--transform needs --n",)),
    (("recover", "--transform", "ddt", "--n", "8"), ("'ddt' is unknown", "did you mean d")),
    (("recover", "--transform", "dft", "--n", "0"), ("--n '0'",)),
    (("recover", "--transform", "dft", "--n", "37"), ("37",)),
    (("recover", "--transform", "dft", "--n", "8", "--method", "alss"), ("did you mean als?",)),
    (("recover", "--transform", "dft", "--n", "8", "--from", "noise"), ("'noise'", "noisy:20")),
    (("recover", "--transform", "dft", "--n", "8", "--from", "pairs", "--method", "hierarchical"),
     ("takes the matrix",)),
    (("recover", "--transform", "dft", "--n", "8", "--dtype", "f16"), ("--dtype 'f16'",)),
    (("recover", "--transform", "dft", "--n", "8", "--form", "blok"), ("did you mean block?",)),
    (("recover", "--transform", "dft", "--n", "8", "--radices", "2,3"), ("2,3", "n = 8")),
    (("recover", "--transform", "dft", "--n", "8", "--radices", "x"), ("radices",)),
    (("recover", "--transform", "hadamard", "--n", "12"), ("radix 3",)),
    (("recover", "--transform", "dft", "--n", "8", "--seeds", "0"), ("--seeds 0",)),
    (("recover", "--transform", "dft", "--n", "8", "--seed", "-1"), ("--seed",)),
    (("recover", "--transform", "dft", "--n", "8", "--samples", "0"), ("--samples",)),
    (("recover", "--transform", "dft", "--n", "8", "--steps", "9"), ("closed form", "--steps")),
    (("recover", "--transform", "dft", "--n", "8", "--method", "als", "--steps", "-1"),
     ("--steps must be 0",)),
    (("recover", "--transform", "dft", "--n", "8", "--goal", "0"), ("--goal must be above 0",)),
    (("recover", "--transform", "dft", "--n", "8", "--matrix", "x"), ("exclude each other",)),
    (("recover", "--matrix", "x", "--n", "8"), ("--n is for --transform",)),
    (("recover", "--pairs", "x"), ("--pairs",)),
    (("recover", "--transform", "dft", "--n", "8,16", "-o", "m"), ("-o saves one",)),
    (("recover", "--transform", "dft", "--n", "8", "--seeds", "2", "-o", "m"), ("-o saves one",)),
    (("recover", "--transform", "dft", "--n", "8", "-o", "-"), ("-o -",)),
    (("recover", "--transform", "dft", "--n", "8", "-o", "m", "--html", "m"), ("the same file",)),
    (("recover", "--transform", "dft", "--n", "8", "--json", "--html", "-"), ("standard output",)),
    (("inspect",), ("no MODEL",)),
    (("compare",), ("no MODEL",)),
    (("eval",), ("no MODEL",)),
    (("inspect", "m", "--target", "dtf"), ("'dtf' is unknown", "hadamard")),
    (("inspect", "m", "--json", "--html", "-"), ("standard output",)),
    (("compare", "m", "--max-error", "-1"), ("--max-error -1",)),
    (("eval", "m", "--rows", "0"), ("--rows 0",)),
    (("eval", "m", "--seed", "1", "--data", "x.wav"), ("--seed", "--data")),
    (("inspcet", "m"), ("did you mean inspect?",)),
])
def test_usage_errors(here, arguments, words):
    here.fails(*arguments, code=2, words=words)
    assert here.names() == []
