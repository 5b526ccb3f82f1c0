"""What every verb takes: --version, --, --quiet, --threads, --device."""

import json

import numpy as np
import pytest

VERBS = ("psd", "peaks", "mel", "fft", "profiles", "doctor")


@pytest.mark.parametrize("verb", VERBS)
def test_version_behind_the_verb(here, verb):
    want = here.run("--version").text
    assert here.run(verb, "--version").text == want
    assert here.run(verb, "-V").text == want


@pytest.mark.parametrize("verb", ["psd", "peaks", "fft"])
def test_two_dashes_end_the_flags(here, verb):
    here.wav("--quiet.wav")
    here.run(verb, "-o", "r.npz", "--", "--quiet.wav")
    assert here.npz("r.npz")["meta"]["input"] == "--quiet.wav"
    here.run(verb, "--quiet.wav", code=2)
    here.fails(verb, "--", "--quiet.wav", "-x.wav", code=2,
               words=("one argument too many: '-x.wav'",))
    here.fails(verb, "-x", "--", "--quiet.wav", code=2, words=("unknown flag -x",))
    here.fails(verb, "--", code=2, words=("no INPUT",))


@pytest.mark.parametrize("verb, flags", [("psd", ()), ("peaks", ()), ("fft", ()),
                                         ("mel", ("--like", "whisper"))])
def test_more_threads_than_the_machine_has(here, verb, flags):
    source = here.wav(seconds=3.0, channels=16)
    results = []
    for threads in ("1", "8", "33"):
        name = f"{threads}.npz"
        done = here.run(verb, source, *flags, "--threads", threads, "--quiet", "-o", name)
        assert done.error == "" and done.text == ""
        results.append((here / name).read_bytes())
    assert results[0] == results[1] == results[2]


def test_doctor_tests_the_device_and_the_threads_that_are_asked_for(here):
    report = json.loads(here.run("doctor", "--json", "--threads", "3").text)
    assert report["threads"] == 3 and report["passed"]
    report = json.loads(here.run("doctor", "--json", "--device", "reference").text)
    assert {test["isa"] for test in report["self_test"]} == {"reference"}
    here.fails("doctor", "--device", "cuda", code=1, words=("no CUDA",))
    here.fails("doctor", "--device", "gpu", code=2, words=("--device",))
    done = here.run("doctor", "--quiet")
    assert done.text == "" and done.error == ""


def test_profiles_ignores_no_flag_silently(here):
    assert here.run("profiles", "--quiet").text == here.run("profiles").text
    for flag in ("--threads", "--device"):
        here.fails("profiles", flag, "1", code=2, words=(f"unknown flag {flag}",))


def test_a_page_on_standard_output_is_alone_there(here):
    source = here.wav()
    for verb in ("psd", "fft"):
        here.run(verb, source, "--html", "p.html", "-o", "r.npz")
        page = (here / "p.html").read_text()
        for name in ("-", "/dev/stdout"):
            assert here.run(verb, source, "--html", name).text == page


def test_flags_stand_in_the_table_of_every_verb(here):
    x = np.zeros((2, 4000), np.float32)
    x[1, 17] = np.nan
    source = here.npy(x)
    for verb, *flags in (("psd",), ("peaks",), ("mel", "--like", "librosa"), ("fft",)):
        lines = here.run(verb, source, "--fs", "16000", *flags).text.splitlines()
        assert "ch0" in lines and "ch1 [nonfinite:17]" in lines, verb
