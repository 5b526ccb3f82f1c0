"""--band: absolute and relative power of a range of frequencies."""

import json

import numpy as np
import pytest

from cli import RATE, signal

BANDS = ("--band", "low=0:500", "--band", "tone=900:1100", "--band", "rest=1100:9000")


@pytest.mark.parametrize("scaling", ["density", "spectrum", "none"])
def test_sums_of_the_bins(here, scaling):
    source = here.npy(signal(8000, 4).reshape(2, 2, 8000))
    here.run("psd", source, "--fs", RATE, "--scaling", scaling, *BANDS, "-o", "r.npz")
    r = here.npz("r.npz")
    f, power = r["frequencies"], r["data"].astype(np.float64)
    width = f[1] if scaling == "density" else 1.0
    want = np.stack([power[..., (f >= lo) & (f < hi)].sum(-1) * width
                     for lo, hi in ((0, 500), (900, 1100), (1100, 9000))], -1)
    assert np.allclose(r["band_power"], want, rtol=1e-12)
    total = power.sum(-1, keepdims=True) * width
    assert np.allclose(r["band_relative"], want / total, rtol=1e-12)
    assert r["band_names"].tolist() == ["low", "tone", "rest"]
    assert r["band_power"].shape == (2, 2, 3)


def test_tone_holds_its_mean_square(here):
    here.run("psd", here.npy(signal(16000)), "--fs", RATE, *BANDS, "-o", "r.npz")
    assert abs(here.npz("r.npz")["band_power"][0, 1] - 0.5) < 0.01


def test_everywhere_else(here):
    source = here.wav()
    assert "tone" in here.run("psd", source, *BANDS).text
    line = json.loads(here.run("psd", source, *BANDS, "--json").text)
    assert line["band_names"][1] == "tone" and line["meta"]["bands"][1]["low"] == 900
    here.run("psd", source, *BANDS, "--html", "p.html", "-o", "r.npz")
    assert "tone" in (here / "p.html").read_text()


def test_peaks_sums_the_spectrum_that_it_searches(here):
    source = here.npy(signal(8000, 2))
    flags = ("--fs", RATE, "--nperseg", "512", "--average", "max", *BANDS)
    here.run("psd", source, *flags, "-o", "psd.npz")
    here.run("peaks", source, *flags, "-k", "3", "-o", "peaks.npz", "--html", "p.html")
    psd, peaks = here.npz("psd.npz"), here.npz("peaks.npz")
    for name in ("band_power", "band_relative", "band_names"):
        assert np.array_equal(peaks[name], psd[name]), name
    assert peaks["meta"]["bands"] == psd["meta"]["bands"]
    assert peaks["data"].shape == (2, 3, 4) and "tone" in (here / "p.html").read_text()
    line = json.loads(here.run("peaks", source, *flags, "--json").text)
    assert line["band_power"] == psd["band_power"].tolist()
    assert here.run("peaks", source, *flags).text.count("tone") == 2
    here.fails("peaks", source, *flags, "-o", "r.csv", code=2, words=("[peaks]", ".npz or .json"))
    here.fails("peaks", source, "--fs", RATE, "--band", "a=1:2", code=1,
               words=("[peaks] --band a", "holds no bin"))
