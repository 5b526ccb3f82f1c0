#!/usr/bin/env python3
"""Proves the layers: every #include of src/, apps/ and include/ is allowed by tools/layers.txt."""

import re
import sys

from common import files, finish, root_argument

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


class Layers:
    """The allow-list: folders in order, public leaf headers, who may use which library."""

    def __init__(self, path):
        self.allowed, self.leaf, self.library, self.problems = {}, set(), {}, []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            name, _, words = line.partition(":")
            words = words.split()
            if name == "leaf":
                self.leaf = set(words)
            elif name.startswith("<"):
                self.library[name.strip("<>")] = set(words)
            else:
                for word in words:
                    if word not in self.allowed:
                        self.problems.append(f"{path}:{number}: {word} is not above {name}")
                self.allowed[name] = {name, *words}


def source_problem(layers, folder, quoted, library):
    """What is wrong with one include of src/<folder>, or None."""
    for prefix, users in layers.library.items():
        if (library or quoted).startswith(prefix):
            return None if folder in users else f"{prefix} is for {', '.join(sorted(users))} only"
    if library:
        return None
    top, _, rest = quoted.partition("/")
    if not rest:
        return 'includes name their folder: "folder/file.h"'
    if top == "papilio":
        if folder == "api" or rest in layers.leaf:
            return None
        return f"{folder} may include these public headers only: {', '.join(sorted(layers.leaf))}"
    if top not in layers.allowed:
        return f"{top} is no folder of tools/layers.txt"
    if top not in layers.allowed[folder]:
        return f"{folder} may not include {top} (tools/layers.txt)"
    return None


def app_problem(layers, quoted):
    top, _, rest = quoted.partition("/")
    if rest and top not in layers.allowed and top != "papilio":
        return f"{top} is no folder of tools/layers.txt"
    return None


def public_problem(quoted, library):
    if library and re.search(r"[/.]", library):
        return "public headers include only the standard library and papilio/"
    if quoted and not quoted.startswith("papilio/"):
        return 'public headers include only the standard library and "papilio/..."'
    return None


def problem_of(layers, parts, quoted, library):
    if parts[0] == "src":
        return source_problem(layers, parts[1], quoted, library)
    if parts[0] == "apps":
        return app_problem(layers, quoted) if quoted else None
    return public_problem(quoted, library)


def check(root):
    layers = Layers(root / "tools" / "layers.txt")
    problems, unknown = list(layers.problems), set()
    for path in files(root, ".h", ".cpp", ".def", ".cuh", ".in"):
        parts = path.relative_to(root).parts
        if parts[0] not in ("src", "apps", "include") or len(parts) < 3:
            continue
        if parts[0] == "src" and parts[1] not in layers.allowed:
            unknown.add(parts[1])
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            problem = found and problem_of(layers, parts, *found.groups())
            if problem:
                where = "/".join(parts)
                problems.append(f"{where}:{number}: {line.strip()}\n    {problem}")
    problems += [f"src/{name}: missing from tools/layers.txt" for name in sorted(unknown)]
    return finish("layers", problems)


if __name__ == "__main__":
    sys.exit(check(root_argument()))
