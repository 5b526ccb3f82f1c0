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


@pytest.mark.parametrize("flags", [("-o", "/dev/full", "--kind", "npz"), ("--html", "/dev/full")])
def test_full_disk(here, flags):
    here.fails("psd", here.wav(), *flags, code=1, words=("/dev/full", "No space left"))


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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(here):
    source = here.wav()
    (here / "locked").mkdir(mode=0o500)
    here.fails("psd", source, "-o", "locked/r.npz", code=1, words=("locked/r.npz",))


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
