"""Bad input and bad command lines: one line that says what to do, and the exit code."""

import os

import numpy as np
import pytest

from cli import signal

USAGE = [
    (("pds", "x.wav"), ("unknown verb 'pds'", "did you mean psd?")),
    (("x.wav",), ("unknown verb",)),
    (("--frobnicate",), ("--frobnicate",)),
    (("psd",), ("no INPUT",)),
    (("psd", "x.wav", "y.wav"), ("one argument too many", "y.wav")),
    (("psd", "x.wav", "--npersg", "4"), ("--npersg", "did you mean --nperseg?")),
    (("peaks", "x.wav", "--every", "1"), ("unknown flag --every",)),
    (("fft", "x.wav", "--nperseg", "8"), ("unknown flag --nperseg",)),
    (("psd", "x.wav", "--nperseg"), ("--nperseg needs a value",)),
    (("psd", "x.wav", "--nperseg", "8", "--nperseg", "9"), ("--nperseg", "once")),
    (("psd", "x.wav", "--nperseg", "1e3"), ("'1e3' is no whole number",)),
    (("psd", "x.wav", "--nperseg", "9" * 30), ("absurdly large",)),
    (("psd", "x.wav", "--nperseg", "0"), ("nperseg is 0",)),
    (("psd", "x.wav", "--nperseg", "-8"), ("nperseg is -8",)),
    (("psd", "x.wav", "--noverlap", "256"), ("noverlap 256", "255")),
    (("psd", "x.wav", "--nperseg", "64", "--resolution", "5"), ("--resolution", "--nperseg")),
    (("psd", "x.wav", "--resolution", "0"), ("above 0",)),
    (("psd", "x.wav", "--fmin", "nan"), ("'nan' is no finite number",)),
    (("psd", "x.wav", "--fs", "-1"), ("--fs -1 must be above 0",)),
    (("psd", "x.wav", "--start", "-1"), ("--start",)),
    (("psd", "x.wav", "--scale", "0"), ("--scale 0",)),
    (("psd", "x.wav", "--scale", "1/0"), ("'1/0' is no factor",)),
    (("psd", "x.wav", "--window", "hanm"), ("did you mean hann?",)),
    (("psd", "x.wav", "--window", "kaiser"), ("kaiser:8.6",)),
    (("psd", "x.wav", "--detrend", "linar"), ("did you mean linear?",)),
    (("psd", "x.wav", "--like", "scipi"), ("did you mean scipy?",)),
    (("mel", "x.wav", "--like", "wisper"), ("did you mean whisper?",)),
    (("mel", "x.wav", "--like", "scipy"), ("is no profile",)),
    (("mel", "x.wav", "--like", "librosa", "--nonfinite", "skip"), ("--nonfinite skip",)),
    (("mel", "x.wav", "--like", "librosa", "--hop-length", "0"), ("must be 1 or more",)),
    (("mel", "x.wav", "--like", "librosa", "--range-max", "fixed"), ("fixed:V",)),
    (("profiles", "kaldy"), ("did you mean kaldi?",)),
    (("profiles", "--verb", "fft"), ("has no profiles",)),
    (("fft", "x.wav", "-n", "0"), ("-n must be 1 or more",)),
    (("peaks", "x.wav", "-k", "0"), ("--top",)),
    (("peaks", "x.wav", "--height", "3dBm"), ("is no power",)),
    (("psd", "x.wav", "--device", "gpu"), ("unknown", "cpu")),
    (("psd", "x.wav", "--threads", "0"), ("--threads",)),
    (("psd", "x.wav", "--max-memory", "much"), ("is no size",)),
    (("psd", "x.wav", "--band", "alpha=8"), ("NAME=LO:HI",)),
    (("psd", "x.wav", "--band", "a=9:8"), ("LO below HI",)),
    (("psd", "x.wav", "--band", "a=8:9", "-o", "r.csv"), (".npz or .json",)),
    (("psd", "x.wav", "-o", "r.xlsx"), ("tells no kind",)),
    (("psd", "x.wav", "-o", "r.dat", "--kind", "npx"), ("did you mean npz?",)),
    (("psd", "x.wav", "-o", "-"), ("needs --kind",)),
    (("psd", "x.wav", "-o", "-", "--kind", "npz", "--json"), ("-o - and --json",)),
    (("psd", "x.wav", "--kind", "npz"), ("--kind",)),
    (("psd", "x.wav", "-o", "x.wav", "--kind", "npz"), ("is the input itself",)),
    (("psd", "x.wav", "-o", "a.json", "--html", "a.json"), ("same file",)),
    (("psd", "x.wav", "--fmin", "500", "--fmax", "100"), ("swap --fmin and --fmax",)),
    (("peaks", "x.wav", "--fmin", "500", "--fmax", "100"), ("swap --fmin and --fmax",)),
    (("psd", "x.wav", "--start", "1e300"), ("--start 1e+300 s is longer than any recording",)),
    (("psd", "x.wav", "--duration", "1e300"), ("--duration", "longer than any recording")),
    (("psd", "x.wav", "--resolution", "5", "--noverlap", "-1"), ("noverlap -1",)),
    (("psd", "x.wav", "--band", "a=1:9", "--band", "a=2:3"), ("a=2:3", "second time")),
    (("psd", "x.wav", "--band", "a=:9"), ("NAME=LO:HI",)),
    (("psd", "x.wav", "--like", "whisper"), ("no profile of psd but of mel", "scipy")),
    (("psd", "x.wav", "--like", "rlx:fast", "--nperseg", "300"), ("give --nperseg 256",)),
    (("peaks", "x.wav", "--like", "rlx:full", "--nperseg", "200"), ("give --nperseg 256",)),
    (("mel", "x.wav", "--like", "rlx", "--n-fft", "1000"), ("give --n-fft 1024",)),
    (("psd", "x.wav", "--delimiter", ";"), ("--delimiter", "x.wav is read as wav")),
    (("fft", "x.wav", "--time-axis", "0"), ("--time-axis", "x.wav is read as wav")),
    (("fft", "x.wav", "-n", "9" * 15), ("give -n from 1 to",)),
    (("fft", "x.wav", "--like", "whisper"), ("fft has no profiles",)),
    (("fft", "x.wav", "--nonfinite", "skip"), ("fft has none",)),
    (("mel", "x.wav", "--like", "librosa", "--kaldi-scale", "unit"), ("--like kaldi",)),
    (("mel", "x.wav", "--like", "librosa", "--ref", "2"), ("--log db",)),
    (("mel", "x.wav", "--like", "librosa", "--range-max", "frame"), ("of --range",)),
    (("mel", "x.wav", "--like", "kaldi", "--pad-mode", "reflect"), ("not centred",)),
    (("mel", "x.wav", "--like", "whisper", "--no-center", "--pad-mode", "reflect"),
     ("not centred",)),
    (("mel", "x.wav", "--like", "librosa", "--center", "--no-center"), ("contradict",)),
    (("mel", "x.wav", "--like", "librosa", "--power", "3"), ("--power 1 or 2",)),
    (("mel", "x.wav", "--like", "librosa", "--preemphasis", "2"), ("from -1 to 1",)),
    (("mel", "x.wav", "--like", "librosa", "--n-mels", "1000000"), ("--n-mels from 1",)),
    (("mel", "x.wav", "--like", "librosa", "--pad-to", "-1"), ("--pad-to",)),
    (("mel", "x.wav", "--like", "kaldi", "--win-length", "100", "--n-fft", "64"), ("n_fft 64",)),
    (("mel", "x.wav", "--like", "librosa", "--fmin", "900", "--fmax", "800"), ("fmin 900",)),
    (("profiles", "whisper", "--verb", "psd"), ("whisper is no profile of psd but of mel",)),
    (("profiles", "rlx", "--fs", "8000"), ("rlx needs 16000 Hz", "8000")),
]


@pytest.mark.parametrize("arguments, words", USAGE, ids=lambda a: " ".join(a)[:40])
def test_usage_errors(here, arguments, words):
    before = here.wav()
    here.fails(*arguments, code=2, words=words)
    assert here.names() == [before]


FAILED = [
    (("psd", "none.wav"), ("none.wav", "no such file")),
    (("psd", "."), ("folder",)),
    (("psd", "x.wav", "--nperseg", "20000"), ("longer than the signal (16000 samples)",)),
    (("psd", "x.wav", "--fs", "8000"), ("says 16000 Hz, --fs says 8000", "--force-fs")),
    (("psd", "x.wav", "--fmin", "9000"), ("above Nyquist (8000 Hz)",)),
    (("psd", "x.wav", "--band", "a=1:2"), ("holds no bin",)),
    (("psd", "x.wav", "--band", "a=1:900", "--fmin", "500"), ("outside --fmin",)),
    (("psd", "x.wav", "--channels", "3"), ("no channel 3",)),
    (("psd", "x.wav", "--start", "5"), ("ends at 1 s",)),
    (("peaks", "x.wav", "-k", "130"), ("130", "129 bins")),
    (("mel", "x.wav", "--like", "librosa", "--fmax", "9000"), ("Nyquist",)),
    (("psd", "x.wav", "--like", "none.json"), ("none.json", "no such file")),
    (("psd", "x.wav", "--device", "cuda"), ("no CUDA", "--device cpu")),
    (("psd", "x.wav", "-o", "none/r.npz"), ("none/r.npz", "does not exist")),
    (("psd", "x.wav", "--average", "median", "--max-memory", "1K"), ("--max-memory", "kB")),
    (("psd", "x.wav", "--resample", "20"), ("--resample 20",)),
    (("psd", "x.npy"), ("give --fs HZ (--fs 1 for cycles per sample)",)),
    (("psd", "many.npy", "--fs", "1"), ("--time-axis 0",)),
    (("mel", "x.npy", "--fs", "16000", "--like", "whisper"), ("int16", "1/32768")),
    (("mel", "x.npy", "--fs", "16000", "--like", "kaldi"), ("1/32768", "--kaldi-scale unit")),
    (("mel", "z.npy", "--fs", "16000", "--like", "librosa"), ("complex",)),
    (("fft", "z.npy", "--real"), ("--real needs real input",)),
    (("fft", "x.wav", "-n", "4096", "--max-memory", "1K"), ("a shorter -n",)),
    (("psd", "x.npy", "--fs", "1e308"), ("from 1e-15 to 1e18",)),
    (("psd", "x.wav", "-o", "/proc/x.npz"), ("/proc is not writable",)),
    (("mel", "x.wav", "--like", "rlx"), ("exactly n_fft = 1024", "--duration 0.064")),
    (("psd", "x.wav", "--resolution", "1e-6"), ("[psd] --resolution 1e-06", "a coarser one")),
    (("peaks", "x.wav", "--resolution", "1e-6"), ("[peaks] --resolution 1e-06", "a coarser one")),
    (("psd", "x.wav", "--resolution", "10", "--like", "rlx:fast"), ("give --nperseg 2048",)),
]


@pytest.mark.parametrize("arguments, words", FAILED, ids=lambda a: " ".join(a)[:40])
def test_failures(here, arguments, words):
    here.wav()
    here.npy((signal(4000) * 1000).astype(np.int16))
    here.npy(np.zeros((500, 20), np.float32), "many.npy")
    here.npy(np.zeros((1, 4000), np.complex64), "z.npy")
    here.fails(*arguments, code=1, words=words)
    assert here.names() == ["many.npy", "x.npy", "x.wav", "z.npy"]


def test_wrong_rate_of_a_profile_says_what_to_do(here):
    here.wav(rate=48000)
    line = here.fails("mel", "x.wav", "--like", "whisper", code=1, words=())
    assert line == ("papilio: [mel] whisper needs 16000 Hz, x.wav has 48000; "
                    "give --resample 16000")


DAMAGED = {
    "empty.wav": b"",
    "text.wav": b"this is no recording" * 20,
    "silent.wav": b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\0\0\x80>\0\0\0\0\0\0\0\0\x10\0"
                  b"data\x08\0\0\0" + bytes(8),  # zero channels
    "short.npy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'",
    "huge.npy": b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f4', 'fortran_order': False, 'shape': "
                b"(9999999999999999999, 4), }".ljust(117) + b"\n",
    "pickle.npy": b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '|O', 'fortran_order': False, 'shape': "
                  b"(4,), }".ljust(117) + b"\n" + b"cos\nsystem\n(S'true'\ntR.",
    "internal.wav": b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\x02\0\x10\0"
                    b"data\x08\0\0\0" + bytes(8),  # a rate of 0
    "cell.csv": b"a,b\n1,2\n3,x\n",
    "ragged.csv": b"a,b\n1,2\n3\n",
    "empty.csv": b"",
}


ADVICE = {
    "empty.wav": "record or export it again",
    "text.wav": "give wav, flac,",
    "silent.wav": "give wav, flac,",
    "short.npy": "write it again with numpy.save",
    "huge.npy": "write it again with numpy.save",
    "pickle.npy": "save a numeric array",
    "internal.wav": "give wav, flac,",
    "cell.csv": "correct the cell",
    "ragged.csv": "give every line the same, or --delimiter",
    "empty.csv": "record or export it again",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files(here, name):
    (here / name).write_bytes(DAMAGED[name])
    line = here.fails("psd", name, "--fs", "1", code=1, words=("[io]", name, ADVICE[name]))
    assert "Internal" not in line


def test_truncated_recording(here):
    data = (here / here.wav()).read_bytes()
    (here / "cut.wav").write_bytes(data[:-1000])
    here.fails("psd", "cut.wav", code=1, words=("cut.wav is truncated", "copy or record it again"))


def test_csv_error_names_line_and_column(here):
    (here / "cell.csv").write_bytes(DAMAGED["cell.csv"])
    here.fails("psd", "cell.csv", "--fs", "1", code=1, words=("line 3", "column 2"))


def test_nonfinite_error(here):
    x = signal(1000, 2)
    x[1, 17] = np.inf
    here.fails("psd", here.npy(x), "--fs", "1", "--nonfinite", "error", code=1,
               words=("ch1 at sample 17", "--nonfinite flag or skip"))
    here.fails("psd", "x.npy", "--fs", "1", "--start", "10", "--nonfinite", "error", code=1,
               words=("ch1 at sample 17",))
    line = here.fails("mel", "x.npy", "--fs", "16000", "--like", "whisper", "--nonfinite", "error",
                      code=1, words=("ch1 at sample 17", "--nonfinite flag"))
    assert "skip" not in line


def test_what_a_definition_says_wrong_is_named(here):
    source = here.wav()
    text = here.run("profiles", "scipy", "--json").text
    for old, new, words in (('"segments": null', '"segments": 0', ("segments is 0", "options.")),
                            ('"fs": 1.0', '"fs": -1', ("d.json: options.fs is -1", "above 0")),
                            ('"fs": 1.0', '"fs": 0', ("d.json: options.fs is 0", "above 0"))):
        assert old in text
        (here / "d.json").write_text(text.replace(old, new))
        line = here.run("psd", source, "--like", "d.json", code=None).error
        assert all(word in line for word in words) and "--segments" not in line, line


def test_memory_advice_is_of_the_verb(here):
    line = here.fails("mel", here.wav(), "--like", "librosa", "--max-memory", "40K", code=1,
                      words=("--max-memory", "--duration"))
    assert "--average" not in line


HOSTILE = "a\nb\033[2J\007"


@pytest.mark.parametrize("arguments", [
    (HOSTILE,), ("psd", HOSTILE, "x"), ("psd", "x.wav", "--" + HOSTILE),
    ("psd", "x.wav", "--window", HOSTILE), ("psd", "x.wav", "--nperseg", HOSTILE),
    ("profiles", HOSTILE), ("mel", "x.wav"),
], ids=lambda a: a[0][:5])
def test_usage_errors_are_one_line_without_control_characters(here, arguments):
    line = here.fails(*arguments, code=2, words=())
    assert line.isprintable()


def test_units_do_not_break_the_table(here):
    text = here.run("psd", here.wav(), "--units", HOSTILE).text
    assert "\033" not in text and "a b" in text and len(text.splitlines()) == 10


def test_a_hostile_name_stays_on_one_line(here):
    here.fails("psd", "a\nb\033[2J.wav", code=1, words=("no such file",))
    assert os.listdir(here.path) == []
