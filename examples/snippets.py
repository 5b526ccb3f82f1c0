#!/usr/bin/env python3
"""Every C++ snippet of docs/cpp.md must stand in one of the examples, line by line."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "cpp.md"


def plain(text):
    """The lines without indentation and without empty ones."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


snippets = re.findall(r"^```cpp\n(.*?)^```", DOCUMENT.read_text(), re.S | re.M)
examples = [plain(path.read_text()) for path in sorted(HERE.glob("*.cpp"))]
missing = [s for s in snippets if not any(plain(s) in example for example in examples)]
for snippet in missing:
    print(f"not in any example:\n{snippet}", file=sys.stderr)
if not snippets:
    sys.exit(f"no snippet found in {DOCUMENT}")
sys.exit(1 if missing else 0)
