#!/usr/bin/env python3
"""What must not be in the repository: build outputs, other people's code, large or binary files,
unfinished work, paths and hosts of one machine, scripts that do not parse."""

import re
import subprocess
import sys
from pathlib import PurePath

from common import files, finish, root_argument, text_of

LARGEST = 400_000  # bytes
BINARY = {".npz", ".npy", ".png", ".wav", ".flac", ".ogg", ".safetensors"}
OUTPUT = re.compile(r"\.(?:o|a|so(?:\.\d+)*|obj|exe|dll|pyc|whl|deb|tar|gz|zip|7z|log)$|~$|\.orig$")
FOREIGN = {
    "build", "out", "node_modules", "third_party", "third-party", "thirdparty", "vendor",
    "external", "extern", "__pycache__", ".cache", "CMakeFiles",
}
WORDS = {
    r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b": "unfinished work: do it, or write an issue",
    r"(?<![\w.$}~/-])/(?:home|root|work|Users|mnt)/\w": "a path of one machine",
    r"\bregistry\.\w+\.\w+|\bpypi\.\w+/simple|python" r"hosted\.": "a registry's host",
    r"^(?:<{7}|>{7}) ": "a merge conflict",
}
WORDS = {re.compile(pattern, re.M): meaning for pattern, meaning in WORDS.items()}


def check_file(name, path, problems):
    if OUTPUT.search(path.name) or FOREIGN & set(PurePath(name).parts[:-1]):
        problems.append(f"{name}: a build output or other people's code")
        return
    if path.stat().st_size > LARGEST:
        problems.append(f"{name}: {path.stat().st_size} bytes; at most {LARGEST}")
    text = text_of(path)
    if text is None:
        if path.suffix not in BINARY:
            problems.append(f"{name}: binary")
        return
    for pattern, meaning in WORDS.items():
        for found in pattern.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            problems.append(f"{name}:{line}: {found.group().strip()}: {meaning}")
    check_script(name, path, text, problems)


def check_script(name, path, text, problems):
    """Shell scripts parse; whatever starts with #! can be started."""
    first = text.split("\n", 1)[0]
    if not first.startswith("#!"):
        return
    if not path.stat().st_mode & 0o100:
        problems.append(f"{name}: starts with #! and is not executable")
    shell = re.search(r"\b(bash|sh)$", first)
    if shell:
        parsed = subprocess.run([shell.group(1), "-n", path], capture_output=True, text=True)
        if parsed.returncode:
            problems.append(f"{name}: {parsed.stderr.strip()}")


def check(root):
    problems = []
    for path in files(root):
        check_file(str(path.relative_to(root)), path, problems)
    return finish("hygiene", problems)


if __name__ == "__main__":
    sys.exit(check(root_argument()))
