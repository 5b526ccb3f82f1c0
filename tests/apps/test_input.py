"""What of an input is used: rates, units, channels, times, non-finite samples, resampling."""

import numpy as np
import pytest

from cli import RATE, signal


def psd(here, source, *flags, verb="psd"):
    here.run(verb, source, *flags, "-o", "r.npz", "--quiet")
    return here.npz("r.npz")


def test_channels_mono_start_and_duration(here):
    x = signal(8000, 3)
    whole = here.npy(x)
    part = here.npy(x[[2, 0], 1600:4800], "part.npy")
    got = psd(here, whole, "--fs", RATE, "--channels", "2,0", "--start", "0.1", "--duration", "0.2")
    assert np.array_equal(got["data"], psd(here, part, "--fs", RATE)["data"])
    assert got["names"].tolist() == ["ch2", "ch0"] and got["meta"]["first_sample"] == 1600
    mono = psd(here, whole, "--fs", RATE, "--mono")["data"]
    mean = here.npy(x.mean(0, dtype=np.float64).astype(np.float32), "mean.npy")
    assert np.allclose(mono, psd(here, mean, "--fs", RATE)["data"], rtol=1e-5)


def test_scale_and_force_fs(here):
    source = here.npy((signal(4000) * 1000).astype(np.int16))
    raw = psd(here, source, "--fs", RATE)["data"]
    scaled = psd(here, source, "--fs", RATE, "--scale", "1/1024")["data"]
    assert np.allclose(scaled * 1024.0**2, raw, rtol=1e-6)
    forced = psd(here, here.wav(), "--fs", "8000", "--force-fs")
    assert forced["meta"]["fs"] == 8000 and forced["frequencies"][-1] == 4000


def test_time_axis(here):
    x = signal(2000, 3)
    here.npy(x)
    here.npy(np.asfortranarray(x.T), "t.npy")
    flags = ("--fs", RATE)
    turned = psd(here, "t.npy", *flags, "--time-axis", "0")["data"]
    assert np.array_equal(turned, psd(here, "x.npy", *flags)["data"])


def test_one_dimensional_input_is_one_row(here):
    assert psd(here, here.npy(signal(1000)[0]), "--fs", "1")["data"].shape == (1, 129)


def test_csv_with_time_and_names(here):
    t = np.arange(500) / 250
    left, right = np.sin(2 * np.pi * 50 * t), np.cos(2 * np.pi * 20 * t)
    lines = ["time;left;right"] + [f"{a:.6f};{b:.17g};{c:.17g}" for a, b, c in zip(t, left, right)]
    (here / "x.csv").write_text("\n".join(lines))
    got = psd(here, "x.csv", verb="peaks")
    assert abs(got["meta"]["fs"] - 250) < 0.01 and got["names"].tolist() == ["left", "right"]
    assert got["data"].dtype == np.float64
    assert np.allclose(got["data"][:, 0, 2], [50, 20], atol=0.1)


def test_resampling_is_recorded(here):
    got = psd(here, here.wav(rate=48000), "--like", "whisper", "--resample", "16000", verb="mel")
    assert got["meta"]["resampling"] == {"from": 48000, "to": 16000, "by": "soxr HQ"}
    assert got["data"].shape == (1, 80, 100)


def test_nonfinite_rows_are_flagged_and_others_untouched(here):
    x = signal(4000, 3)
    clean = psd(here, here.npy(x), "--fs", RATE)["data"]
    x[1, 1234] = np.nan
    here.npy(x)
    done = here.run("psd", "x.npy", "--fs", RATE, "-o", "r.npz")
    got = here.npz("r.npz")
    assert np.isnan(got["data"][1]).all() and np.array_equal(got["data"][::2], clean[::2])
    assert got["flags"].tolist() == ["", "nonfinite:1234", ""]
    assert done.error.count("\n") == 1 and "1 of 3 rows" in done.error and "ch1" in done.error
    assert len(got["meta"]["warnings"]) == 1
    peaks = psd(here, "x.npy", "--fs", RATE, verb="peaks")
    assert peaks["count"][1] == 0 and (peaks["count"][::2] > 0).all()
    mel = psd(here, "x.npy", "--fs", RATE, "--like", "torchaudio", verb="mel")
    assert np.isnan(mel["data"][1]).all() and np.isfinite(mel["data"][::2]).all()
    fft = psd(here, "x.npy", verb="fft")
    assert fft["flags"].tolist()[1] == "nonfinite:1234" and np.isfinite(fft["data"][::2]).all()


@pytest.mark.parametrize("verb, factor", [("psd", 1e38), ("peaks", 5e17), ("fft", 1e38)])
def test_results_beyond_the_compute_type_are_flagged(here, verb, factor):
    x = signal(4000, 2)
    x[1] *= factor
    done = here.run(verb, here.npy(x), "--fs", RATE, "-o", "r.npz")
    got = here.npz("r.npz")
    assert got["flags"].tolist() == ["", "overflow"]
    assert not np.isnan(got["data"][..., 1]).any() or verb == "peaks"
    assert "beyond f" in done.error and "--dtype f64" in done.error
    here.run(verb, "x.npy", "--fs", RATE, "--dtype", "f64", "-o", "r.npz")
    assert here.npz("r.npz")["flags"].tolist() == ["", ""]


@pytest.mark.parametrize("flags", [(), ("--mode", "bins"), ("--min-distance", "100")])
def test_a_spectrum_that_overflows_everywhere_is_flagged(here, flags):
    x = signal(4000, 3)
    x[1] *= 1e36
    done = here.run("peaks", here.npy(x), "--fs", RATE, *flags, "-o", "r.npz")
    got = here.npz("r.npz")
    assert got["flags"].tolist() == ["", "overflow", ""]
    assert "beyond f" in done.error and (got["count"][::2] > 0).all()


def test_nonfinite_skip_leaves_out_segments(here):
    x = signal(4096)
    x[0, 1000] = np.inf
    got = psd(here, here.npy(x), "--fs", RATE, "--noverlap", "0", "--nonfinite", "skip")
    assert np.isfinite(got["data"]).all() and got["flags"].tolist() == ["nonfinite:1000 skipped:1"]
    rest = np.delete(x, np.s_[768:1024], axis=1)
    want = psd(here, here.npy(rest), "--fs", RATE, "--noverlap", "0")["data"]
    assert np.allclose(got["data"], want, rtol=2e-6)


def test_complex_input_is_two_sided(here):
    t = np.arange(8192)
    x = np.exp(-2j * np.pi * 0.125 * t).astype(np.complex64)[None]
    got = psd(here, here.npy(x), "--fs", "8")
    assert got["data"].shape == (1, 256) and got["frequencies"][128] == -4
    assert got["frequencies"][got["data"][0].argmax()] == -1


def test_fft_round_trip(here):
    x = signal(1001, 2)
    here.run("fft", here.npy(x), "--real", "-o", "s.npy")
    here.run("fft", "s.npy", "--real", "--inverse", "-n", "1001", "-o", "b.npy")
    assert np.allclose(np.load(here / "b.npy"), x, atol=2e-6)
    assert np.allclose(np.load(here / "s.npy"), np.fft.rfft(x), atol=1e-3)


@pytest.mark.parametrize("resolution, nperseg", [(50, 320), (7, 2304), (16000, 1), (3.1, 5184)])
def test_resolution_gives_the_next_smooth_length(here, resolution, nperseg):
    got = psd(here, here.wav(), "--resolution", resolution)
    assert got["meta"]["definition"]["options"]["nperseg"] == nperseg


def test_window_from_a_file(here):
    window = np.hanning(257)[:-1]
    here.npy(window, "w.npy")
    source = here.wav()
    assert np.allclose(psd(here, source, "--window", "w.npy")["data"],
                       psd(here, source, "--window", "hann")["data"], rtol=1e-5)
    here.fails("psd", source, "--window", "w.npy", "--nperseg", "300", code=2, words=("256",))
