"""Model files by another reader and another writer: matrices rebuilt from the layout that
docs/learning.md describes, numpy's transforms written as models, and that page's own loader."""

import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

TOOL = os.environ.get("PAPILIO_MODELS", "")
if not os.access(TOOL, os.X_OK):
    pytest.skip("no PAPILIO_MODELS (a build without io)", allow_module_level=True)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "learning.md"


def tool(*arguments):
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def printed(path):
    head, _, data = tool("dense", path).partition(b"\n")
    rows, columns = map(int, head.split())
    return np.frombuffer(data, np.complex128).reshape(rows, columns)


def distance(got, want):
    return np.linalg.norm(got - want) / np.linalg.norm(want)


class Reader:
    """An independent reader: dense matrices, stage by stage, from the layout alone."""

    def __init__(self, path):
        with safe_open(path, framework="numpy") as file:
            self.words = file.metadata()
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}
        assert self.words["papilio_format"] == "1"

    def word(self, prefix, key):
        return self.words.get(prefix + key, self.words.get(key))

    def numbers(self, name):
        pairs = self.tensors[name].astype(np.float64)
        return pairs[..., 0] + 1j * pairs[..., 1]

    def block(self, prefix, s, b, r):
        name = f"{prefix}stage.{s}."
        if self.word(prefix, "form") == "twiddle":
            sign = 1 if self.word(prefix, "direction") == "inverse" else -1
            q = np.arange(r)
            w = np.concatenate([[1], self.numbers(name + "twiddle")[b]])
            matrix = np.exp(sign * 2j * np.pi * np.outer(q, q) / r) * w
        elif self.word(prefix, "field") == "real":
            matrix = self.tensors[name + "block"][b].astype(complex)
        else:
            matrix = self.numbers(name + "block")[b]
        if name + "gate" in self.tensors:
            gate = float(self.tensors[name + "gate"][b])
            matrix = gate * matrix + (1 - gate) * np.eye(r)
        return matrix

    def complex_matrix(self, prefix):
        radices = [int(r) for r in self.word(prefix, "radices").split(",")]
        n, m = int(np.prod(radices)), 1
        product = np.eye(n, dtype=complex)[self.tensors[prefix + "permutation"]]
        for s, r in enumerate(radices):
            stage = np.zeros((n, n), dtype=complex)
            for b in range(n // r):
                places = r * m * (b // m) + m * np.arange(r) + b % m
                stage[np.ix_(places, places)] = self.block(prefix, s, b, r)
            product, m = stage @ product, m * r
        return product.T if self.word(prefix, "order") == "dif" else product

    def real_matrix(self, prefix):
        """n/2 + 1 x n: the spectra of the even and the odd samples joined by the recombination."""
        inner = self.complex_matrix(prefix)
        h = len(inner)
        w = self.numbers(prefix + "recombination.twiddle")
        x = np.eye(2 * h)
        z = inner @ (x[0::2] + 1j * x[1::2])
        mirrored = np.conj(z[-np.arange(h)])
        even, odd = (z + mirrored) / 2, (z - mirrored) / 2j
        return np.concatenate([even + w[:, None] * odd, even[:1] - w[0] * odd[:1]])

    def part(self, prefix):
        real = self.word(prefix, "input") == "real"
        matrix = self.real_matrix(prefix) if real else self.complex_matrix(prefix)
        matrix = matrix * self.tensors[prefix + "scale"].astype(np.float64)
        if prefix + "diagonal" in self.tensors:
            matrix = self.numbers(prefix + "diagonal")[:, None] * matrix
        return matrix

    def matrix(self):
        prefixes = {"network": [""], "encdec": ["encoder.", "decoder."], "chain": ["0.", "1."]}
        result = None
        for prefix in prefixes[self.words["kind"]]:
            part = self.part(prefix)
            result = part if result is None else part @ result
        return result.real if self.words["output"] == "real" else result


MODELS = [("2,2,2,2",), ("4,3,5",), ("2,2,2", "dif"), ("4,2,3", "dif", "gates"),
          ("8,2", "stockham"), ("2,2,2,2", "tied"), ("4,4", "tied", "inverse"),
          ("4,2", "block"), ("3,5", "block", "dif"), ("2,2,3", "block", "real-field"),
          ("2,4", "block", "real-field", "gates"), ("2,2,2", "real-input"),
          ("5,2", "real-input", "dif"), ("2,3", "real-input", "tied", "inverse"),
          ("2,2,2", "gates"), ("16,2", "gates", "ortho"), ("2,2", "ortho", "inverse"),
          ("2,2,2", "f32", "gates")]


@pytest.mark.parametrize("words", MODELS, ids=" ".join)
def test_another_reader_rebuilds_the_matrix(tmp_path, words):
    path = tmp_path / "m.safetensors"
    tool("random", path, *words)
    assert distance(Reader(path).matrix(), printed(path)) <= 1e-14


@pytest.mark.parametrize("chain", ["dct2", "dct4", "conv"])
def test_chains(tmp_path, chain):
    path = tmp_path / "m.safetensors"
    tool("chain", path, chain, "2,2,3")
    assert distance(Reader(path).matrix(), printed(path)) <= 1e-14


def exact_model(radices, inverse=False, order="dit", scale=1.0):
    """The DFT as tensors and words, by the formulas alone."""
    n, m, sign = int(np.prod(radices)), 1, 1 if inverse else -1
    source, tensors = np.zeros(n, np.int32), {}
    for s, r in enumerate(radices):
        source += (np.arange(n) // m % r * (n // (m * r))).astype(np.int32)
        k, j = np.arange(n // r)[:, None] % m, np.arange(1, r)[None, :]
        w = np.exp(sign * 2j * np.pi * j * k / (r * m))
        tensors[f"stage.{s}.twiddle"] = np.stack([w.real, w.imag], -1)
        m *= r
    tensors |= {"permutation": source, "scale": np.array([scale])}
    words = {"papilio_format": "1", "kind": "network", "n": str(n), "order": order,
             "radices": ",".join(map(str, radices)), "tying": "untied", "norm": "backward",
             "direction": "inverse" if inverse else "forward"}
    return tensors, words


@pytest.mark.parametrize("radices", [(2, 2, 2), (16, 5, 5), (3, 4)])
@pytest.mark.parametrize("order", ["dit", "dif", "stockham"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_python_wrote_is_the_transform(tmp_path, radices, order, dtype):
    n = int(np.prod(radices))
    for inverse in (False, True):
        tensors, words = exact_model(radices, inverse, order, 1 / n if inverse else 1.0)
        wide = {k: v if k == "permutation" else v.astype(dtype) for k, v in tensors.items()}
        path = tmp_path / "python.safetensors"
        save_file(wide, path, words)
        want = (np.fft.ifft if inverse else np.fft.fft)(np.eye(n), axis=0)
        bound = 1e-14 if dtype == np.float64 else 2e-7
        assert distance(printed(path), want) <= bound
        program = os.environ["PAPILIO_APP"]
        done = subprocess.run([program, "compare", path, "--max-error", str(bound), "--json"],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        record = json.loads(done.stdout)
        assert record["target"] == ("idft" if inverse else "dft") and record["passed"]


class FakeTorch(types.ModuleType):
    """What the page's loader asks of torch, by numpy."""

    float64, pi = np.float64, np.pi
    arange = staticmethod(lambda count, dtype: np.arange(count, dtype=dtype))
    exp, einsum = staticmethod(np.exp), staticmethod(np.einsum)
    eye = staticmethod(lambda count, dtype: np.eye(count, dtype=dtype))
    ones, ones_like = staticmethod(np.ones), staticmethod(np.ones_like)
    view_as_complex = staticmethod(lambda pairs: pairs[..., 0] + 1j * pairs[..., 1])
    cat = staticmethod(lambda arrays, dim: np.concatenate(arrays, dim))


def page_loader(monkeypatch):
    """The Python block of the page, run with numpy in the place of torch."""
    code = re.search(r"```python\n(import torch.*?)```", PAGE.read_text(), re.DOTALL).group(1)
    assert sum(map(bool, code.splitlines())) <= 20
    monkeypatch.setitem(sys.modules, "torch", FakeTorch("torch"))
    namespace = {}
    exec(compile(code.replace('framework="pt"', 'framework="numpy"'), PAGE.name, "exec"), namespace)
    return namespace["load"]


@pytest.mark.parametrize("words", [m for m in MODELS if not {"dif", "real-input"} & set(m)],
                         ids=" ".join)
def test_the_pages_loader_computes_the_same(tmp_path, monkeypatch, words):
    path = tmp_path / "m.safetensors"
    tool("random", path, *words)
    forward = page_loader(monkeypatch)(path)
    matrix = printed(path)
    # 1 - gate is rounded as the file's numbers are.
    bound = 2e-7 if "f32" in words else 1e-14
    assert distance(forward(np.eye(len(matrix), dtype=complex)), matrix.T) <= bound
