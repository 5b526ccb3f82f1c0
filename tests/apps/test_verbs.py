"""Every verb answers: a table without flags, help with an example, and what there is to know."""

import json

import numpy as np
import pytest

VERBS = ("psd", "peaks", "mel", "fft", "profiles", "doctor")


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_every_verb_has_an_example(here, verb):
    text = here.run(verb, "--help").text
    assert "Example" in text and f"papilio {verb}" in text


@pytest.mark.parametrize("verb", VERBS[:4])
def test_help_offers_what_the_verb_takes(here, verb):
    text = here.run(verb, "--help").text
    assert "Excludes" not in text and "opposite of" not in text
    assert ("skip" in text.split("--nonfinite")[1].split("--dtype")[0]) == (verb in VERBS[:2])


def test_help_lists_all_verbs(here):
    text = here.run("--help").text
    assert all(f"  {verb} " in text for verb in VERBS)


def test_no_arguments_is_a_usage_error_with_help(here):
    assert "Usage: papilio VERB" in here.run(code=2).error


def test_version_says_what_this_build_is(here):
    lines = dict(line.split(maxsplit=1) for line in here.run("--version").text.splitlines())
    assert set(lines) == {"papilio", "commit", "compiler", "isa", "devices"}
    assert "cpu" in lines["devices"] and "scalar" in lines["isa"]


@pytest.mark.parametrize("arguments, words", [
    (("psd",), ("strongest", "1000", "psd of x.wav")),
    (("psd", "--nperseg", "1"), ("segments of 1 sample,",)),
    (("peaks", "-k", "3"), ("rank", "999.97")),
    (("mel", "--like", "whisper"), ("80 bands", "mel of x.wav, as whisper")),
    (("mel", "--like", "whisper", "--n-fft", "512"), ("whisper (modified: n_fft=512)",)),
    (("fft", "--real"), ("magnitude", "8001 complex64")),
])
def test_table_without_output(here, arguments, words):
    text = here.run(arguments[0], here.wav(), *arguments[1:]).text
    assert all(word in text for word in words), text
    assert "\033" not in text and here.names() == ["x.wav"]


def test_the_strongest_bins_are_named_by_their_frequency(here):
    """A range shifts the indices of the data, never what the table says."""
    source = here.wav()
    for flags in ((), ("--fmin", "500"), ("--fmax", "3000"), ("--fmin", "950", "--fmax", "1050")):
        lines = here.run("psd", source, *flags).text.splitlines()
        at = next(i for i, line in enumerate(lines) if line.split()[:2] == ["strongest", "Hz"])
        assert lines[at + 1].split()[:2] == ["1", "1000"], (flags, lines)


def test_peaks_finds_the_tone(here):
    here.run("peaks", here.wav(seconds=2.0), "-k", "1", "-o", "p.npz")
    peak = here.npz("p.npz")["data"][0, 0]
    assert abs(peak[2] - 1000.0) < 1.0


def test_mel_without_like_lists_the_profiles(here):
    error = here.run("mel", here.wav(), code=2).error
    assert all(name in error for name in ("whisper", "librosa", "torchaudio", "kaldi", "rlx"))


def test_profiles_of_a_verb(here):
    text = here.run("profiles", "--verb", "mel").text
    assert "whisper" in text and "scipy" not in text
    names = [entry["name"] for entry in json.loads(here.run("profiles", "--json").text)]
    assert names[:2] == ["scipy", "mne"] and "kaldi" in names


def test_profile_by_name(here):
    definition = json.loads(here.run("profiles", "kaldi", "--json", "--fs", "8000").text)
    assert definition["schema"] == "papilio.definition" and definition["profile"] == "kaldi"
    assert definition["options"]["win_length"] == 200
    assert "n_mels" in here.run("profiles", "whisper").text


def test_doctor_passes_and_names_its_checks(here):
    assert "agree with the reference" in here.run("doctor").text
    report = json.loads(here.run("doctor", "--json").text)
    assert report["passed"] and len(report["self_test"]) >= 5
    assert all(check["error"] < 1e-6 for check in report["self_test"])


def test_color_only_on_a_terminal(here):
    assert "\033" not in here.run("psd", here.wav(), env={"TERM": "xterm"}).text


@pytest.mark.parametrize("verb, flags", [("psd", ()), ("peaks", ("-k", "1")), ("fft", ()),
                                         ("mel", ("--like", "torchaudio"))])
def test_reference_device_agrees(here, verb, flags):
    source = here.wav(seconds=0.3)
    here.run(verb, source, *flags, "-o", "a.npz")
    here.run(verb, source, *flags, "-o", "b.npz", "--device", "reference")
    fast, reference = here.npz("a.npz"), here.npz("b.npz")
    assert reference["meta"]["device"] == "reference" and reference["meta"]["isa"] is None
    error = np.linalg.norm(fast["data"] - reference["data"])
    assert error <= 1e-6 * np.linalg.norm(reference["data"])
