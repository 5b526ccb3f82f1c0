"""--model: a learned transform in the place of the exact one, against the exact verb, the reference
device and the matrix that the file stands for."""

import json

import numpy as np
import pytest

from cli import RATE, signal
from model_files import change, matrix, perturbed, read
from safetensors.numpy import save_file

N = 64
FEATURES = {
    "psd": ("--nperseg", N),
    "psd-max": ("--nperseg", N, "--average", "max", "--detrend", "linear"),
    "psd-median": ("--nperseg", N, "--average", "median"),
    "psd-range": ("--nperseg", N, "--fmin", 1000, "--fmax", 6000, "--scaling", "spectrum"),
    "psd-padded": ("--nperseg", 50, "--n-fft", N),
    "peaks": ("--nperseg", N, "-k", 5),
    "mel": ("--like", "librosa", "--n-fft", N, "--hop-length", 16, "--n-mels", 12),
    "mel-kaldi": ("--like", "kaldi", "--n-fft", N, "--win-length", 50, "--hop-length", 16,
                  "--n-mels", 8, "--no-snip-edges"),
    "mel-log": ("--like", "librosa", "--n-fft", N, "--hop-length", 20, "--n-mels", 8, "--log", "db",
                "--range", 60, "--power", 1),
}


def dft(here, *flags, n=N, name="m.safetensors", transform="dft"):
    here.run("recover", "--transform", transform, "--n", n, "--quiet", *flags, "-o", name)
    return name


def real_input(here, n=N, name="r.safetensors", norm="backward"):
    """The exact DFT of real signals, by n/2 complex points and a recombination."""
    h = n // 2
    words, tensors = read(here / dft(here, n=h, name="half.safetensors"))
    k = np.arange(h)
    w = np.exp(-2j * np.pi * k / n)
    tensors["recombination.twiddle"] = np.stack([w.real, w.imag], axis=-1)
    scale = {"backward": 1.0, "ortho": n ** -0.5, "forward": 1 / n}[norm]
    tensors["scale"] = np.array([scale])
    words.update(n=str(n), input="real", norm=norm)
    save_file(tensors, here / name, metadata=words)
    return name


def data(here, verb, source, *flags):
    here.run(verb.split("-")[0], source, *flags, "--quiet", "-o", "d.npz")
    return here.npz("d.npz")


def close(got, want, tolerance):
    assert got.shape == want.shape
    finite = np.isfinite(want)
    assert np.array_equal(np.isfinite(got), finite)
    error = np.linalg.norm(got[finite] - want[finite])
    assert error <= tolerance * np.linalg.norm(want[finite]), error


def source_of(here, rows=3, samples=4000, dtype=np.float32):
    return here.npy(signal(samples, rows).astype(dtype))


# ---- the exact model ---------------------------------------------------------------------------

@pytest.mark.parametrize("name", FEATURES)
def test_an_exact_model_gives_what_the_exact_transform_gives(here, name):
    source = here.wav(seconds=0.4, channels=2)
    want = data(here, name, source, *FEATURES[name])["data"]
    for model in (dft(here), real_input(here)):
        got = data(here, name, source, *FEATURES[name], "--model", model)["data"]
        close(got, want, 1e-5 if "log" not in name else 1e-4)


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward", "none"])
def test_the_norm_of_a_model_is_divided_out(here, norm):
    model = dft(here)
    scale = {"ortho": N ** -0.5, "forward": 1 / N}.get(norm, 1.0)
    change(here, model, "s.safetensors", lambda k, v: v * scale if k == "scale" else v,
           {"norm": norm})
    source = source_of(here, dtype=np.float64)
    want = data(here, "psd", source, "--fs", 1, "--nperseg", N)["data"]
    close(data(here, "psd", source, "--fs", 1, "--model", "s.safetensors")["data"], want, 1e-12)


@pytest.mark.parametrize("n, radices", [(60, ()), (64, ("--radices", "4,4,4")),
                                        (49, ()), (256, ())])
def test_any_length_and_radices(here, n, radices):
    source = source_of(here)
    model = dft(here, *radices, n=n)
    want = data(here, "psd", source, "--fs", 1, "--nperseg", n)["data"]
    close(data(here, "psd", source, "--fs", 1, "--model", model)["data"], want, 1e-5)


def test_complex_samples(here):
    x = signal(2000, 2) + 1j * signal(2000, 2, seed=8)
    source = here.npy(x.astype(np.complex64))
    want = data(here, "psd", source, "--fs", 1, "--nperseg", N)["data"]
    close(data(here, "psd", source, "--fs", 1, "--model", dft(here))["data"], want, 1e-5)
    here.fails("psd", source, "--fs", 1, "--model", real_input(here), code=1,
               words=("takes real samples",))


# ---- any numbers -------------------------------------------------------------------------------

def kinds(here):
    """A model of each kind whose numbers are not those of a DFT."""
    yield perturbed(here, dft(here), "twiddles.safetensors")
    yield perturbed(here, dft(here, "--form", "block"), "blocks.safetensors")
    yield perturbed(here, real_input(here), "real.safetensors")
    words, tensors = read(here / "twiddles.safetensors")
    save_file(tensors, here / "dif.safetensors", metadata={**words, "order": "dif"})
    yield "dif.safetensors"
    rng = np.random.default_rng(3)
    for s in (1, 2):
        tensors[f"stage.{s}.gate"] = rng.uniform(0, 1, N // 2)
    tensors["scale"] = np.array([0.7])
    save_file(tensors, here / "gated.safetensors", metadata=words)
    yield "gated.safetensors"


def welch_by_numpy(x, bins):
    """scipy.signal.welch's default with the spectrum of each segment by a matrix."""
    n = N
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    frames = np.lib.stride_tricks.sliding_window_view(x.astype(float), n, axis=-1)[:, ::n // 2]
    frames = (frames - frames.mean(axis=-1, keepdims=True)) * window
    power = np.mean(np.abs(frames @ bins[:n // 2 + 1].T) ** 2, axis=1) / np.sum(window ** 2)
    power[:, 1:n // 2] *= 2
    return power


def test_any_numbers_are_the_product_with_the_matrix(here):
    x = signal(3000, 2)
    source = here.npy(x)
    for model in kinds(here):
        bins = matrix(here / model)
        got = data(here, "psd", source, "--fs", 1, "--model", model)["data"]
        close(got, welch_by_numpy(x, bins), 1e-5)
        close(data(here, "psd", source, "--fs", 1, "--model", model, "--dtype", "f64")["data"],
              welch_by_numpy(x, bins), 1e-12)


@pytest.mark.parametrize("name", ["psd", "peaks", "mel", "mel-log"])
def test_devices_agree(here, name):
    source = here.wav(seconds=0.2)
    for model in kinds(here):
        flags = (*FEATURES[name], "--model", model, "--dtype", "f64")
        want = data(here, name, source, *flags, "--device", "reference")["data"]
        close(data(here, name, source, *flags)["data"], want, 1e-11)


# ---- fft ---------------------------------------------------------------------------------------

def test_rows_of_the_identity_give_the_transposed_matrix(here):
    here.npy(np.eye(N), "eye.npy")
    for model in kinds(here):
        want = matrix(here / model).T
        close(data(here, "fft", "eye.npy", "--model", model)["data"], want, 1e-13)
        close(data(here, "fft", "eye.npy", "--model", model, "--dtype", "f32")["data"], want, 1e-6)
        close(data(here, "fft", "eye.npy", "--model", model, "--device", "reference")["data"], want,
              1e-13)


def test_fft_of_exact_models(here):
    x = signal(N, 5).astype(np.float64)
    source = here.npy(x)
    result = data(here, "fft", source, "--fs", RATE, "--model", dft(here))
    close(result["data"], np.fft.fft(x), 1e-13)
    close(result["frequencies"], np.fft.fftfreq(N, 1 / RATE), 1e-13)
    close(data(here, "fft", source, "--model", real_input(here))["data"], np.fft.rfft(x), 1e-13)
    z = here.npy(x[:2] + 1j * x[2:4], "z.npy")
    close(data(here, "fft", z, "--model", "m.safetensors")["data"], np.fft.fft(x[:2] + 1j * x[2:4]),
          1e-13)
    inverse = data(here, "fft", z, "--fs", 1, "--model", dft(here, transform="idft"))
    close(inverse["data"], np.fft.ifft(x[:2] + 1j * x[2:4]), 1e-13)
    assert "frequencies" not in inverse


def test_fft_of_a_dct(here):
    x = signal(N, 3).astype(np.float64)
    k, t = np.arange(N)[:, None], np.arange(N)
    result = data(here, "fft", here.npy(x), "--fs", 1, "--model", dft(here, transform="dct2"))
    close(result["data"].real, x @ (2 * np.cos(np.pi * k * (2 * t + 1) / (2 * N))).T, 1e-12)
    assert not result["data"].imag.any() and "frequencies" not in result
    here.fails("fft", here.npy(x + 1j), "--model", "m.safetensors", code=1,
               words=("is complex", "takes real"))


def test_fft_cuts_and_fills_only_if_told(here):
    x = signal(100, 2).astype(np.float64)
    source, model = here.npy(x), dft(here)
    here.fails("fft", source, "--model", model, code=1, words=("rows of 100", "n = 64", "-n 64"))
    close(data(here, "fft", source, "-n", N, "--model", model)["data"], np.fft.fft(x, N), 1e-13)
    short = here.npy(x[:, :40], "short.npy")
    close(data(here, "fft", short, "-n", N, "--model", model)["data"],
          np.fft.fft(x[:, :40], N), 1e-13)
    here.fails("fft", source, "-n", 32, "--model", model, code=2, words=("n = 64", "give -n 64"))
    for flags in (("--real",), ("--inverse",), ("--norm", "ortho")):
        here.fails("fft", source, *flags, "--model", model, code=2,
                   words=(flags[0], "leave it out"))


# ---- lengths, records, refusals ----------------------------------------------------------------

def test_lengths_are_those_of_the_model(here):
    source, model = here.wav(seconds=0.3), dft(here)

    def options(verb, *flags):
        return data(here, verb, source, "--model", model, *flags)["meta"]["definition"]["options"]
    for verb in ("psd", "peaks"):
        assert (options(verb)["nperseg"], options(verb)["n_fft"]) == (N, N)
        assert options(verb, "--nperseg", 50)["n_fft"] == N
        assert options(verb, "--like", "mne")["nperseg"] == N
    mel = options("mel", "--like", "librosa", "--n-mels", 8)
    assert (mel["n_fft"], mel["win_length"]) == (N, N)
    for flags in (("psd", "--n-fft", 128), ("psd", "--nperseg", 128), ("peaks", "--n-fft", 128),
                  ("mel", "--like", "whisper", "--n-fft", 128)):
        here.fails(*flags[:1], source, *flags[1:], "--model", model, code=2,
                   words=("m.safetensors", "n = 64"))


def test_the_result_says_that_it_is_learned(here):
    import hashlib
    source, model = here.wav(seconds=0.3), dft(here)
    digest = hashlib.sha256((here / model).read_bytes()).hexdigest()
    for verb, flags in (("psd", ()), ("peaks", ()), ("mel", ("--like", "librosa", "--n-mels", 8)),
                        ("fft", ("-n", N))):
        meta = data(here, verb, source, *flags, "--model", model)["meta"]
        assert meta["definition"]["model"] == {"file": model, "sha256": digest, "n": N}
        assert "learned in m.safetensors" in meta["title"]
        text = here.run(verb, source, *flags, "--model", model).text
        assert "learned in m.safetensors" in text
        here.run(verb, source, *flags, "--model", model, "--html", "p.html", "--quiet")
        assert "learned in m.safetensors" in (here / "p.html").read_text()
        exact = data(here, verb, source, *flags)["meta"]
        assert "model" not in exact["definition"]


@pytest.mark.parametrize("verb", ["psd", "peaks", "mel", "fft"])
def test_like_a_learned_result_needs_the_model(here, verb):
    source, model = here.wav(seconds=0.3), dft(here)
    flags = {"mel": ("--like", "librosa", "--n-mels", 8), "fft": ("-n", N)}.get(verb, ())
    first = data(here, verb, source, *flags, "--model", model)
    (here / "d.npz").rename(here / "a.npz")
    here.fails(verb, source, "--like", "a.npz", code=1,
               words=("a.npz", "learned in m.safetensors", "give it with --model"))
    again = data(here, verb, source, "--like", "a.npz", "--model", model)
    assert np.array_equal(first["data"], again["data"], equal_nan=True)
    other = perturbed(here, model)
    done = here.run(verb, source, "--like", "a.npz", "--model", other, "-o", "b.npz")
    assert "is another one" in done.error
    assert here.npz("b.npz")["meta"]["definition"]["model"]["file"] == other


def test_what_is_no_spectrum_is_refused(here):
    source = here.wav(seconds=0.3)
    for name in ("idft", "dct2", "hadamard", "conv"):
        method = ("--method", "als") if name == "conv" else ()
        model = dft(here, *method, n=16, transform=name)
        said = {"conv": "stands for no transform that has a name",
                "dct2": "gives the real part only"}.get(name, f"stands for {name}")
        for verb, flags in (("psd", ()), ("peaks", ()), ("mel", ("--like", "librosa"))):
            here.fails(verb, source, *flags, "--model", model, code=1,
                       words=("m.safetensors", said, "a model of a dft"))


@pytest.mark.parametrize("flag", ["-o", "--html"])
@pytest.mark.parametrize("verb", [("fft",), ("psd",), ("peaks",), ("mel", "--like", "librosa")])
def test_no_result_replaces_the_model(here, verb, flag):
    source, model = here.wav(seconds=0.3), dft(here)
    before = (here / model).read_bytes()
    kind = ("--kind", "npz") if flag == "-o" else ()
    here.fails(*verb, source, "--model", model, flag, model, *kind, code=2,
               words=("the file of --model",))
    assert (here / model).read_bytes() == before


def test_files_that_are_no_models(here):
    source, model = here.wav(seconds=0.3), dft(here)
    whole = (here / model).read_bytes()
    (here / "cut.safetensors").write_bytes(whole[:-100])
    (here / "tiny.safetensors").write_bytes(whole[:5])
    (here / "huge.safetensors").write_bytes(b"\xff" * 8 + whole[8:])
    change(here, model, "nan.safetensors",
           lambda k, v: np.full_like(v, np.nan) if k == "stage.2.twiddle" else v)
    change(here, model, "shape.safetensors", lambda k, v: v[:-1] if k == "stage.0.twiddle" else v)
    for verb, flags in (("psd", ()), ("fft", ("-n", N)), ("mel", ("--like", "librosa"))):
        for name in ("cut", "tiny", "huge", "nan", "shape", "missing"):
            here.fails(verb, source, *flags, "--model", f"{name}.safetensors", code=1,
                       words=(f"{name}.safetensors",))
        here.fails(verb, source, *flags, "--model", source, code=1, words=(source,))


# ---- the guarantees of every feature -----------------------------------------------------------

GUARANTEED = ["psd", "psd-max", "psd-median", "peaks", "mel", "mel-log"]


@pytest.mark.parametrize("name", GUARANTEED)
def test_threads_and_chunks_change_no_bit(here, name):
    x = signal(5000, 19)
    x[1, 2500] = np.nan
    source = here.npy(x)
    verb = name.split("-")[0]
    for model in (perturbed(here, dft(here)), perturbed(here, real_input(here), "r2.safetensors")):
        flags = (*FEATURES[name], "--fs", RATE, "--model", model, "--quiet", "--html", "r.html",
                 "-o", "r.npz")

        def output(*more, **options):
            here.run(verb, source, *flags, *more, **options)
            return (here / "r.npz").read_bytes()
        whole = output()
        for threads in (1, 2, 3, 7):
            assert output("--threads", threads) == whole, threads
        for chunk in (1, 63, 501, 4999):
            assert output(env={"PAPILIO_CHUNK": str(chunk)}) == whole, chunk


@pytest.mark.parametrize("name", GUARANTEED)
def test_rows_do_not_know_each_other(here, name):
    x = signal(3000, 21)
    x[::2] *= 1e-6
    flags = (*FEATURES[name], "--fs", RATE, "--model", perturbed(here, dft(here)))
    together = data(here, name, here.npy(x), *flags)["data"]
    for row in (0, 1, 7, 20):
        one = data(here, name, here.npy(x[row:row + 1], "one.npy"), *flags)["data"]
        assert np.array_equal(one[0], together[row], equal_nan=True), row


def test_bands_of_learned_peaks(here):
    source = here.wav(seconds=0.3)
    flags = ("--nperseg", N, "--band", "a=900:1100")
    records = [json.loads(here.run("peaks", source, *flags, *more, "--json").text)
               for more in ((), ("--model", dft(here)))]
    powers = [np.array(r["band_power"]) for r in records]
    close(powers[1], powers[0], 1e-5)
