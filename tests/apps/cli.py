"""Runs the papilio program in a folder, and makes inputs for it."""

import json
import os
import subprocess
import wave

import numpy as np

PROGRAM = os.path.abspath(os.environ["PAPILIO_APP"])
RATE = 16000
NO_DRIVER = {"PAPILIO_CUDA_DRIVER": "/nonexistent/libcuda.so"}


def emulated():
    """The environment of a GPU whose kernels run on the host."""
    return {"PAPILIO_CUDA_DRIVER": os.environ["PAPILIO_FAKE_CUDA"], "FAKE_CUDA_DEVICES": "1",
            "PAPILIO_NVRTC": os.environ["PAPILIO_FAKE_NVRTC"], "PAPILIO_CACHE_DIR": "",
            "PAPILIO_CUFFT": "/nonexistent/libcufft.so"}


class Folder:
    """A working folder: inputs by name, the program run inside it."""

    def __init__(self, path):
        self.path = path

    def __truediv__(self, name):
        return self.path / name

    def run(self, *arguments, code=0, env=None, binary=False, **options):
        """Runs the program and expects its exit code (None: any but 0)."""
        command = [PROGRAM, *map(str, arguments)]
        done = subprocess.run(command, cwd=self.path, env={**os.environ, **(env or {})},
                              stdout=options.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, timeout=120, **options)
        error = done.stderr.decode()
        fits = done.returncode != 0 if code is None else done.returncode == code
        assert fits, f"{command}: {done.returncode}\n{error}"
        done.error = error
        done.text = done.stdout if binary or done.stdout is None else done.stdout.decode()
        return done

    def fails(self, *arguments, code, words, **options):
        """One line on stderr that holds all the words, nothing on stdout, the exit code."""
        done = self.run(*arguments, code=code, **options)
        lines = done.error.strip().split("\n")
        assert len(lines) == 1 and lines[0].startswith("papilio: "), done.error
        for word in words:
            assert word in lines[0], (word, lines[0])
        assert not done.text
        return lines[0]

    def names(self):
        return sorted(p.name for p in self.path.iterdir())

    def npz(self, name):
        with np.load(self / name, allow_pickle=False) as archive:
            result = {key: archive[key] for key in archive.files}
        result["meta"] = json.loads(str(result["meta"]))
        return result

    def wav(self, name="x.wav", seconds=1.0, rate=RATE, channels=1):
        """16-bit noise with a tone of 1000 Hz in it."""
        samples = (signal(int(seconds * rate), channels, rate) * 8000).astype("<i2")
        with wave.open(str(self / name), "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.T.tobytes())
        return name

    def npy(self, array, name="x.npy"):
        np.save(self / name, array)
        return name


def signal(samples, rows=1, rate=RATE, seed=7):
    """Rows of noise and a tone of 1000 Hz, as float32."""
    rng = np.random.default_rng(seed)
    tone = np.sin(2 * np.pi * 1000 * np.arange(samples) / rate)
    return (0.1 * rng.standard_normal((rows, samples)) + tone).astype(np.float32)
