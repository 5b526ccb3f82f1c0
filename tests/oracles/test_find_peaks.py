"""`papilio peaks` against scipy.signal.find_peaks on the identical PSD (papilio's own `psd`)."""

import numpy as np
import pytest
import scipy.signal

from program import flags_of

CONDITIONS = ((), ("height",), ("threshold",), ("prominence",), ("min_distance",),
              ("height", "min_distance"), ("threshold", "prominence"),
              ("height", "threshold", "min_distance", "prominence"))
ROWS = 5
NPERSEG = (64, 100, 125, 256, 400)


def noisy_tones(rng, samples):
    t = np.arange(samples)
    x = rng.standard_normal((ROWS, samples))
    for _ in range(6):
        x += rng.uniform(0, 5, (ROWS, 1)) * np.sin(rng.uniform(0, np.pi, (ROWS, 1)) * t)
    return x


def combs(rng, samples):
    """Impulses at whole fractions of the segment: flat spectra with exactly equal neighbours."""
    x = np.zeros((ROWS, samples))
    for row in x:
        row[0] = 2.0 ** rng.integers(0, 5)
        step = int(rng.choice([2, 4, 5, 8, 10, 16, 25]))
        row[::step] += rng.choice([-1, 1]) * 2.0 ** rng.integers(0, 3)
        row += rng.choice([0, 1, -0.5])
    return x


def random_case(seed):
    rng = np.random.default_rng(seed)
    kind = np.float64 if seed % 3 else np.float32
    nperseg = int(rng.choice(NPERSEG))
    plateaus = seed % 2 == 1
    settings = {"fs": float(rng.choice([1.0, 1000.0, 44100.0])), "nperseg": nperseg}
    if plateaus:
        settings |= {"window": "boxcar", "detrend": "none"}
        x = combs(rng, nperseg)
    else:
        x = noisy_tones(rng, nperseg * int(rng.integers(1, 6)) + int(rng.integers(0, 50)))
    if rng.random() < 0.3:
        settings["n_fft"] = nperseg * 2 + int(rng.integers(0, 9))
    return rng, settings, x.astype(kind)


def conditions_of(rng, names, psd, width):
    """Values that some peaks meet and others do not; none is equal to a number of the data."""
    level = float(np.median(psd)) * 1.0137
    values = {"height": level * float(rng.uniform(0.2, 5)),
              "threshold": level * float(rng.uniform(0.01, 1)),
              "prominence": level * float(rng.uniform(0.1, 5)),
              "min_distance": width * float(rng.uniform(0.5, 9))}
    return {name: values[name] for name in names}


def scipy_peaks(row, conditions, width):
    """Bins and plateau sizes of one row's peaks."""
    distance = max(1, int(np.ceil(conditions.get("min_distance", 0.0) / width)))
    bins, facts = scipy.signal.find_peaks(
        row.astype(np.float64), height=conditions.get("height"),
        threshold=conditions.get("threshold"), distance=distance,
        prominence=conditions.get("prominence"), plateau_size=1)
    return bins, facts["plateau_sizes"]


def strongest(row, bins, k):
    """Power descending, ties to the lower bin."""
    return sorted(bins, key=lambda bin: (-row[bin], bin))[:k]


def parabola(row, bin, n_fft, fs):
    """Frequency and power of the vertex through the logs of three undoubled powers, and the bend:
    where it is next to 0 (powers a few roundings apart), any vertex within half a bin is right."""
    doubling = np.full(row.size, 2.0)
    doubling[0] = 1.0
    if n_fft % 2 == 0:
        doubling[-1] = 1.0
    plain = row[bin - 1:bin + 2].astype(np.float64) / doubling[bin - 1:bin + 2]
    if (plain <= 0).any() or plain[1] < max(plain[0], plain[2]):
        return bin * fs / n_fft, row[bin], 1.0
    left, middle, right = np.log(plain)
    bend = 2 * middle - left - right
    if bend <= 0:
        return bin * fs / n_fft, row[bin], 0.0
    shift = 0.5 * (right - left) / bend
    power = np.exp(middle + 0.125 * (right - left) ** 2 / bend)
    return (bin + shift) * fs / n_fft, power * doubling[bin], bend


def expect_slots(slots, count, row, bins, plateau, n_fft, fs):
    want = strongest(row, bins, len(slots))
    assert count == len(want)
    assert slots[:count, 0].tolist() == want
    assert (slots[count:, 0] == -1).all() and np.isnan(slots[count:, 1:]).all()
    single = slots.dtype == np.float32
    for slot, bin in zip(slots, want):
        assert slot[1] == row[bin]
        hz, power, bend = parabola(row, bin, n_fft, fs)
        if plateau[bin]:
            hz, power, bend = bin * fs / n_fft, row[bin], 1.0
        if bend < 1e-6:
            assert abs(slot[2] - bin * fs / n_fft) <= 0.5001 * fs / n_fft
        else:
            assert abs(slot[2] - hz) <= (1e-3 if single else 1e-9) * fs / n_fft
        assert abs(slot[3] - power) <= (1e-5 if single else 1e-12) * power


@pytest.mark.parametrize("seed", range(64))
def test_conditions(bench, seed):
    rng, settings, x = random_case(seed)
    flags = flags_of(**settings)
    n_fft = settings.get("n_fft", settings["nperseg"])
    fs = settings["fs"]
    psd = bench.compute("psd", x, *flags)["data"]
    conditions = conditions_of(rng, CONDITIONS[seed % len(CONDITIONS)], psd, fs / n_fft)
    top = int(rng.choice([1, 5, psd.shape[1]]))
    result = bench.compute("peaks", x, *flags, "--top", top, *flags_of(**conditions))
    assert result["data"].shape == (ROWS, top, 4)
    for r, row in enumerate(psd):
        bins, sizes = scipy_peaks(row, conditions, fs / n_fft)
        plateau = dict(zip(bins.tolist(), (sizes > 1).tolist()))
        expect_slots(result["data"][r], result["count"][r], row, bins.tolist(), plateau, n_fft, fs)


def test_the_cases_hold_plateaus_and_ties(bench):
    plateaus = ties = 0
    for seed in range(1, 64, 2):
        _, settings, x = random_case(seed)
        for row in bench.compute("psd", x, *flags_of(**settings))["data"]:
            bins, sizes = scipy_peaks(row, {}, 1.0)
            plateaus += int((sizes > 1).sum())
            ties += bins.size - np.unique(row[bins]).size
    assert plateaus >= 20 and ties >= 20


@pytest.mark.parametrize("seed", range(8))
def test_a_range_restricts_candidates_not_data(bench, seed):
    rng, settings, x = random_case(2 * seed)
    flags = flags_of(**settings)
    psd = bench.compute("psd", x, *flags)
    frequencies = psd["frequencies"]
    low, high = frequencies[-1] * 0.2, frequencies[-1] * 0.6
    prominence = float(np.median(psd["data"])) * float(rng.uniform(0.5, 3))
    result = bench.compute("peaks", x, *flags, "--fmin", low, "--fmax", high, "--prominence",
                           repr(prominence), "--top", 9)
    for r, row in enumerate(psd["data"]):
        bins, _ = scipy_peaks(row, {"prominence": prominence}, 1.0)
        bins = [bin for bin in bins.tolist() if low <= frequencies[bin] <= high]
        want = strongest(row, bins, 9)
        assert result["data"][r, :result["count"][r], 0].tolist() == want


@pytest.mark.parametrize("kind", [np.complex64, np.complex128])
def test_two_sided_spectra_are_searched_ascending(bench, kind):
    rng = np.random.default_rng(3)
    x = (rng.standard_normal((ROWS, 3001)) + 1j * rng.standard_normal((ROWS, 3001))).astype(kind)
    for nperseg in (64, 75):
        flags = flags_of(fs=10.0, nperseg=nperseg)
        psd = bench.compute("psd", x, *flags)
        result = bench.compute("peaks", x, *flags, "--top", 12)
        ascending = np.fft.fftshift(np.arange(nperseg))
        for r, row in enumerate(psd["data"]):
            bins = ascending[scipy.signal.find_peaks(row[ascending])[0]]
            got = result["data"][r, :result["count"][r]]
            assert got[:, 0].tolist() == strongest(row, bins.tolist(), 12)
            own = psd["frequencies"][got[:, 0].astype(int)]
            assert (np.abs(got[:, 2] - own) <= 0.5 * 10.0 / nperseg + 1e-6).all()


@pytest.mark.parametrize("seed", range(16))
def test_two_sided_ranges_across_zero(bench, seed):
    """scipy on the ascending spectrum; heights that nothing reaches keep candidates off the bins
    outside the range before the distance thins them; bins are named in FFT order."""
    rng = np.random.default_rng(200 + seed)
    kind = (np.complex64, np.complex128)[seed % 2]
    nperseg = int(rng.choice([64, 75, 128, 129]))
    fs = 1000.0
    width = fs / nperseg
    low, high = -float(rng.uniform(3 * width, fs / 2)), float(rng.uniform(3 * width, fs / 2))
    x = (rng.standard_normal((ROWS, 4001)) + 1j * rng.standard_normal((ROWS, 4001))).astype(kind)
    flags = flags_of(fs=fs, nperseg=nperseg)
    psd = bench.compute("psd", x, *flags)
    names = ((), ("min_distance",), ("prominence",), ("height", "min_distance"))[seed // 2 % 4]
    conditions = conditions_of(rng, names, psd["data"], width)
    # Noise alone: low enough for some of its peaks.
    conditions |= {name: conditions[name] / divisor
                   for name, divisor in (("height", 5), ("prominence", 20)) if name in conditions}
    result = bench.compute("peaks", x, *flags, *flags_of(fmin=low, fmax=high, **conditions),
                           "--top", nperseg)
    ascending = np.fft.fftshift(np.arange(nperseg))
    frequencies = psd["frequencies"][ascending]
    inside = (frequencies >= low) & (frequencies <= high)
    found = 0
    for r, row in enumerate(psd["data"]):
        heights = np.where(inside, conditions.get("height", -np.inf), np.inf)
        bins, _ = scipy_peaks(row[ascending], {**conditions, "height": heights}, width)
        want = strongest(row, ascending[bins].tolist(), nperseg)
        got = result["data"][r, :result["count"][r]]
        assert got[:, 0].tolist() == want
        np.testing.assert_array_equal(got[:, 1], row[want])
        found += len(want)
    assert found >= ROWS


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.complex64])
def test_bins(bench, kind):
    rng = np.random.default_rng(4)
    x = rng.standard_normal((ROWS, 2000)).astype(kind)
    psd = bench.compute("psd", x, "--fs", "1")["data"]
    result = bench.compute("peaks", x, "--fs", "1", "--mode", "bins", "--top", psd.shape[1])
    for r, row in enumerate(psd):
        want = strongest(row, range(row.size), row.size)
        assert result["data"][r, :, 0].tolist() == want
        assert result["count"][r] == row.size
        np.testing.assert_array_equal(result["data"][r, :, 1], row[want])


def test_decibel_conditions(bench):
    rng = np.random.default_rng(9)
    x = noisy_tones(rng, 3000)
    psd = bench.compute("psd", x, "--fs", "1")["data"]
    result = bench.compute("peaks", x, "--fs", "1", "--height", "10dB", "--top", 40)
    for r, row in enumerate(psd):
        bins, _ = scipy_peaks(row, {"height": 10.0}, 1.0)
        got = result["data"][r, :result["count"][r], 0].tolist()
        assert got == strongest(row, bins.tolist(), 40)


def test_tones_end_to_end(bench):
    """f32 powers at each rank agree with a float64 oracle; frequencies lie between the bins."""
    t = np.arange(48000) / 48000.0
    tones = ((1.0, 1003.7), (0.5, 4321.1), (0.1, 9876.5))
    x = sum(a * np.sin(2 * np.pi * f * t) for a, f in tones)
    frequencies, psd = scipy.signal.welch(x, fs=48000, nperseg=4096)
    result = bench.compute("peaks", x.astype(np.float32), "--fs", "48000", "--nperseg", "4096",
                           "--top", "3", "--prominence", "1e-6")
    bins, _ = scipy.signal.find_peaks(psd, prominence=1e-6)
    want = strongest(psd, bins.tolist(), 3)
    got = result["data"][0]
    assert got[:, 0].tolist() == want
    np.testing.assert_allclose(got[:, 1], psd[want], rtol=2e-6)
    np.testing.assert_allclose(got[:, 2], [1003.7, 4321.1, 9876.5], atol=0.1 * 48000 / 4096)
