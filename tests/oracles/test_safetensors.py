"""Files of Python's safetensors read by papilio::io and the reverse, bit for bit; what Python
refuses is refused."""

import json
import os
import random
import subprocess

import numpy as np
import pytest
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, load_file, save, save_file

TOOL = os.environ.get("PAPILIO_SAFETENSORS", "")
if not os.access(TOOL, os.X_OK):
    pytest.skip("no PAPILIO_SAFETENSORS (a build without io)", allow_module_level=True)

DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32",
          "int16": "I16", "int8": "I8", "uint64": "U64", "uint32": "U32", "uint16": "U16",
          "uint8": "U8", "bool": "BOOL", "complex64": "C64"}
SHAPES = ((), (1,), (7,), (3, 5), (2, 1, 4), (0,), (2, 0, 3), (1, 1, 1, 1, 1, 9))
METADATA = {"papilio_format": "1", "radices": "16,5,5", "": "empty", "quote\"": "a\\b\n\t\x01",
            "unicode": "twiddle \u03c9 \U0001f98b"}


def tool(*arguments):
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dump(*paths):
    return [json.loads(line) for line in tool("dump", *paths).splitlines()]


def tensors_of(seed, dtypes=DTYPES):
    """Every dtype in every shape, of random bits: NaNs of all kinds included."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for dtype in dtypes:
        for shape in SHAPES:
            count = int(np.prod(shape))
            bits = rng.integers(0, 256, count * np.dtype(dtype).itemsize, dtype=np.uint8)
            if dtype == "bool":
                bits %= 2
            name = f"{rng.integers(1000)}.{dtype} \u00e9.{len(tensors)}"
            tensors[name] = np.frombuffer(bits.tobytes(), dtype).reshape(shape)
    return tensors


def expect_same(got, want):
    assert got.keys() == want.keys()
    for name, array in want.items():
        assert got[name].dtype == array.dtype, name
        assert got[name].shape == array.shape, name
        assert got[name].tobytes() == array.tobytes(), name


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("metadata", [None, {}, METADATA])
def test_reads_what_python_wrote(tmp_path, seed, metadata):
    path = tmp_path / "python.safetensors"
    tensors = tensors_of(seed)
    save_file(tensors, path, metadata)
    (seen,) = dump(path)
    assert seen["metadata"] == (metadata or {})
    assert seen["tensors"].keys() == tensors.keys()
    for name, array in tensors.items():
        entry = seen["tensors"][name]
        assert entry["dtype"] == DTYPES[array.dtype.name], name
        assert entry["shape"] == list(array.shape), name
        assert entry["hex"] == array.tobytes().hex(), name


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("metadata", [None, METADATA])
def test_python_reads_what_we_wrote(tmp_path, seed, metadata):
    source, copy, again = (tmp_path / name for name in ("python", "copy", "again"))
    tensors = tensors_of(seed)
    save_file(tensors, source, metadata)
    tool("copy", source, copy)
    expect_same(load_file(copy), tensors)
    with safe_open(copy, framework="numpy") as file:
        assert (file.metadata() or {}) == (metadata or {})
    tool("copy", copy, again)
    assert copy.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_dtype_is_laid_out_as_python_does(tmp_path, dtype):
    """With several of one width the reference sorts by dtype too: only then may bytes differ."""
    source, copy = tmp_path / "python", tmp_path / "copy"
    save_file(tensors_of(1, [dtype]), source, {"n": "16"})
    tool("copy", source, copy)
    assert copy.read_bytes() == source.read_bytes()


def test_no_tensors(tmp_path):
    source, copy = tmp_path / "python", tmp_path / "copy"
    save_file({}, source)
    tool("copy", source, copy)
    assert load_file(copy) == {}


def python_refuses(data):
    try:
        load(data)
    except (SafetensorError, KeyError):  # KeyError: a dtype that numpy lacks
        return True
    return False


@pytest.mark.parametrize("seed", range(3))
def test_what_python_refuses_is_refused(tmp_path, seed):
    rng = random.Random(seed)
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.arange(3, dtype=np.uint8),
               "c": np.zeros((0, 2)), "d": np.array(5, dtype=np.int32)}
    good = save(tensors, {"k": "v"})
    paths = []
    for index in range(700):
        data = bytearray(good)
        for _ in range(rng.randint(1, 2)):
            data[rng.randrange(len(data))] = rng.choice(b'0123456789[]{}",: FIUB\x00\xff')
        if index % 10 == 0:
            del data[rng.randrange(len(data)):]
        paths.append(tmp_path / f"{index}.safetensors")
        paths[-1].write_bytes(data or b"x")
    refused = accepted = 0
    for path, seen in zip(paths, dump(*paths)):
        data = path.read_bytes()
        if "error" in seen:
            assert seen["error"].startswith(f"[safetensors] {path}: "), seen
            refused += 1
        elif not python_refuses(data):
            arrays = load(data)
            assert {n: a.tobytes().hex() for n, a in arrays.items()} == \
                {n: t["hex"] for n, t in seen["tensors"].items()}
            accepted += 1
        else:
            # Only a dtype that numpy has no word for is read by us and not by Python.
            assert any(t["dtype"] not in DTYPES.values() for t in seen["tensors"].values()), path
    assert refused > 300 and accepted > 20, (refused, accepted)
