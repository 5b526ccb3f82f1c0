"""`papilio fft` against numpy.fft in float64: kinds, lengths, norms, types."""

import numpy as np
import pytest

from errors import expect_rows
from program import flags_of

LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 17, 30, 31, 60, 64, 97, 100, 128, 211, 240, 256, 343,
           400, 480, 512, 625, 729, 1000, 1009, 1024, 1536, 2048, 3125, 4096, 5040, 8192, 10007)
KINDS = ("fft", "ifft", "rfft", "irfft")
TYPES = {"fft": ("float32", "complex64", "complex128", "int16", "float64"),
         "ifft": ("complex64", "complex128"),
         "rfft": ("float32", "float64", "int16", "uint8"),
         "irfft": ("complex64", "complex128")}


def five_smooth(n):
    for factor in (2, 3, 5):
        while n % factor == 0:
            n //= factor
    return n == 1


def data_of(rng, kind, shape):
    if kind.startswith("complex"):
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(kind)
    if "int" in kind:
        return rng.integers(0 if kind[0] == "u" else -100, 100, shape).astype(kind)
    return rng.standard_normal(shape).astype(kind)


def bound_of(x, n):
    if x.dtype in (np.float64, np.complex128):
        return 1e-14
    return 4e-7 if five_smooth(n) else 1e-6


def oracle(kind, x, n, norm):
    """numpy's transform in double; "none" is unscaled both ways."""
    x = x.astype(np.complex128 if np.iscomplexobj(x) else np.float64)
    if norm == "none":
        norm = "forward" if kind[0] == "i" else "backward"
    return getattr(np.fft, kind)(x, n, norm=norm)


def flags_for(kind, n, norm):
    flags = flags_of(norm=norm)
    flags += ["--real"] if "r" in kind else []
    flags += ["--inverse"] if kind[0] == "i" else []
    return flags + (["-n", n] if n else [])


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_lengths(bench, kind, n):
    rng = np.random.default_rng(n)
    for dtype in TYPES[kind][:2]:
        length = n // 2 + 1 if kind == "irfft" else n
        x = data_of(rng, dtype, (3, length))
        x[1] = x[1] * 0 if dtype != "uint8" else 0
        got = bench.compute("fft", x, *flags_for(kind, n if kind == "irfft" else None, None))
        expect_rows(got["data"], oracle(kind, x, n, None), bound_of(x, n), f"{kind} {n} {dtype}")


@pytest.mark.parametrize("seed", range(40))
def test_cut_padded_and_scaled(bench, seed):
    rng = np.random.default_rng(1000 + seed)
    kind = KINDS[seed % 4]
    dtype = str(rng.choice(TYPES[kind]))
    length = int(rng.integers(2, 300))
    n = None if rng.random() < 0.3 else int(rng.integers(1, 400))
    norm = str(rng.choice(["backward", "ortho", "forward", "none"]))
    x = data_of(rng, dtype, (int(rng.integers(1, 20)), length))
    want = oracle(kind, x, n, norm)
    used = n or (2 * (length - 1) if kind == "irfft" else length)
    got = bench.compute("fft", x, *flags_for(kind, n, norm))["data"]
    double = x.dtype in (np.float64, np.complex128)
    assert got.real.dtype == (np.float64 if double else np.float32)
    expect_rows(got, want, bound_of(x, used), f"{kind} {dtype} {length} {n} {norm}")


@pytest.mark.parametrize("kind,dtype", [("rfft", "float32"), ("fft", "complex64"),
                                        ("irfft", "complex64")])
def test_the_longest_of_the_bounds(bench, kind, dtype):
    n = 131072
    x = data_of(np.random.default_rng(5), dtype, (2, n // 2 + 1 if kind == "irfft" else n))
    got = bench.compute("fft", x, *flags_for(kind, None, None))
    expect_rows(got["data"], oracle(kind, x, None, None), 4e-7)


def test_leading_axes_are_kept(bench):
    x = data_of(np.random.default_rng(6), "float32", (2, 3, 4, 50))
    got = bench.compute("fft", x, "--real")["data"]
    assert got.shape == (2, 3, 4, 26)
    expect_rows(got, np.fft.rfft(x.astype(np.float64)), 4e-7)
    assert bench.compute("fft", x[0, 0, 0], "--real")["data"].shape == (1, 26)
