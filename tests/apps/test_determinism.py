"""The same input gives the same bytes, whatever the threads and the chunks."""

import random

import numpy as np
import pytest

from cli import RATE, signal

COMMANDS = {
    "psd": (),
    "psd-odd": ("--nperseg", "501", "--noverlap", "77", "--detrend", "linear"),
    "psd-max": ("--average", "max"),
    "psd-median": ("--average", "median", "--nperseg", "120"),
    "psd-segments": ("--like", "rlx:fast"),
    "psd-bands": ("--band", "a=50:3000"),
    "psd-skip": ("--nonfinite", "skip"),
    "peaks": ("-k", "5"),
    "mel-whisper": ("--like", "whisper"),
    "mel-kaldi": ("--like", "kaldi", "--no-snip-edges"),
    "mel-librosa": ("--like", "librosa", "--log", "db"),
    "mel-pad": ("--like", "torchaudio", "--pad-to", "0.5"),
    "fft": ("--real",),
}


def outputs(here, name, source, **options):
    verb = name.split("-")[0]
    rate = () if source.endswith(".wav") else ("--fs", RATE)
    here.run(verb, source, *rate, *COMMANDS[name], *options.get("flags", ()), "--html", "r.html",
             "-o", "r.npz", "--quiet", env=options.get("env"))
    return (here / "r.npz").read_bytes(), (here / "r.html").read_bytes()


@pytest.mark.parametrize("name", COMMANDS)
def test_threads(here, name):
    source = here.npy(signal(16000, 19))
    results = {outputs(here, name, source, flags=("--threads", n))[0] for n in range(1, 9)}
    assert len(results) == 1


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("kind", ["wav", "npy"])
def test_chunks(here, name, kind):
    x = signal(5000, 3)
    if "skip" in name or "whisper" not in name:
        x[1, 2500] = np.nan
    source = here.wav(seconds=0.3, channels=2) if kind == "wav" else here.npy(x)
    whole = outputs(here, name, source)
    rng = random.Random(1)
    for chunk in (1, 2, 63, 501, 4999, rng.randrange(2, 5000), rng.randrange(2, 5000)):
        assert outputs(here, name, source, env={"PAPILIO_CHUNK": str(chunk)}) == whole, chunk


def test_chunks_of_resampled_audio(here):
    source = here.wav(seconds=0.5, rate=44100, channels=2)
    flags = ("--like", "whisper", "--resample", "16000", "-o", "r.npz")
    results = set()
    for chunk in ("1", "77", "4096", "1000000"):
        here.run("mel", source, *flags, env={"PAPILIO_CHUNK": chunk})
        results.add((here / "r.npz").read_bytes())
    assert len(results) == 1


def test_runs_and_folders(here):
    source = here.wav()
    for verb, flags in (("psd", ()), ("peaks", ()), ("mel", ("--like", "librosa"))):
        for kind in ("npz", "json", "csv"):
            here.run(verb, source, *flags, "-o", f"a.{kind}")
            here.run(verb, source, *flags, "-o", f"b.{kind}")
            assert (here / f"a.{kind}").read_bytes() == (here / f"b.{kind}").read_bytes()


def test_rows_do_not_know_each_other(here):
    x = signal(6000, 40, seed=3)
    x[::2] *= 1e-6
    here.run("psd", here.npy(x), "--fs", "1", "-o", "all.npy")
    together = np.load(here / "all.npy")
    for row in (0, 1, 7, 39):
        here.run("psd", here.npy(x[row:row + 1], "one.npy"), "--fs", "1", "-o", "one_r.npy")
        assert np.array_equal(np.load(here / "one_r.npy")[0], together[row]), row
