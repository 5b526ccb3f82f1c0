"""bench/summary.py: tables, targets that are met and missed, failures, merged JSON."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "bench" / "summary.py"


def race(times, **context):
    """The JSON of one program: {name: ns a row, or the reason of a failure}."""
    entries = []
    for name, time in times.items():
        entry = {"name": name, "run_name": name, "run_type": "iteration"}
        if isinstance(time, str):
            entry.update(error_occurred=True, error_message=time)
        else:
            entry.update(real_time=time, cpu_time=time, time_unit="ns", iterations=1)
        entries.append(entry)
    return json.dumps({"context": context, "benchmarks": entries})


def summary(files):
    """(exit status, output, merged JSON) for {file name: text}."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text)
        merged = Path(folder, "merged.out")
        done = subprocess.run([sys.executable, "-B", SCRIPT, "--json", merged, folder],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr, json.loads(merged.read_text())


def line_of(output, words):
    found = [line for line in output.splitlines() if words in line]
    assert len(found) == 1, (words, output)
    return " ".join(found[0].split())


FFT = "fft_r2c/{}/n:{}/batch:{}"


class Summary(unittest.TestCase):
    def test_means_against_targets(self):
        status, output, merged = summary({"fft.grid.json": race({
            FFT.format("papilio", 64, 32768): 10, FFT.format("fftw_many", 64, 32768): 90,
            FFT.format("papilio", 128, 16384): 10, FFT.format("fftw_many", 128, 16384): 10,
            FFT.format("papilio", 64, 32768) + "/isa:avx2": 20,
            FFT.format("fftw_single", 64, 32768): 30,
        }, cpu="a chip", isa="avx512")})
        self.assertEqual(status, 0, output)
        self.assertIn("a chip", output)
        self.assertEqual(line_of(output, "mean over FFTW many"),
                         "fft_r2c, mean over FFTW many >= 2.2 3.00 met")
        self.assertEqual(line_of(output, "AVX2"),
                         "fft_r2c, AVX2, mean over FFTW single rows >= 2 1.50 MISSED")
        self.assertIn("90.0 (9.00x)", output)
        self.assertEqual(len(merged["benchmarks"]), 6)

    def test_peers_of_another_process(self):
        name = "welch/{}/n:256/batch:8192/segments:2"
        _, output, _ = summary({
            "welch.grid.json": race({name.format("papilio"): 100, name.format("fftw"): 310}),
            "welch.peers.json": race({name.format("scipy"): 2400}, peers={"scipy": "1"}),
        })
        self.assertEqual(line_of(output, "over fftw"), "welch, 2 segments, over fftw >= 3 3.10 met")
        self.assertEqual(line_of(output, "over scipy"),
                         "welch, 2 segments, over scipy >= 25 24.00 MISSED")

    def test_smaller_is_better(self):
        _, output, _ = summary({"mel.grid.json": race({"mel/papilio/n:400/batch:1": 8e5})})
        self.assertEqual(line_of(output, "ms a clip"), "mel, ms a clip <= 0.9 0.80 met")

    def test_failures_cost_only_themselves(self):
        status, output, _ = summary({
            "mel.grid.json": race({"mel/papilio/n:400/batch:1": 1e6}),
            "mel.peers.json": race({"mel/torch/n:400/batch:1": "wrong: error 1"}),
            "fft.peers.json": "",
        })
        self.assertEqual(status, 1)
        self.assertIn("FAILED mel/torch/n:400/batch:1: wrong: error 1", output)
        self.assertIn("mel, ms a clip", output)


if __name__ == "__main__":
    unittest.main()
