"""Outputs appear whole or not at all, wherever they go."""

import os
import signal as signals
import subprocess
import threading
import time

import numpy as np
import pytest

from cli import PROGRAM


def test_symbolic_link_is_followed(here):
    (here / "deep").mkdir()
    os.symlink("deep/real.npz", here / "link.npz")
    here.run("psd", here.wav(), "-o", "link.npz")
    assert os.path.islink(here / "link.npz") and here.npz("deep/real.npz")["data"].shape == (1, 129)


def test_existing_result_survives_a_failure(here):
    (here / "r.npz").write_bytes(b"precious")
    here.fails("psd", here.wav(), "--nperseg", "99999", "-o", "r.npz", code=1, words=())
    assert (here / "r.npz").read_bytes() == b"precious" and here.names() == ["r.npz", "x.wav"]


def test_named_pipe_is_written_to(here):
    os.mkfifo(here / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((here / "pipe").read_bytes()))
    reader.start()
    here.run("psd", here.wav(), "-o", "pipe", "--kind", "npy")
    reader.join(10)
    here.run("psd", "x.wav", "-o", "r.npy")
    assert got == [(here / "r.npy").read_bytes()]


@pytest.mark.parametrize("verb", ["psd", "peaks", "mel --like whisper", "fft"])
@pytest.mark.parametrize("flags", ["-o /dev/full --kind npz", "-o /dev/full --kind npy",
                                   "-o /dev/full --kind csv", "-o /dev/full --kind json",
                                   "--html /dev/full"])
def test_full_disk(here, verb, flags):
    verb, *more = verb.split()
    here.fails(verb, here.wav(), *more, *flags.split(), code=1,
               words=("/dev/full", "No space left"))


def test_full_disk_behind_stdout(here):
    source = here.wav()
    with open("/dev/full", "w") as full:
        for flags in ((), ("--json",)):
            done = here.run("psd", source, *flags, code=1, stdout=full)
            assert "No space left" in done.error


def test_closed_pipe_is_quiet(here):
    command = f"'{PROGRAM}' fft x.npy -o - --kind csv | head -n 1"
    here.npy(np.zeros((1, 200000), np.float32))
    done = subprocess.run(["bash", "-c", command], cwd=here.path, capture_output=True, timeout=60)
    assert done.stderr == b"" and done.stdout.startswith(b"file,row")


def as_nobody(here):
    """Options for a run that no folder's permissions let through: root becomes nobody."""
    if os.geteuid() != 0:
        return {}
    for folder in (here.path, *here.path.parents):
        if not folder.stat().st_mode & 0o001:
            os.chmod(folder, folder.stat().st_mode | 0o055)
    return {"user": 65534, "group": 65534, "extra_groups": []}


def test_read_only_folder(here):
    source = here.wav()
    (here / "locked").mkdir(mode=0o555)
    here.fails("psd", source, "-o", "locked/r.npz", code=1, words=("locked is not writable",),
               **as_nobody(here))
    assert not os.listdir(here / "locked")


def test_limit_on_the_size_of_files(here):
    source = here.npy(np.zeros((1, 1_000_000), np.float32))
    command = f"ulimit -f 64; exec '{PROGRAM}' fft {source} -o r.npy"
    done = subprocess.run(["bash", "-c", command], cwd=here.path, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done
    assert "cannot write r.npy: File too large" in done.stderr and here.names() == [source]


def test_output_in_place_of_a_folder(here):
    (here / "r.npz").mkdir()
    here.fails("psd", here.wav(), "-o", "r.npz", code=1, words=("r.npz",))


def test_unwritable_output_is_found_before_the_work(here):
    here.npy(np.zeros((1, 10_000_000), np.float32))
    begin = time.monotonic()
    here.fails("psd", "x.npy", "--fs", "1", "--device", "reference", "-o", "none/r.npz", code=1,
               words=("none/r.npz",))
    assert time.monotonic() - begin < 1.0


def test_interrupt_leaves_nothing(here):
    here.npy(np.zeros((4, 4_000_000), np.float32))
    command = [PROGRAM, "fft", "x.npy", "-o", "r.csv"]
    process = subprocess.Popen(command, cwd=here.path, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while len(here.names()) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(here.names()) == 2, "no partial file was seen"
    process.send_signal(signals.SIGINT)
    assert process.wait(10) == 130
    assert here.names() == ["x.npy"] and process.stderr.read() == b""
