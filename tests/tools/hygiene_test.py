"""tools/hygiene.py finds what must not be in the repository."""

import unittest

from script import run


class Hygiene(unittest.TestCase):
    def refused(self, contents, words):
        status, output = run("hygiene.py", contents)
        self.assertEqual(status, 1, output)
        self.assertIn(words, output)

    def test_clean(self):
        status, output = run("hygiene.py", {
            "src/a.cpp": "// see /dev/full and ${root}/work/x\n",
            "tests/golden.npz": b"PK\0\0",
            "check": "#!/bin/sh\ntrue\n",
        }, {"check": 0o755})
        self.assertEqual((status, output), (0, "hygiene: ok\n"))

    def test_build_outputs_and_foreign_code(self):
        for name in ("a.o", "lib/x.so.1", "build/x.txt", "third_party/x.h", "node_modules/x.js"):
            self.refused({name: "x"}, f"{name}: a build output")

    def test_large_and_binary(self):
        self.refused({"a.txt": "x\n" * 200_001}, "a.txt: 400002 bytes")
        self.refused({"a.dat": b"\0\1"}, "a.dat: binary")

    def test_unfinished_work(self):
        self.refused({"a.cpp": "\n// TO" "DO later\n"}, "a.cpp:2:")
        self.refused({"a.cpp": "<" * 7 + " mine\n"}, "a merge conflict")

    def test_machine_paths_and_hosts(self):
        self.refused({"a.md": "in /ho" "me/me/x\n"}, "a path of one machine")
        self.refused({"a.json": "https://registry.npm" "js.org/x\n"}, "a registry's host")

    def test_scripts(self):
        self.refused({"run": "#!/bin/sh\ntrue\n"}, "not executable")
        self.refused({"run": "#!/bin/bash\nif\n"}, "run: ")


if __name__ == "__main__":
    unittest.main()
