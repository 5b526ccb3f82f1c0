"""--like: a definition goes round through files and gives the same bits."""

import json

import pytest

from cli import RATE, signal

CASES = {
    "psd": ("--like", "mne", "--nperseg", "500", "--window", "kaiser:8.6", "--fmin", "100.1",
            "--average", "median", "--db"),
    "peaks": ("-k", "3", "--height", "1e-9", "--min-distance", "33.3", "--detrend", "linear"),
    "mel": ("--like", "kaldi", "--n-mels", "40", "--preemphasis", "0.1", "--range", "7.7",
            "--log", "log10"),
}


@pytest.mark.parametrize("verb", CASES)
@pytest.mark.parametrize("kind", ["npz", "json"])
def test_result_files(here, verb, kind):
    source = here.wav()
    here.run(verb, source, *CASES[verb], "-o", f"a.{kind}")
    here.run(verb, source, "--like", f"a.{kind}", "-o", f"b.{kind}")
    assert (here / f"a.{kind}").read_bytes() == (here / f"b.{kind}").read_bytes()


@pytest.mark.parametrize("verb, name", [("psd", "scipy"), ("psd", "rlx:full"), ("mel", "whisper"),
                                        ("mel", "torchaudio"), ("peaks", "mne")])
def test_definition_files(here, verb, name):
    source = here.wav()
    text = here.run("profiles", name, "--verb", verb, "--json", "--fs", RATE).text
    (here / "d.json").write_text(text)
    here.run(verb, source, "--like", "d.json", "-o", "a.npz")
    here.run(verb, source, "--like", name, "-o", "b.npz")
    assert (here / "a.npz").read_bytes() == (here / "b.npz").read_bytes()


def title(here, *flags):
    here.run("mel", here.wav(), *flags, "-o", "t.npz")
    return here.npz("t.npz")["meta"]["title"]


def test_titles(here):
    assert title(here, "--like", "whisper") == "whisper"
    assert title(here, "--like", "whisper", "--n-fft", "512") == "whisper (modified: n_fft=512)"
    assert title(here, "--like", "t.npz") == "whisper (modified: n_fft=512)"
    assert title(here, "--like", "t.npz", "--n-fft", "400") == "whisper"
    assert title(here, "--like", "whisper", "--fmax", "8000") == "whisper"


def test_range_maximum(here):
    here.run("mel", here.wav(), "--like", "whisper", "--range-max", "fixed:-1.5", "-o", "r.npz")
    options = here.npz("r.npz")["meta"]["definition"]["options"]
    assert options["range_max"] == "fixed" and options["range_fixed"] == -1.5


def test_lengths_that_a_profile_derives(here):
    def options(*flags):
        here.run("mel", here.wav(), *flags, "-o", "r.npz")
        return here.npz("r.npz")["meta"]["definition"]["options"]

    assert options("--like", "librosa", "--n-fft", "1024")["win_length"] == 1024
    assert options("--like", "torchaudio", "--n-fft", "512")["hop_length"] == 256
    assert options("--like", "kaldi", "--win-length", "600")["n_fft"] == 1024
    assert options("--like", "librosa", "--log", "db")["range"] == 80
    assert options("--like", "librosa", "--log", "db", "--range", "60")["range"] == 60


def test_definition_brings_its_rate_along(here):
    here.run("psd", here.wav(), "-o", "a.npz")
    here.npy(signal(2000))
    here.run("psd", "x.npy", "--like", "a.npz", "-o", "b.npz")
    assert here.npz("b.npz")["meta"]["fs"] == RATE
    done = here.run("psd", "x.npy", "--fs", "8000", "--like", "a.npz", "-o", "c.npz")
    assert "ran at 16000 Hz, the input has 8000" in done.error


def test_fft_definition_from_a_result(here):
    here.run("fft", here.npy(signal(1000)), "--real", "-n", "600", "--norm", "ortho", "-o", "a.npz")
    for kind in ("npz", "json"):
        here.run("fft", "x.npy", "--real", "-n", "600", "--norm", "ortho", "-o", f"a.{kind}")
        here.run("fft", "x.npy", "--like", f"a.{kind}", "-o", f"b.{kind}")
        assert (here / f"a.{kind}").read_bytes() == (here / f"b.{kind}").read_bytes()
    here.run("fft", "x.npy", "--like", "a.npz", "-n", "500", "-o", "c.npz")
    options = here.npz("c.npz")["meta"]["definition"]["options"]
    assert options["n"] == 500 and options["real"] and options["norm"] == "ortho"


def test_psd_definition_serves_peaks(here):
    here.run("psd", here.wav(), "--nperseg", "300", "-o", "a.npz")
    here.run("peaks", "x.wav", "--like", "a.npz", "-o", "b.npz")
    assert here.npz("b.npz")["meta"]["definition"]["options"]["nperseg"] == 300
    here.fails("mel", "x.wav", "--like", "a.npz", code=1, words=("defines psd, not mel",))


@pytest.mark.parametrize("text, words", [
    ("{", ("d.json", "ends too early, in line 1, column 2")),
    ('{\n  "schema": ,', ("d.json", "line 2, column 13")),
    ("[]", ("[definition]",)),
    ('{"schema": "papilio.definition"}', ("lacks",)),
])
def test_bad_definition_files(here, text, words):
    (here / "d.json").write_text(text)
    here.fails("psd", here.wav(), "--like", "d.json", code=1, words=words)


def test_unknown_key_of_a_definition(here):
    definition = json.loads(here.run("profiles", "scipy", "--json").text)
    definition["options"]["npersg"] = 3
    (here / "d.json").write_text(json.dumps(definition))
    here.fails("psd", here.wav(), "--like", "d.json", code=1, words=("npersg", "nperseg"))


def test_librosas_decibels_without_their_range(here):
    flags = ("--like", "librosa", "--log", "db")
    assert title(here, *flags) == "librosa (modified: log=db, range=80)"
    assert title(here, *flags, "--range", "none") == "librosa (modified: log=db)"
    assert title(here, "--like", "whisper", "--range", "none") == "whisper (modified: range=none)"
