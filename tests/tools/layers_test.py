"""tools/layers.py lets allowed includes pass and names every other one."""

import unittest

from script import run

LAYERS = """base:
ir: base
kernels: base
api: base ir
leaf: error.h
<hwy/>: kernels
"""


def check(contents, layers=LAYERS):
    return run("layers.py", {"tools/layers.txt": layers, **contents})


class Layers(unittest.TestCase):
    def refused(self, contents, words, layers=LAYERS):
        status, output = check(contents, layers)
        self.assertEqual(status, 1, output)
        self.assertIn(words, output)

    def test_allowed(self):
        status, output = check({
            "src/ir/a.cpp": '#include "ir/a.h"\n#include <vector>\n#include "base/b.h"\n',
            "src/kernels/k.cpp": '#include "hwy/highway.h"\n#include "papilio/error.h"\n',
            "src/api/w.cpp": '#include "papilio/welch.h"\n',
            "apps/papilio/main.cpp": '#include <CLI/CLI.hpp>\n#include "ir/a.h"\n',
            "include/papilio/welch.h": '#include <span>\n#include "papilio/view.h"\n',
        })
        self.assertEqual(status, 0, output)

    def test_upward(self):
        self.refused({"src/base/b.cpp": '\n  # include "ir/a.h"\n'}, "src/base/b.cpp:2")

    def test_sideways(self):
        self.refused({"src/kernels/k.cpp": '#include "ir/a.h"\n'}, "kernels may not include ir")

    def test_nested_folder_belongs_to_its_layer(self):
        self.refused({"src/kernels/x/k.cpp": '#include "ir/a.h"\n'}, "src/kernels/x/k.cpp:1")

    def test_unlisted_folder(self):
        self.refused({"src/extra/e.cpp": ""}, "src/extra: missing from tools/layers.txt")

    def test_unknown_folder(self):
        self.refused({"src/ir/a.cpp": '#include "nowhere/a.h"\n'}, "nowhere is no folder")
        self.refused({"apps/papilio/a.cpp": '#include "nowhere/a.h"\n'}, "nowhere is no folder")

    def test_include_without_folder(self):
        self.refused({"src/ir/a.cpp": '#include "a.h"\n'}, "includes name their folder")

    def test_library_outside_its_folder(self):
        self.refused({"src/ir/a.cpp": "#include <hwy/highway.h>\n"}, "hwy/ is for kernels only")
        self.refused({"src/ir/a.cpp": '#include "hwy/highway.h"\n'}, "hwy/ is for kernels only")

    def test_public_header_below_api(self):
        self.refused({"src/ir/a.cpp": '#include "papilio/welch.h"\n'}, "public headers only")

    def test_public_headers_are_standalone(self):
        self.refused({"include/papilio/w.h": '#include "base/b.h"\n'}, "include/papilio/w.h:1")
        self.refused({"include/papilio/w.h": "#include <fmt/core.h>\n"}, "include/papilio/w.h:1")

    def test_list_is_in_order(self):
        self.refused({}, "api is not above base", "base: api\napi:\n")


if __name__ == "__main__":
    unittest.main()
