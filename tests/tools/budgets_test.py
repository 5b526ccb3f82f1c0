"""tools/budgets.py counts files, functions and lines rightly and refuses what is too long."""

import sys
import unittest

from script import TOOLS, run

sys.path.insert(0, str(TOOLS))
from functions import cpp_functions  # noqa: E402

LINES = "  work();\n"


def lengths(text):
    return {name: (line, length) for name, line, length in cpp_functions(text)}


class Functions(unittest.TestCase):
    def test_plain_and_nested_blocks(self):
        text = "int f(int a) {\n  if (a) {\n    g();\n  }\n  return [&] { return a; }();\n}\n"
        self.assertEqual(lengths(text), {"f": (1, 6)})

    def test_namespace_class_and_members(self):
        text = (
            "namespace a::b {\nstruct S : T {\n  S() : x{1}, y_{2} {\n  }\n"
            "  int get() const noexcept { return x; }\n  int x = 0;\n};\n}\n"
        )
        self.assertEqual(lengths(text), {"S": (3, 2), "get": (5, 1)})

    def test_template_of_two_lines_counts_from_its_head(self):
        text = "template <class T>\nT f(T a) {\n  return a;\n}\n"
        self.assertEqual(lengths(text), {"f": (1, 4)})

    def test_text_and_comments_hold_no_braces(self):
        text = "void f() {\n  // }\n  s = \"}\"; c = '}'; n = 1'000; /* } */ r = R\"x(})x\";\n}\n"
        self.assertEqual(lengths(text), {"f": (1, 4)})

    def test_tables_are_no_functions(self):
        text = "constexpr Row kRows[] = {\n    {f(1), 2},\n};\nvoid g() {\n}\n"
        self.assertEqual(lengths(text), {"g": (4, 2)})

    def test_two_heads_under_a_condition(self):
        text = "#if A\nvoid f() {\n#else\nvoid f(int) {\n#endif\n  work();\n}\nvoid g() {\n}\n"
        self.assertEqual(lengths(text), {"f": (2, 6), "g": (8, 2)})


class Budgets(unittest.TestCase):
    def refused(self, contents, words):
        status, output = run("budgets.py", contents)
        self.assertEqual(status, 1, output)
        self.assertIn(words, output)

    def test_within(self):
        status, output = run("budgets.py", {"a.cpp": "void f() {\n" + LINES * 38 + "}\n"})
        self.assertEqual((status, output), (0, "budgets: ok\n"))

    def test_wanted_is_a_note(self):
        status, output = run("budgets.py", {"a.cpp": "void f() {\n" + LINES * 39 + "}\n"})
        self.assertEqual(status, 0)
        self.assertIn("note: a.cpp:1: f has 41 lines", output)

    def test_long_function(self):
        self.refused({"a.cpp": "void f() {\n" + LINES * 79 + "}\n"}, "a.cpp:1: f has 81 lines")
        self.refused({"a.py": "def f():\n" + "    g()\n" * 80}, "a.py:1: f has 81 lines")

    def test_long_file(self):
        self.refused({"a.h": "//\n" * 801}, "a.h: 801 lines")

    def test_long_line(self):
        self.refused({"CMakeLists.txt": "#" * 101}, "CMakeLists.txt:1: 101 columns")

    def test_long_folder_readme(self):
        self.refused({"src/base/README.md": "x\n" * 21}, "src/base/README.md: 21 lines")
        self.assertEqual(run("budgets.py", {"README.md": "x\n" * 500})[0], 0)


if __name__ == "__main__":
    unittest.main()
