"""--html: one self-contained page of bounded size."""

import re

import numpy as np
import pytest

from cli import RATE, signal

CASES = {
    "psd": ("--units", "V"),
    "psd-complex": (),
    "psd-segments": ("--like", "rlx:fast"),
    "psd-shrunk": ("--like", "scipy", "--nperseg", "60000"),
    "psd-median": ("--average", "median", "--scaling", "spectrum"),
    "psd-skip": ("--nonfinite", "skip"),
    "peaks": ("-k", "5", "--fmin", "200", "--fmax", "3000"),
    "peaks-bins": ("--mode", "bins", "-k", "3"),
    "mel": ("--like", "whisper"),
    "mel-power": ("--like", "librosa",),
    "mel-frames": ("--like", "kaldi"),
    "psd-complex-around-zero": ("--fmin", "-500", "--fmax", "800"),
    "peaks-complex-around-zero": ("--fmin", "-500", "--fmax", "800"),
    "fft": (),
    "fft-real": ("--real", "-n", "5000"),
    "fft-complex-inverse": ("--inverse",),
}


@pytest.mark.parametrize("name", CASES)
def test_page(here, name):
    x = signal(20000, 2)
    if name == "psd-skip":
        x[1, 777] = np.nan
    source = here.npy(x.astype(np.complex64) if "complex" in name else x)
    here.run(name.split("-")[0], source, "--fs", RATE, *CASES[name], "--html", "p.html", "--quiet")
    page = (here / "p.html").read_text()
    assert page.startswith("<!") and page.rstrip().endswith("</html>") and len(page) < 6_000_000
    assert "papilio.definition" in page and "Processor" in page and "x.npy" in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page)


def test_long_input_is_reduced(here):
    here.npy(signal(4_000_000))
    here.run("psd", "x.npy", "--fs", RATE, "--nperseg", "4096", "--html", "p.html")
    assert (here / "p.html").stat().st_size < 6_000_000
    assert "Reduced" in (here / "p.html").read_text()


def test_many_rows(here):
    here.npy(signal(1000, 100))
    here.run("peaks", "x.npy", "--fs", RATE, "--html", "p.html", "--quiet")
    assert (here / "p.html").stat().st_size < 6_000_000


def test_hostile_names_are_escaped(here):
    name = "<script>alert(1)</script>.npy"
    (here / "<script>alert(1)<").mkdir()
    here.npy(signal(1000), name)
    here.run("psd", name, "--fs", "1", "--html", "p.html")
    assert "<script>alert" not in (here / "p.html").read_text()
