"""Every kind of every verb, all holding the same result."""

import csv
import io
import json

import numpy as np
import pytest

from cli import RATE, signal

COMMANDS = {
    "psd": ("--fs", RATE),
    "peaks": ("--fs", RATE, "-k", "4"),
    "mel": ("--fs", RATE, "--like", "torchaudio", "--n-mels", "8"),
    "fft": ("--fs", RATE, "-n", "20", "--real"),
}
COLUMNS = {
    "psd": "file,row,name,time_s,frequency_hz,power",
    "peaks": "file,row,name,time_s,rank,bin,frequency_hz,power,peak_power,flag",
    "mel": "file,row,name,time_s,mel_frequency_hz,value",
    "fft": "file,row,name,bin,frequency_hz,re,im",
}
SHAPES = {"psd": (2, 3, 129), "peaks": (2, 3, 4, 4), "mel": (2, 3, 8, 21), "fft": (2, 3, 11)}


def make(here):
    return here.npy(signal(4000, 6).reshape(2, 3, 4000))


@pytest.mark.parametrize("verb", COMMANDS)
def test_kinds_agree(here, verb):
    source = make(here)
    for kind in ("npz", "npy", "json", "csv"):
        here.run(verb, source, *COMMANDS[verb], "-o", f"r.{kind}", "--quiet")
    result = here.npz("r.npz")
    data = result["data"]
    assert data.shape == SHAPES[verb]
    assert np.array_equal(np.load(here / "r.npy"), data, equal_nan=True)

    loaded = json.loads((here / "r.json").read_text())
    assert loaded["meta"] == result["meta"]
    values = np.array(loaded["data"], dtype=float)
    if verb == "fft":
        values = values[..., 0] + 1j * values[..., 1]
    assert np.array_equal(values.astype(data.dtype), data, equal_nan=True)

    lines = (here / "r.csv").read_text().splitlines()
    assert lines[0] == COLUMNS[verb]
    assert len(lines) - 1 == data.size // (4 if verb == "peaks" else 1)


@pytest.mark.parametrize("verb", COMMANDS)
def test_record_says_how(here, verb):
    here.run(verb, make(here), *COMMANDS[verb], "-o", "r.npz")
    meta = here.npz("r.npz")["meta"]
    assert meta["schema"] == "papilio.result" and meta["version"] == 1
    assert meta["papilio_version"] and meta["papilio_commit"] and meta["verb"] == verb
    assert meta["input"] == "x.npy" and meta["fs"] == RATE and meta["channels"] == 6
    assert meta["samples_used"] + meta["samples_dropped"] == meta["samples"] == 4000
    assert meta["device"] == "cpu" and meta["isa"] and meta["warnings"] == []
    assert meta["definition"]["schema"] == "papilio.definition" and "stamp" not in meta


def test_axes(here):
    source = make(here)
    here.run("psd", source, *COMMANDS["psd"], "--fmin", "500", "--fmax", "2000", "-o", "p.npz")
    psd = here.npz("p.npz")
    step = RATE / 256
    assert np.array_equal(psd["frequencies"], np.arange(8, 33) * step)
    assert psd["data"].shape[-1] == 25 and psd["names"].shape == psd["flags"].shape == (6,)
    here.run("mel", source, *COMMANDS["mel"], "-o", "m.npz", "--start", "0.05")
    mel = here.npz("m.npz")
    assert mel["mel_frequencies"].shape == (8,)
    assert mel["times"][0] == 0.05 and np.isclose(np.diff(mel["times"]), 200 / RATE).all()


def test_peaks_fields_and_count(here):
    here.run("peaks", here.npy(signal(4000)), "--fs", RATE, "--height", "-10dB", "-o", "p.npz",
             "--scaling", "spectrum")
    peaks = here.npz("p.npz")
    assert peaks["count"].tolist() == [1]
    found, empty = peaks["data"][0, 0], peaks["data"][0, 1:]
    assert found[0] == 16 and abs(found[2] - 1000) < 2 and 0.3 < found[3] < 0.6
    assert (empty[:, 0] == -1).all() and np.isnan(empty[:, 1:]).all()


def test_json_line_has_null_for_nan(here):
    x = signal(1000, 2)
    x[1, 5] = np.nan
    done = here.run("psd", here.npy(x), "--fs", "1", "--json")
    line = json.loads(done.text, parse_constant=lambda word: pytest.fail(word))
    assert done.text.count("\n") == 1
    assert line["data"][1] == [None] * 129 and line["flags"] == ["", "nonfinite:5"]


def test_output_to_stdout(here):
    source = here.wav()
    here.run("psd", source, "-o", "a.npy")
    piped = here.run("psd", source, "-o", "-", "--kind", "npy", binary=True)
    assert piped.text == (here / "a.npy").read_bytes()
    text = here.run("peaks", source, "-o", "-", "--kind", "csv", "-k", "2").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["rank"] for row in rows] == ["1", "2"] and rows[0]["file"] == "x.wav"


def test_kind_overrules_the_ending(here):
    here.run("psd", here.wav(), "-o", "a.dat", "--kind", "json")
    assert json.loads((here / "a.dat").read_text())["meta"]["verb"] == "psd"


def test_decibels(here):
    source = here.wav()
    here.run("psd", source, "-o", "a.npz", "--units", "V")
    here.run("psd", source, "-o", "b.npz", "--units", "V", "--db")
    linear, level = here.npz("a.npz"), here.npz("b.npz")
    assert np.allclose(level["data"], 10 * np.log10(linear["data"]), rtol=0, atol=1e-4)
    assert linear["meta"]["unit"] == "V^2/Hz" and level["meta"]["unit"] == "dB re V^2/Hz"
    assert level["meta"]["db"] and not linear["meta"]["db"]
    here.run("peaks", source, "-k", "2", "-o", "c.npy", "--db")
    here.run("peaks", source, "-k", "2", "-o", "d.npy")
    level, linear = np.load(here / "c.npy"), np.load(here / "d.npy")
    assert np.array_equal(level[..., ::2], linear[..., ::2])
    assert np.allclose(level[..., 1::2], 10 * np.log10(linear[..., 1::2]), rtol=0, atol=1e-4)


def test_compute_type_follows_the_input(here):
    for dtype, flags, expected in (("f4", (), "float32"), ("f8", (), "float64"),
                                   ("i2", (), "float32"), ("i2", ("--dtype", "f64"), "float64")):
        source = here.npy((signal(2000) * 100).astype(dtype))
        here.run("psd", source, "--fs", "1", "-o", "r.npz", *flags)
        result = here.npz("r.npz")
        assert result["data"].dtype == expected and result["meta"]["dtype"] == expected


def test_samples_used_are_those_that_were_read(here):
    def facts(*arguments):
        here.run(*arguments, "-o", "r.npz", "--quiet")
        meta = here.npz("r.npz")["meta"]
        assert meta["samples_used"] + meta["samples_dropped"] == meta["samples"]
        return meta["samples_used"]

    source = here.wav(seconds=1.0)
    for like in ("whisper", "kaldi", "librosa", "torchaudio"):
        assert 7500 < facts("mel", source, "--like", like, "--pad-to", "0.5") <= 8000
        assert facts("mel", source, "--like", like, "--pad-to", "2") <= 16000
    spectrum = here.npy(np.zeros((1, 501), np.complex64), "s.npy")
    assert facts("fft", spectrum, "--real", "--inverse") == 501
    assert facts("fft", spectrum, "--real", "--inverse", "-n", "600") == 301
    assert facts("fft", spectrum, "--inverse", "-n", "300") == 300
    assert facts("fft", spectrum, "-n", "900") == 501


@pytest.mark.parametrize("verb", ["psd", "peaks"])
def test_csv_time_is_where_the_samples_begin(here, verb):
    here.run(verb, here.wav(), "--start", "0.5", "--duration", "0.25", "-o", "r.csv")
    with open(here / "r.csv", newline="") as file:
        assert {row["time_s"] for row in csv.DictReader(file)} == {"0.5"}
    here.run(verb, "x.wav", "-o", "r.csv")
    with open(here / "r.csv", newline="") as file:
        assert {row["time_s"] for row in csv.DictReader(file)} == {"0"}


def test_default_top_fits_a_short_spectrum(here):
    def top(*flags):
        here.run("peaks", here.wav(), *flags, "-o", "r.npz")
        return here.npz("r.npz")["data"].shape[1]

    assert top("--nperseg", "16") == 9 and top("--nperseg", "64") == 16
    here.npy(signal(1000).astype(np.complex64), "z.npy")
    here.run("peaks", "z.npy", "--fs", "1", "--nperseg", "14", "-o", "z.npz")
    assert here.npz("z.npz")["data"].shape[1] == 14
    here.npy(signal(20), "short.npy")
    here.run("peaks", "short.npy", "--fs", "1", "--like", "scipy", "-o", "s.npz")
    assert here.npz("s.npz")["data"].shape[1] == 11
    here.fails("peaks", "x.wav", "--nperseg", "16", "-k", "16", code=1, words=("9 bins",))


def test_stamp_only_on_request(here):
    here.run("psd", here.wav(), "-o", "a.npz", "--stamp")
    assert here.npz("a.npz")["meta"]["stamp"].endswith("Z")
