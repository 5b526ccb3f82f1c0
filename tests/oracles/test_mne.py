"""`papilio psd --like mne` against mne.time_frequency.psd_array_welch."""

import mne
import numpy as np
import pytest

from errors import expect_rows
from program import flags_of


@pytest.mark.parametrize("seed", range(30))
def test_random_settings(bench, seed):
    rng = np.random.default_rng(seed)
    kind = (np.float32, np.float64)[seed % 2]
    fs = float(rng.choice([100.0, 256.0, 1000.0]))
    nperseg = int(rng.choice([64, 100, 256]))
    n_fft = int(rng.choice([nperseg, nperseg + 50, 256 if nperseg < 256 else 300]))
    overlap = int(rng.choice([0, nperseg // 2, nperseg - 1]))
    average = str(rng.choice(["mean", "median"]))
    x = rng.standard_normal((int(rng.integers(1, 5)), n_fft + int(rng.integers(0, 4000)))) + 3.0
    x = x.astype(kind)
    want, frequencies = mne.time_frequency.psd_array_welch(
        x.astype(np.float64), fs, n_fft=n_fft, n_per_seg=nperseg, n_overlap=overlap,
        average=average, verbose="error")
    result = bench.compute("psd", x, "--like", "mne", *flags_of(
        fs=fs, nperseg=nperseg, n_fft=n_fft, noverlap=overlap, average=average))
    np.testing.assert_allclose(result["frequencies"], frequencies, rtol=1e-14)
    expect_rows(result["data"], want, 1e-14 if kind == np.float64 else 1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_random_ranges(bench, seed):
    rng = np.random.default_rng(100 + seed)
    kind = (np.float32, np.float64)[seed % 2]
    fs = float(rng.choice([100.0, 250.0, 1000.0]))
    nperseg = int(rng.choice([64, 75, 256]))
    n_fft = nperseg + int(rng.choice([0, 31, 150]))
    average = str(rng.choice(["mean", "median"]))
    low = float(rng.uniform(0, fs / 4)) if seed % 4 else 0.0
    high = float(rng.uniform(low + 2 * fs / n_fft, fs / 2)) if seed % 3 else np.inf
    x = (rng.standard_normal((3, n_fft + int(rng.integers(0, 3000)))) - 2.0).astype(kind)
    want, frequencies = mne.time_frequency.psd_array_welch(
        x.astype(np.float64), fs, fmin=low, fmax=high, n_fft=n_fft, n_per_seg=nperseg,
        average=average, verbose="error")
    result = bench.compute("psd", x, "--like", "mne", *flags_of(
        fs=fs, nperseg=nperseg, n_fft=n_fft, average=average, fmin=low,
        fmax=None if np.isinf(high) else high))
    np.testing.assert_allclose(result["frequencies"], frequencies, rtol=1e-14)
    expect_rows(result["data"], want, 1e-14 if kind == np.float64 else 1e-6)


def test_defaults_and_range(bench):
    x = np.random.default_rng(99).standard_normal((3, 2000)).astype(np.float32)
    want, frequencies = mne.time_frequency.psd_array_welch(
        x.astype(np.float64), 250.0, fmin=5.0, fmax=40.0, verbose="error")
    result = bench.compute("psd", x, "--like", "mne", "--fs", "250", "--fmin", "5", "--fmax", "40")
    np.testing.assert_allclose(result["frequencies"], frequencies, rtol=1e-14)
    expect_rows(result["data"], want, 1e-6)
    assert result["meta"]["definition"]["profile"] == "mne"
