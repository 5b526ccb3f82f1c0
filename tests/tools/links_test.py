"""tools/links.py finds links of the documents that lead nowhere."""

import unittest

from script import run


class Links(unittest.TestCase):
    def refused(self, contents, words):
        status, output = run("links.py", contents)
        self.assertEqual(status, 1, output)
        self.assertIn(words, output)

    def test_good_links(self):
        status, output = run("links.py", {
            "README.md": "# A\n[b](docs/b.md#the-b-part) [a](#a) [s](https://x.org/y) ![f](f.png)\n"
            "[again](docs/b.md#the-b-part-1)\n```\n[code](nowhere)\n```\n`[code](nowhere)`\n",
            "docs/b.md": "## The `b` part!\n## The b part\n[up](../README.md)\n[folder](.)\n",
            "f.png": "",
        })
        self.assertEqual((status, output), (0, "links: ok\n"))

    def test_missing_file(self):
        self.refused({"docs/a.md": "\n[b](b.md)\n"}, "docs/a.md:2: b.md leads nowhere")

    def test_missing_reference_and_image(self):
        self.refused({"a.md": "[b]: b.md\n"}, "b.md leads nowhere")
        self.refused({"a.md": "![b](b.png)\n"}, "b.png leads nowhere")

    def test_missing_heading(self):
        self.refused({"a.md": "# One\n[x](#two)\n"}, "a.md:2: #two has no heading #two")

    def test_absolute_and_outside(self):
        self.refused({"a.md": "[x](/etc/hosts)\n"}, "is absolute")
        self.refused({"a.md": "[x](../)\n"}, "leaves the repository")


if __name__ == "__main__":
    unittest.main()
