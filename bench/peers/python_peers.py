#!/usr/bin/env python3
"""numpy, scipy, librosa, torch and torchaudio, timed inside this process on one thread:
python_peers.py fft|welch|peaks|mel|learned [--n-fft 64,400] [--segments 2,8]. JSON on stdout."""

import argparse

import clock  # first: it sets the threads of what the next lines import
import learned_peers
import mel_peers
import numpy as np
import scipy
import scipy.fft
import scipy.signal

ELEMENTS = 1 << 21
LENGTHS = [64, 128, 256, 400, 480, 512, 1000, 1024, 1536, 2048, 4096]
TOLERANCE = 2e-6
N, ROWS, TOP = 256, 8192, 16
HEIGHT, DISTANCE = 0.3, 3  # as bench/frame/feature_work.cpp


def fft_cell(results, torch, work, n):
    rows = max(1, ELEMENTS // n)
    real = work == "fft_r2c"
    x = clock.noise(rows, n) if real else clock.complex_noise(rows, n)
    call, norm = {"fft_r2c": ("rfft", None), "fft_c2c": ("fft", None),
                  "fft_c2c_inverse": ("ifft", "forward")}[work]  # "forward": unscaled inverse
    reference = getattr(scipy.fft, call)(x.astype(np.float64 if real else np.complex128),
                                         norm=norm)
    out = np.empty(reference.shape, np.complex64)
    runs = {"numpy": lambda: getattr(np.fft, call)(x, norm=norm, out=out),
            "scipy": lambda: getattr(scipy.fft, call)(x, norm=norm)}
    if torch:
        tx, tout = torch.from_numpy(x), torch.from_numpy(out)
        runs["torch"] = lambda: getattr(torch.fft, call)(tx, norm=norm, out=tout)
    for peer, run in runs.items():
        results.add(f"{work}/{peer}/n:{n}/batch:{rows}", run,
                    lambda y: clock.row_error(y, reference), TOLERANCE, rows)


def bench_fft(results, torch, options):
    for work in ("fft_r2c", "fft_c2c", "fft_c2c_inverse"):
        for n in options.n_fft:
            fft_cell(results, torch, work, n)


def welch(x):
    return scipy.signal.welch(x, nperseg=N, detrend=False)[1]


def torch_welch(torch, x):
    window = torch.from_numpy(scipy.signal.get_window("hann", N).astype(np.float32))
    scale = 2 / float((window.double() ** 2).sum())
    tx = torch.from_numpy(x)

    def run():
        bins = torch.fft.rfft(tx.unfold(-1, N, N // 2) * window)
        power = torch.view_as_real(bins).square().sum(-1).mean(1).mul_(scale)
        power[:, 0] /= 2
        power[:, -1] /= 2
        return power

    return run


def samples_of(segments):
    return N + (segments - 1) * (N - N // 2)


def bench_welch(results, torch, options):
    for segments in options.segments:
        x = clock.noise(ROWS, samples_of(segments))
        reference = welch(x.astype(np.float64))
        runs = {"scipy": lambda: welch(x)}
        if torch:
            runs["torch"] = torch_welch(torch, x)
        for peer, run in runs.items():
            results.add(f"welch/{peer}/n:{N}/batch:{ROWS}/segments:{segments}", run,
                        lambda y: clock.row_error(y, reference), TOLERANCE, ROWS)


def top_bins(x):
    """Powers of the largest bins, largest first."""
    power = welch(x)
    best = np.argpartition(power, -TOP, axis=-1)[:, -TOP:]
    values = np.take_along_axis(power, best, -1)
    order = np.argsort(-values, axis=-1)
    return np.take_along_axis(values, order, -1), np.take_along_axis(best, order, -1)


def top_peaks(x):
    """Powers and bins of the highest peaks of each row, highest first; 0 and -1 where none."""
    power = welch(x)
    values = np.zeros((len(x), TOP), power.dtype)
    bins = np.full((len(x), TOP), -1)
    for row, spectrum in enumerate(power):
        found, facts = scipy.signal.find_peaks(spectrum, height=HEIGHT, distance=DISTANCE)
        heights = facts["peak_heights"]
        order = np.argsort(-heights)[:TOP]
        values[row, :len(order)] = heights[order]
        bins[row, :len(order)] = found[order]
    return values, bins


def bench_peaks(results, _torch, options):
    for work, run in (("peaks_bins", top_bins), ("peaks_peaks", top_peaks)):
        for segments in options.segments:
            x = clock.noise(ROWS, samples_of(segments))
            reference = run(x.astype(np.float64))[0]
            results.add(f"{work}/scipy/n:{N}/batch:{ROWS}/segments:{segments}/k:{TOP}",
                        lambda x=x, run=run: run(x),
                        lambda y, reference=reference: clock.row_error(y[0], reference), TOLERANCE,
                        ROWS)


def main():
    questions = {"fft": bench_fft, "welch": bench_welch, "peaks": bench_peaks,
                 "mel": mel_peers.bench, "learned": learned_peers.bench}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question", choices=questions)
    sizes = lambda text: [int(part) for part in text.split(",")]  # noqa: E731
    parser.add_argument("--n-fft", type=sizes, default=LENGTHS)
    parser.add_argument("--segments", type=sizes, default=[2])
    parser.add_argument("--seconds", type=float, default=clock.SECONDS)
    options = parser.parse_args()
    clock.SECONDS = options.seconds
    torch = clock.torch_or_none()
    results = clock.Results()
    questions[options.question](results, torch, options)
    versions = {"numpy": np.__version__, "scipy": scipy.__version__}
    if torch:
        versions["torch"] = torch.__version__
    results.print(versions)


if __name__ == "__main__":
    main()
