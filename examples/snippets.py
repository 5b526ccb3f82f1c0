#!/usr/bin/env python3
"""Every C++ snippet of docs/cpp.md must stand in one of the examples, line by line; of README.md
every paragraph of its snippets."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def plain(text):
    """The lines without indentation, alignment and empty ones."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip()) + "\n"


def snippets_of(document):
    found = re.findall(r"^```cpp\n(.*?)^```", document.read_text(), re.S | re.M)
    if not found:
        sys.exit(f"no snippet found in {document}")
    return found


snippets = snippets_of(ROOT / "docs" / "cpp.md")
for snippet in snippets_of(ROOT / "README.md"):
    snippets += snippet.split("\n\n")
examples = [plain(path.read_text()) for path in sorted(HERE.glob("*.cpp"))]
missing = [s for s in snippets if not any(plain(s) in example for example in examples)]
for snippet in missing:
    print(f"not in any example:\n{snippet}", file=sys.stderr)
sys.exit(1 if missing else 0)
