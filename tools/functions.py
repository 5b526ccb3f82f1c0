"""Finds the functions of a C++ file by counting braces: no parser, but right for code that
clang-format has laid out. Lambdas count as part of the function that holds them."""

import re

TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"(?P<fence>[^(\s"]{0,16})\(.*?\)(?P=fence)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'",
    re.S,
)
TYPE = re.compile(r"\b(?:class|struct|union|enum)\b[^()=]*$")
NAMESPACE = re.compile(r"^(?:inline\s+)?namespace\b|^extern\s*$")
NAME = re.compile(r"([~\w:]+|operator\s*\S+?)\s*\(")
MEMBER_LIST = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)|^,")
WORD_END = re.compile(r"(\w+)>?\s*$")
BEFORE_BODY = {"const", "noexcept", "override", "final", "try", "mutable", "else", "do"}


def blank(text):
    """Same text with comments and literals blanked, line breaks kept."""
    return TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def preprocess(text, first_branch):
    """Blanks directives and, if asked, all branches of an #if but the first."""
    out, stack, continued = [], [], False
    for line in text.split("\n"):
        word = re.match(r"\s*#\s*(\w+)", line)
        if continued or word:
            continued = line.endswith("\\")
            if word and word.group(1) in ("if", "ifdef", "ifndef"):
                stack.append(True)
            elif word and word.group(1) in ("else", "elif") and stack:
                stack[-1] = False
            elif word and word.group(1) == "endif" and stack:
                stack.pop()
            out.append("")
            continue
        keep = all(stack) if first_branch else True
        out.append(line if keep else "")
    return "\n".join(out)


def kind_of(header, inside_function):
    """What a brace opens, from the text since the last ; { or }."""
    if inside_function:
        return "block"
    if NAMESPACE.search(header):
        return "namespace"
    if TYPE.search(header):
        return "type"
    if "(" not in header or header.endswith(("=", "(", ",")):
        return "value"
    end = WORD_END.search(header)
    if MEMBER_LIST.search(header) and end and end.group(1) not in BEFORE_BODY:
        return "member"
    return "function"


def scan(text):
    found, stack, header_start = set(), [], 0
    for mark in re.finditer(r"[{};]|\b(?:public|private|protected)\s*:", text):
        at, sign = mark.start(), mark.group()
        inside = any(kind in ("function", "value", "member") for kind, _, _ in stack)
        if sign == "{":
            header = text[header_start:at]
            stack.append((kind_of(header.strip(), inside), header, header_start))
        elif sign == "}" and stack:
            kind, header, start = stack.pop()
            if kind == "function":
                first = start + len(header) - len(header.lstrip())
                name = NAME.search(header)
                line = text.count("\n", 0, first) + 1
                length = text.count("\n", first, at) + 1
                found.add((name.group(1) if name else "function", line, length))
            if kind in ("member", "value"):
                header_start = start  # the header goes on behind the braces
                continue
        if not inside or sign == "}":
            header_start = mark.end()
    return found


def cpp_functions(text):
    """(name, first line, lines) of every function, in order."""
    plain = blank(text)
    both = scan(preprocess(plain, True)) | scan(preprocess(plain, False))
    return sorted(both, key=lambda function: function[1])
