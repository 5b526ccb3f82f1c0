"""`--resample` against PyPI's soxr (quality HQ), seen through an unscaled transform and back."""

import numpy as np
import pytest
import soxr

RATES = ((48000, 16000), (44100, 16000), (16000, 44100), (8000, 16000), (22050, 16000),
         (96000, 44100), (16000, 15999))


@pytest.mark.parametrize("given,wanted", RATES)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_as_soxr(bench, given, wanted, kind):
    rng = np.random.default_rng(given + wanted)
    t = np.arange(given // 2 + 17) / given
    x = 0.5 * np.sin(2 * np.pi * 700 * t) + 0.1 * rng.standard_normal((2, t.size))
    x = x.astype(kind)
    want = np.stack([soxr.resample(row, given, wanted, quality="HQ") for row in x])
    result = bench.compute("fft", x, "--fs", given, "--resample", wanted, "--dtype", "f64")
    got = np.fft.ifft(result["data"]).real
    assert got.shape == want.shape
    assert np.abs(got - want).max() <= 1e-5
    assert "resampl" in str(result["meta"]).lower()
