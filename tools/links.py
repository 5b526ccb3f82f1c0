#!/usr/bin/env python3
"""Checks the documents: every relative link of a *.md file leads to a file, every anchor to a
heading. Links to other sites are not followed."""

import re
import sys
from urllib.parse import unquote

from common import files, finish, root_argument

FENCE = re.compile(r"^(```|~~~).*?^\1", re.S | re.M)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\s*\[[^\]]+\]:\s+(\S+)", re.M)
SITE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.I)


def blank(pattern, text):
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def anchor_of(heading):
    """The anchor of a heading as GitHub makes it."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors_of(path):
    """All anchors of a document; repeated headings get -1, -2 ..."""
    seen, anchors = {}, set()
    text = blank(FENCE, path.read_text())
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*\s*$", text, re.M):
        anchor = anchor_of(heading)
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        anchors.add(f"{anchor}-{count}" if count else anchor)
    return anchors | set(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", text))


def problem_of(root, path, link):
    """What is wrong with one link, or None."""
    target, _, anchor = unquote(link).partition("#")
    if target.startswith("/"):
        return "is absolute; link relative to the document"
    file = (path.parent / target).resolve() if target else path
    if not file.exists():
        return "leads nowhere"
    if not file.is_relative_to(root):
        return "leaves the repository"
    if anchor and file.suffix == ".md" and anchor not in anchors_of(file):
        return f"has no heading #{anchor}"
    return None


def check(root):
    problems = []
    for path in files(root, ".md"):
        text = blank(CODE, blank(FENCE, path.read_text()))
        for found in [*LINK.finditer(text), *REFERENCE.finditer(text)]:
            link = found.group(1)
            problem = None if SITE.match(link) else problem_of(root, path, link)
            if problem:
                line = text.count("\n", 0, found.start(1)) + 1
                problems.append(f"{path.relative_to(root)}:{line}: {link} {problem}")
    return finish("links", problems)


if __name__ == "__main__":
    sys.exit(check(root_argument()))
