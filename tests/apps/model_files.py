"""Model files for the tests: read and written with safetensors, computed with numpy alone."""

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file


def read(path):
    with safe_open(path, framework="np") as file:
        return file.metadata(), {name: file.get_tensor(name) for name in file.keys()}


def change(here, source, name, edit, words=None):
    """A copy of the model whose tensors went through edit(name, values)."""
    metadata, tensors = read(here / source)
    save_file({key: np.ascontiguousarray(edit(key, value)) for key, value in tensors.items()},
              here / name, metadata={**metadata, **(words or {})})
    return name


def perturbed(here, source, name="p.safetensors", size=0.05, seed=1):
    """Every twiddle and block moved by noise."""
    rng = np.random.default_rng(seed)

    def edit(key, values):
        moves = key.endswith(("twiddle", "block", "diagonal"))
        return values + size * rng.standard_normal(values.shape) if moves else values
    return change(here, source, name, edit)


def as_complex(values):
    return values[..., 0] + 1j * values[..., 1]


def matrix(path):
    """The matrix that the file stands for, from docs/learning.md: y = matrix(path) @ x."""
    words, t = read(path)
    n = int(words["n"])
    real_input = words["input"] == "real"
    points = n // 2 if real_input else n
    sign, m = (2j if words["direction"] == "inverse" else -2j), 1
    product = np.eye(points, dtype=complex)[t["permutation"]]
    for s, r in enumerate(map(int, words["radices"].split(","))):
        q = np.arange(r)
        name = f"stage.{s}."
        if name + "twiddle" in t:
            w = as_complex(t[name + "twiddle"])
            w = np.concatenate([np.ones((len(w), 1)), w], axis=1)
            blocks = np.exp(sign * np.pi * q[:, None] * q / r) * w[:, None, :]
        else:
            blocks = t[name + "block"]
            blocks = blocks if words["field"] == "real" else as_complex(blocks)
        if name + "gate" in t:
            gate = t[name + "gate"][:, None, None]
            blocks = gate * blocks + (1 - gate) * np.eye(r)
        stage = np.zeros((points, points), complex)
        for b in range(points // r):
            at = r * m * (b // m) + m * q + b % m
            stage[np.ix_(at, at)] = blocks[b]
        product = stage @ product
        m *= r
    if words["order"] == "dif":
        product = product.T
    if real_input:
        return recombined(as_complex(t["recombination.twiddle"]), product) * t["scale"]
    if "diagonal" in t:
        product = as_complex(t["diagonal"])[:, None] * product
    return product * t["scale"]


def recombined(w, product):
    """Bins of a real signal from the spectrum u of x[2t] + i x[2t+1]."""
    h = len(w)
    split = np.zeros((h, 2 * h), complex)
    split[np.arange(h), 2 * np.arange(h)] = 1
    split[np.arange(h), 2 * np.arange(h) + 1] = 1j
    u = product @ split
    v = (product.conj() @ split.conj())[-np.arange(h) % h]
    even, odd = (u + v) / 2, (u - v) / 2j
    return np.concatenate([even + w[:, None] * odd, even[:1] - w[0] * odd[:1]])
