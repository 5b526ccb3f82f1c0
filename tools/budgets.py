#!/usr/bin/env python3
"""Size budgets: a file 400 lines wanted, 800 at most; a function 40 and 80; a line 100 columns; a
folder's README 20 lines. Above "wanted" is a note, above "at most" fails."""

import ast
import sys

from common import files, finish, root_argument, text_of
from functions import cpp_functions

FILE, FUNCTION, COLUMNS, README = (400, 800), (40, 80), 100, 20
CPP = (".h", ".cpp", ".cuh", ".cu")
CODE = (*CPP, ".def", ".in", ".py", ".sh", ".cmake", ".js", ".css", "CMakeLists.txt")
SCRIPTS = ("check", "demo", "run")


def python_functions(text):
    """(name, first line, lines) of every function of a Python file."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def functions_of(path, text):
    if path.name.endswith(CPP):
        return cpp_functions(text)
    if path.suffix == ".py":
        return list(python_functions(text))
    return []


def check_code(name, path, text, problems, notes):
    lines = text.splitlines()
    if len(lines) > FILE[1]:
        problems.append(f"{name}: {len(lines)} lines; at most {FILE[1]}")
    elif len(lines) > FILE[0]:
        notes.append(f"note: {name}: {len(lines)} lines; {FILE[0]} wanted")
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            problems.append(f"{name}:{number}: {len(line)} columns; at most {COLUMNS}")
    for function, first, length in functions_of(path, text):
        what = f"{name}:{first}: {function} has {length} lines"
        if length > FUNCTION[1]:
            problems.append(f"{what}; at most {FUNCTION[1]}")
        elif length > FUNCTION[0]:
            notes.append(f"note: {what}; {FUNCTION[0]} wanted")


def check(root):
    problems, notes = [], []
    for path in files(root):
        name = str(path.relative_to(root))
        if path.name.endswith(CODE) or path.name in SCRIPTS:
            text = text_of(path)
            if text is not None:
                check_code(name, path, text, problems, notes)
        elif path.name == "README.md" and path.parent != root:
            lines = len(path.read_text().splitlines())
            if lines > README:
                problems.append(f"{name}: {lines} lines; a folder's README has at most {README}")
    return finish("budgets", problems, notes)


if __name__ == "__main__":
    sys.exit(check(root_argument()))
