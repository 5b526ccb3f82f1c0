"""Papilio's targets, each a ratio to a peer of the same run (docs/performance.md)."""

import math
from pathlib import Path

GRID = {64, 128, 256, 400, 480, 512, 1000, 1024, 1536, 2048, 4096}
OWN = "papilio"
AVX2 = "/isa:avx2"


def mkl_counts():
    """MKL is at its best on Intel processors with AVX-512 only."""
    try:
        facts = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "GenuineIntel" in facts and "avx512f" in facts


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def ratios(results, race, work, peer, own=OWN, lengths=None):
    """{cell: peer's time / own time}, as far as both were measured."""
    return {cell: times[peer] / times[own] for cell, times in results.cells(race, work).items()
            if peer in times and own in times and (lengths is None or cell[1] in lengths)}


def across(results, race, peer_race, work, peer, own=OWN):
    """The same with the peer measured in another process."""
    others = results.cells(peer_race, work)
    return {cell: others[cell][peer] / times[own]
            for cell, times in results.cells(race, work).items()
            if own in times and peer in others.get(cell, {})}


def avx2_name(results):
    """How Papilio on AVX2 is called there: plain on a chip that has nothing better."""
    if results.context.get("isa") == "avx2":
        return OWN
    return OWN + AVX2


def fft_targets(results):
    mkl = mkl_counts()
    for work in ("fft_r2c", "fft_c2c", "fft_c2c_inverse"):
        many = ratios(results, "fft.grid", work, "fftw_many", lengths=GRID)
        vendor = ratios(results, "fft.grid", work, "mkl", lengths=GRID)
        single = ratios(results, "fft.grid", work, "fftw_single",
                        avx2_name(results), GRID)
        if many:
            yield f"{work}, mean over FFTW many", geometric_mean(many.values()), 2.2, True, True
        if vendor:
            yield f"{work}, mean over MKL", geometric_mean(vendor.values()), 1.0, True, mkl
            yield f"{work}, worst over MKL", min(vendor.values()), 0.8, True, mkl
        if single:
            yield (f"{work}, AVX2, mean over FFTW single rows", geometric_mean(single.values()),
                   2.0, True, True)
        for peer, bound, counts in (("fftw_many", 1.5, True), ("mkl", 0.8, mkl)):
            long = ratios(results, "fft.long", work, peer)
            if long:
                yield f"{work}, n >= 8192, worst over {peer}", min(long.values()), bound, True, \
                    counts
    for value in ratios(results, "fft.one_row", "fft_r2c", "mkl").values():
        yield "one row, n 256 r2c, time to MKL's", 1 / value, 1.1, False, mkl
    for value in ratios(results, "fft.threads", "fft_r2c", OWN, OWN + "/threads:2").values():
        yield "fft_r2c n 256, two threads to one", value, 1.85, True, True
    plans = [times[OWN] for cell, times in results.cells("fft.grid", "plan_r2c").items()
             if cell[1] <= 4096]
    if plans:
        yield "slowest plan, n <= 4096, ms", max(plans) / 1e6, 1.0, False, True


def welch_targets(results):
    for peer, bound, counts in (("mkl", 1.4, mkl_counts()), ("fftw", 3.0, True)):
        for cell, value in ratios(results, "welch.grid", "welch", peer).items():
            yield f"welch, {cell[3]} segments, over {peer}", value, bound, True, counts
    for cell, value in across(results, "welch.grid", "welch.peers", "welch", "scipy").items():
        yield f"welch, {cell[3]} segments, over scipy", value, 25.0, True, True
    for cell, value in ratios(results, "welch.grid", "welch", "fftw",
                              avx2_name(results)).items():
        yield f"welch, {cell[3]} segments, AVX2, over fftw", value, 2.2, True, True
    for cell, value in ratios(results, "welch.threads", "welch", OWN, OWN + "/threads:2").items():
        yield f"welch, {cell[3]} segments, two threads to one", value, 1.85, True, True


def peaks_targets(results):
    bins = results.cells("peaks.grid", "peaks_bins")
    peaks = results.cells("peaks.grid", "peaks_peaks")
    psd = {cell[1:4]: times for cell, times in results.cells("peaks.psd", "welch").items()}
    for cell, times in bins.items():
        if OWN in psd.get(cell[1:4], {}) and OWN in times:
            ours = psd[cell[1:4]][OWN]
            yield "peaks_bins, time to our PSD's", times[OWN] / ours, 1.5, False, True
    for value in ratios(results, "peaks.grid", "peaks_bins", "mkl_select").values():
        yield "peaks_bins over MKL's PSD and our selection", value, 1.25, True, mkl_counts()
    for cell, times in peaks.items():
        other = bins.get(("peaks_bins", *cell[1:]), {})
        if OWN in other and OWN in times:
            yield "peaks_peaks, time to peaks_bins'", times[OWN] / other[OWN], 1.5, False, True
    for value in across(results, "peaks.grid", "peaks.peers", "peaks_peaks", "scipy").values():
        yield "peaks_peaks over scipy welch + find_peaks", value, 30.0, True, True
    for work in ("peaks_bins", "peaks_peaks"):
        for value in ratios(results, "peaks.threads", work, OWN, OWN + "/threads:2").values():
            yield f"{work}, two threads to one", value, 1.85, True, True


def mel_targets(results):
    for cell, times in results.cells("mel.grid", "mel").items():
        if OWN not in times:
            continue
        yield "mel, ms a clip", times[OWN] / 1e6, 0.9, False, True
        others = results.cells("mel.peers", "mel").get(cell, {})
        if others:
            fastest = min(others, key=others.get)
            yield f"mel over {fastest}, the fastest", others[fastest] / times[OWN], 4.0, True, True


def file_targets(results):
    for work in ("file_npy", "file_wav"):
        for times in results.cells("file.grid", work).values():
            if {OWN, "papilio_memory", "read_and_sum"} <= set(times):
                floor = max(times["papilio_memory"], times["read_and_sum"])
                yield f"{work}, 2 GiB, time to the slower floor", times[OWN] / floor, 1.15, \
                    False, True


def learned_targets(results):
    for cell, value in ratios(results, "learned.grid", "learned_forward", OWN, "exact").items():
        yield f"learned n {cell[1]}, time to the exact FFT's", value, 1.3, False, True
    for value in ratios(results, "learned.grid", "train_step", OWN, "forward").values():
        yield "training step, time to its forward pass", value, 5.0, False, True
    for cell, times in results.cells("learned.threads", "train_step").items():
        others = results.cells("learned.peers", "train_step").get(cell, {})
        both = OWN + "/threads:2"
        if both in times and others:
            fastest = min(others, key=others.get)
            yield (f"training step over {fastest}, two threads each",
                   others[fastest] / times[both], 10.0, True, True)


def targets(results):
    """(label, value, bound, whether higher is better, whether it counts here)."""
    for part in (fft_targets, welch_targets, peaks_targets, mel_targets, file_targets,
                 learned_targets):
        yield from part(results)
