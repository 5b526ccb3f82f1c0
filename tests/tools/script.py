"""Runs one of the scripts of tools/ on a small made-up repository."""

import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def run(script, contents, modes=None):
    """Writes {name: text} to a folder and runs tools/<script> on it: (exit status, output)."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in contents.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            path.chmod((modes or {}).get(name, 0o644))
        done = subprocess.run(
            [sys.executable, TOOLS / script, folder], capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr
