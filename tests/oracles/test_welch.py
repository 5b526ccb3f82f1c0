"""`papilio psd` against scipy.signal.welch in float64, over random settings."""

import numpy as np
import pytest
import scipy.signal

from errors import expect_rows
from program import flags_of

CASES = 240
F32_BOUND = 1e-6
F64_BOUND = 1e-14

WINDOWS = ("boxcar", "hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop",
           "kaiser:8.6", "kaiser:0.5", "tukey:0.25", "tukey:0.9", "hann:sym", "flattop:sym",
           "kaiser:5:sym")
TYPES = ("float32", "float64", "int16", "complex64", "complex128", "int8", "int32")


def scipy_window(name, n):
    parts = name.split(":")
    symmetric = parts[-1] == "sym"
    parts = parts[:-1] if symmetric else parts
    spec = parts[0] if len(parts) == 1 else (parts[0], float(parts[1]))
    return scipy.signal.get_window(spec, n, fftbins=not symmetric)


def signal_of(rng, kind, rows, samples, fs):
    """Noise, tones and a slope; rows differ in amplitude by up to 1e6; one may be all zeros."""
    t = np.arange(samples) / fs
    x = rng.standard_normal((rows, samples))
    x += 3 * np.sin(2 * np.pi * rng.uniform(0, fs / 2, (rows, 1)) * t + 1)
    x += rng.uniform(-1, 1, (rows, 1)) + rng.uniform(-1, 1, (rows, 1)) * np.linspace(0, 1, samples)
    if kind.startswith("complex"):
        x = x + 1j * rng.standard_normal((rows, samples))
    if kind.startswith("int"):
        top = np.iinfo(kind).max
        return np.clip(np.round(x / 8 * top), -top, top).astype(kind)
    x *= 10.0 ** rng.uniform(-3, 3, (rows, 1))
    if rows > 2:
        x[1] = 0
    return x.astype(kind)


def random_case(seed):
    rng = np.random.default_rng(seed)
    kind = TYPES[seed % len(TYPES)]
    nperseg = int(rng.choice([rng.integers(2, 64), rng.integers(64, 700), 256, 400, 512, 1024]))
    overlap = rng.choice(["default", "none", "most", "some"])
    noverlap = {"default": None, "none": 0, "most": nperseg - 1,
                "some": int(rng.integers(0, nperseg))}[overlap]
    hop = nperseg - (nperseg // 2 if noverlap is None else noverlap)
    segments = int(rng.integers(1, 40))
    samples = nperseg + (segments - 1) * hop + int(rng.integers(0, hop))
    settings = {
        "fs": float(rng.choice([1.0, 250.0, 16000.0, 44100.0, float(rng.uniform(0.1, 1e5))])),
        "nperseg": nperseg,
        "noverlap": noverlap,
        "n_fft": None if rng.random() < 0.6 else nperseg + int(rng.integers(0, nperseg + 1)),
        "window": str(rng.choice(WINDOWS)),
        "detrend": str(rng.choice(["constant", "linear", "none"])),
        "scaling": str(rng.choice(["density", "spectrum", "none"])),
        "average": str(rng.choice(["mean", "mean", "median", "max"])),
    }
    rows = int(rng.integers(1, 6))
    if samples < 64:
        rows = min(rows, samples)
    return settings, signal_of(rng, kind, rows, samples, settings["fs"])


def oracle(x, s):
    """scipy's PSD in float64, and its frequencies."""
    x = x.astype(np.complex128 if np.iscomplexobj(x) else np.float64)
    window = scipy_window(s["window"], s["nperseg"])
    scaling = s["scaling"] if s["scaling"] != "none" else "density"
    common = {"fs": s["fs"], "window": window, "nperseg": s["nperseg"], "nfft": s["n_fft"],
              "noverlap": s["nperseg"] // 2 if s["noverlap"] is None else s["noverlap"],
              "detrend": False if s["detrend"] == "none" else s["detrend"], "scaling": scaling,
              "return_onesided": not np.iscomplexobj(x)}
    if s["average"] == "max":
        frequencies, _, each = scipy.signal.spectrogram(x, mode="psd", **common)
        psd = each.max(axis=-1)
    else:
        frequencies, psd = scipy.signal.welch(x, average=s["average"], **common)
    if s["scaling"] == "none":
        psd = psd * s["fs"] * np.sum(window**2)
    return frequencies, psd


def is_double(x):
    return x.dtype in (np.float64, np.complex128)


@pytest.mark.parametrize("seed", range(CASES))
def test_random_settings(bench, seed):
    settings, x = random_case(seed)
    frequencies, want = oracle(x, settings)
    result = bench.compute("psd", x, *flags_of(**settings))
    note = f"{x.dtype} {x.shape} {settings}"
    assert result["data"].dtype == (np.float64 if is_double(x) else np.float32), note
    np.testing.assert_allclose(result["frequencies"], frequencies, rtol=1e-14, atol=0)
    expect_rows(result["data"], want, F64_BOUND if is_double(x) else F32_BOUND, note)


@pytest.mark.parametrize("kind", ["complex64", "complex128"])
@pytest.mark.parametrize("nperseg", [256, 255, 101])
@pytest.mark.parametrize("low,high", [(-100, 60), (-300, None), (None, 10), (-80, -20), (0, 5)])
def test_two_sided_ranges_stay_in_fft_order(bench, low, high, nperseg, kind):
    x = signal_of(np.random.default_rng(3), kind, 3, 4000, 1000.0)
    frequencies, want = scipy.signal.welch(x.astype(np.complex128), 1000.0, nperseg=nperseg,
                                           return_onesided=False)
    kept = (frequencies >= (-500 if low is None else low)) & (
        frequencies <= (500 if high is None else high))
    result = bench.compute("psd", x, *flags_of(fs=1000.0, nperseg=nperseg, fmin=low, fmax=high))
    np.testing.assert_allclose(result["frequencies"], frequencies[kept], rtol=1e-15, atol=0)
    expect_rows(result["data"], want[:, kept], F64_BOUND if is_double(x) else F32_BOUND)


@pytest.mark.parametrize("dtype,given",
                         [("f64", np.float32), ("f64", np.int16), ("f32", np.float64)])
def test_compute_type_can_be_chosen(bench, dtype, given):
    x = signal_of(np.random.default_rng(7), np.dtype(given).name, 2, 3000, 1.0)
    _, want = scipy.signal.welch(x.astype(np.float64))
    result = bench.compute("psd", x, "--fs", "1", "--dtype", dtype)
    assert result["data"].dtype == (np.float64 if dtype == "f64" else np.float32)
    expect_rows(result["data"], want, F64_BOUND if dtype == "f64" else F32_BOUND)


@pytest.mark.parametrize("kind,bound", [("float32", 2e-6), ("int16", 2e-6), ("float64", F64_BOUND)])
@pytest.mark.parametrize("average", ["mean", "max"])
def test_a_million_segments(bench, kind, bound, average):
    rng = np.random.default_rng(11)
    x = signal_of(rng, kind, 2, 1_000_007, 8000.0)
    settings = {"fs": 8000.0, "nperseg": 8, "noverlap": 7, "n_fft": None, "window": "hann",
                "detrend": "constant", "scaling": "density", "average": average}
    _, want = oracle(x, settings)
    expect_rows(bench.compute("psd", x, *flags_of(**settings))["data"], want, bound)


def test_a_million_segments_of_no_overlap(bench):
    x = signal_of(np.random.default_rng(12), "int16", 1, 16_000_000, 8000.0)
    settings = {"fs": 8000.0, "nperseg": 16, "noverlap": 0, "n_fft": None, "window": "hamming",
                "detrend": "none", "scaling": "density", "average": "mean"}
    _, want = oracle(x, settings)
    expect_rows(bench.compute("psd", x, *flags_of(**settings))["data"], want, 2e-6)


@pytest.mark.parametrize("samples", [2, 9, 100, 255])
def test_the_scipy_profile_shrinks_as_scipy(bench, samples):
    x = np.random.default_rng(samples).standard_normal((1, samples))
    with pytest.warns(UserWarning, match="nperseg"):
        frequencies, want = scipy.signal.welch(x, fs=100.0)
    result = bench.compute("psd", x, "--fs", "100", "--like", "scipy")
    np.testing.assert_allclose(result["frequencies"], frequencies, rtol=1e-14)
    expect_rows(result["data"], want, F64_BOUND)


@pytest.mark.parametrize("name,segments", [("full", 8), ("fast", 2), ("ultra", 1)])
def test_the_rlx_profiles_fix_the_number_of_segments(bench, name, segments):
    n = 512
    used = n + (segments - 1) * n // 2
    x = signal_of(np.random.default_rng(segments), "float32", 2, used + 100, 1.0)
    window = scipy_window("hann:sym", n)
    powers = [np.abs(np.fft.rfft(x[:, i * n // 2:i * n // 2 + n].astype(np.float64) * window)) ** 2
              for i in range(segments)]
    want = np.mean(powers, axis=0)
    want[:, 1:-1] *= 2
    flags = ("--fs", "1", "--nperseg", n, "--like", f"rlx:{name}")
    result = bench.compute("psd", x, *flags)
    expect_rows(result["data"], want, F32_BOUND)
    assert result["meta"]["definition"]["modified"] == [f"nperseg={n}"]
    np.testing.assert_array_equal(bench.compute("psd", x[:, :used], *flags)["data"],
                                  result["data"])


def test_a_results_own_definition_gives_the_same_bits(bench):
    x = signal_of(np.random.default_rng(13), "float32", 3, 5000, 1.0)
    first = bench.compute("psd", x, "--fs", "1", "--window", "kaiser:8.6", "--average", "median")
    kept = (bench.folder / "out.npz").rename(bench.folder / "first.npz")
    again = bench.compute("psd", x, "--fs", "1", "--like", kept)
    np.testing.assert_array_equal(again["data"], first["data"])
    assert again["meta"]["definition"]["options"] == first["meta"]["definition"]["options"]


def test_short_rows_can_be_padded(bench):
    x = np.random.default_rng(5).standard_normal((2, 200)).astype(np.float32)
    full = np.pad(x.astype(np.float64), ((0, 0), (0, 56)))
    result = bench.compute("psd", x, "--fs", "1", "--short", "pad")
    expect_rows(result["data"], scipy.signal.welch(full)[1], F32_BOUND)


def test_a_range_keeps_its_bins(bench):
    x = np.random.default_rng(6).standard_normal((3, 5000)).astype(np.float32)
    frequencies, want = scipy.signal.welch(x.astype(np.float64), fs=1000.0)
    kept = (frequencies >= 50) & (frequencies <= 200)
    result = bench.compute("psd", x, "--fs", "1000", "--fmin", "50", "--fmax", "200")
    np.testing.assert_allclose(result["frequencies"], frequencies[kept], rtol=1e-14)
    expect_rows(result["data"], want[:, kept], F32_BOUND)


def test_rows_do_not_touch_each_other(bench):
    rng = np.random.default_rng(8)
    x = rng.standard_normal((9, 4000)).astype(np.float32)
    x[1] *= 1e6
    x[3] = 0
    x[5, 1234] = np.nan
    x[7] *= 1e-6
    result = bench.compute("psd", x, "--fs", "1")
    clean = [0, 1, 2, 3, 4, 6, 7, 8]
    _, want = scipy.signal.welch(x[clean].astype(np.float64))
    expect_rows(result["data"][clean], want, F32_BOUND)
    assert np.isnan(result["data"][5]).all()
    for row in clean:
        alone = bench.compute("psd", x[row:row + 1], "--fs", "1")
        np.testing.assert_array_equal(alone["data"][0], result["data"][row])
