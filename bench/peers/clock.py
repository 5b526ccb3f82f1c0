"""The frame of the Python peers: one thread, checked first, timed inside the process; prints
Google Benchmark's schema as the C++ programs do."""

import json
import os
import sys
import time

for variable in ("OMP", "MKL", "OPENBLAS", "NUMEXPR"):
    os.environ[f"{variable}_NUM_THREADS"] = "1"  # read when numpy and torch are imported

import numpy as np  # noqa: E402

SECONDS = 1.0  # per contender of a cell
ROUND_SECONDS = 5e-3
FEWEST, MOST = 5, 101


def torch_or_none():
    """torch on one thread; None where it is not installed."""
    try:
        import torch
    except ImportError:
        print("peers: torch is not installed; going on without", file=sys.stderr)
        return None
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    return torch


def noise(rows, length):
    """Uniform between -1 and 1, float32."""
    return np.random.default_rng(1).uniform(-1, 1, (rows, length)).astype(np.float32)


def complex_noise(rows, length):
    return noise(rows, 2 * length).view(np.complex64)


def row_error(result, reference):
    """Relative L2 error of the worst row."""
    result, reference = np.asarray(result), np.asarray(reference)
    assert result.shape == reference.shape, (result.shape, reference.shape)
    difference = np.linalg.norm(result - reference, axis=-1)
    return float(np.max(difference / np.linalg.norm(reference, axis=-1)))


def measure(run):
    """Seconds of each round, sorted, and the runs of all rounds."""
    begin = time.perf_counter()
    run()
    once = max(time.perf_counter() - begin, 1e-9)
    repetitions = max(1, int(np.ceil(ROUND_SECONDS / once)))
    rounds = int(min(max(SECONDS / (once * repetitions), FEWEST), MOST))
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(repetitions):
            run()
        times.append((time.perf_counter() - begin) / repetitions)
    return np.sort(times), rounds * repetitions


class Results:
    """Collects the benchmarks of one process."""

    def __init__(self):
        self.benchmarks = []

    def add(self, name, run, error, tolerance, rows):
        """`run()` computes all rows, `error(run())` is that of the worst one."""
        entry = {"name": name, "run_name": name, "run_type": "iteration", "repetitions": 1,
                 "repetition_index": 0, "threads": 1}
        self.benchmarks.append(entry)
        try:
            entry["error"] = error(run())
            if not entry["error"] <= tolerance:
                raise ValueError(f"wrong: error {entry['error']:.1e}, {tolerance:.1e} is allowed")
            times, entry["iterations"] = measure(run)
        except Exception as failure:  # noqa: BLE001: a failed cell loses only itself
            entry.update(error_occurred=True, error_message=str(failure))
            print(f"{name} FAILED: {failure}", file=sys.stderr)
            return
        times = times * 1e9 / rows
        median, low, high = np.quantile(times, [0.5, 0.1, 0.9])
        entry.update(real_time=median, cpu_time=median, time_unit="ns", real_time_p10=low,
                     real_time_p90=high)
        print(f"{name} {median:.4g}", file=sys.stderr)

    def print(self, versions):
        json.dump({"context": {"peers": versions}, "benchmarks": self.benchmarks}, sys.stdout)
        print()
