"""Runs the papilio command line on arrays and loads its results."""

import json
import os
import subprocess

import numpy as np

PROGRAM = os.environ.get("PAPILIO_APP") or os.environ.get("PAPILIO_BIN") or "papilio"


def run(*arguments):
    """The finished process; fails with the program's own words if it failed."""
    command = [PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return done


class Workbench:
    """A folder for the inputs and results of one test."""

    def __init__(self, folder):
        self.folder = folder

    def compute(self, verb, signal, *flags):
        """Saves `signal` (an array, or the path of a file), runs the verb on it, loads the .npz."""
        path = signal
        if isinstance(signal, np.ndarray):
            path = self.folder / "x.npy"
            np.save(path, signal)
        out = self.folder / "out.npz"
        self.last = run(verb, path, *flags, "-o", out, "--quiet")
        with np.load(out, allow_pickle=False) as archive:
            result = {name: archive[name] for name in archive.files}
        result["meta"] = json.loads(str(result["meta"]))
        return result


def flags_of(**settings):
    """`--n-fft 512` from n_fft=512; None is left out, True is a bare flag, False is `--no-...`."""
    flags = []
    for name, value in settings.items():
        flag = "--" + name.replace("_", "-")
        if value is None:
            continue
        if value is True:
            flags.append(flag)
        elif value is False:
            flags.append("--no-" + name.replace("_", "-"))
        else:
            flags += [flag, repr(float(value)) if isinstance(value, float) else str(value)]
    return flags
