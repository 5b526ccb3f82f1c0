"""Which files the checks look at, and how they report."""

import subprocess
import sys
from pathlib import Path


def files(root, *endings):
    """Files under root that git tracks or would track, with one of the endings (all if none)."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
    )
    if listed.returncode == 0:
        names = [Path(root, name) for name in listed.stdout.decode().split("\0") if name]
    else:  # not a repository: the tests of these scripts
        names = Path(root).rglob("*")
    kept = (f for f in names if f.is_file() and (not endings or f.name.endswith(endings)))
    return sorted(set(kept))


def text_of(path):
    """The file as text, or None if it is binary."""
    data = path.read_bytes()
    return None if b"\0" in data else data.decode("utf-8", errors="replace")


def finish(name, problems, notes=()):
    """Prints the problems, or that there are none; the exit status."""
    for line in notes:
        print(line)
    for line in problems:
        print(line)
    print(f"{name}: {len(problems)} problem(s)" if problems else f"{name}: ok")
    return 1 if problems else 0


def root_argument():
    """The repository to check: the first argument, or the one that holds this script."""
    return Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
