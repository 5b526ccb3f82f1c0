"""tools/install.sh where it cannot install: it names the packages, touches nothing and exits 2.

The script runs in a repository of its own, with a PATH that holds only the commands named here, so
that the machine's own packages and rights do not matter."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from script import TOOLS

COMMANDS = ("bash", "cat", "dirname", "env", "grep", "mkdir", "rm", "sed", "sort", "tr")
NOTHING_INSTALLED = "exit 1"
ALL_INSTALLED = "echo install ok installed"
A_USER = "echo 1000"
WOULD_INSTALL = 'echo called >>"$0.log"'


class Machine:
    """A made-up machine; `fakes` are commands by name with their shell text."""

    def __init__(self, folder, **fakes):
        self.root = Path(folder, "repository")
        self.bin = Path(folder, "bin")
        (self.root / "tools").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(TOOLS / "install.sh", self.root / "tools")
        for name in COMMANDS:
            (self.bin / name).symlink_to(shutil.which(name))
        for name, text in fakes.items():
            path = self.bin / name.replace("_", "-")
            path.write_text(f"#!{shutil.which('sh')}\n{text}\n")
            path.chmod(0o755)

    def install(self, *what):
        done = subprocess.run([self.root / "tools/install.sh", *what], capture_output=True,
                              text=True, env={"PATH": str(self.bin), "HOME": "/nonexistent"})
        return done.returncode, done.stdout + done.stderr

    def called(self, name):
        return (self.bin / f"{name}.log").exists()


class Install(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def machine(self, **fakes):
        return Machine(self.folder.name, **fakes)

    def refused(self, machine, what, packages, words):
        status, output = machine.install(*what)
        self.assertEqual(status, 2, output)
        listed = output.strip().splitlines()[-1].split()
        for package in packages:
            self.assertIn(package, listed)
        self.assertIn(words, output)
        self.assertFalse(machine.called("apt-get"))
        self.assertEqual(os.listdir(machine.root), ["tools"])

    def test_without_apt_get_it_names_the_packages(self):
        machine = self.machine(dpkg_query=NOTHING_INSTALLED, id=A_USER)
        self.refused(machine, ["build", "app"],
                     ["g++", "cmake", "ninja-build", "libhwy-dev", "libsoxr-dev", "libcli11-dev"],
                     "install these: ")

    def test_without_rights_it_gives_the_command(self):
        machine = self.machine(dpkg_query=NOTHING_INSTALLED, id=A_USER, apt_get=WOULD_INSTALL)
        self.refused(machine, ["build"], ["g++", "cmake", "libtbb-dev", "libsndfile1-dev"],
                     "sudo apt-get install --no-install-recommends ")

    def test_a_sudo_that_asks_for_a_password_is_none(self):
        machine = self.machine(dpkg_query=NOTHING_INSTALLED, id=A_USER, apt_get=WOULD_INSTALL,
                               sudo="exit 1")
        self.refused(machine, ["demo"], ["alsa-utils"], "neither root nor password-less sudo")

    def test_only_what_is_missing_is_named(self):
        installed = f'for last; do :; done; [ "$last" = libfmt-dev ] || {ALL_INSTALLED}'
        machine = self.machine(dpkg_query=installed, id=A_USER, apt_get=WOULD_INSTALL)
        status, output = machine.install("build", "app")
        self.assertEqual(status, 2, output)
        self.assertTrue(output.rstrip().endswith("--no-install-recommends libfmt-dev"), output)

    def test_nothing_missing_needs_neither_rights_nor_apt_get(self):
        machine = self.machine(dpkg_query=ALL_INSTALLED, id=A_USER)
        self.assertEqual(machine.install("build", "app", "demo"), (0, ""))

    def test_an_unknown_group_is_refused(self):
        machine = self.machine(dpkg_query=ALL_INSTALLED, id=A_USER)
        status, output = machine.install("biuld")
        self.assertEqual(status, 2, output)
        self.assertIn("unknown: biuld", output)


if __name__ == "__main__":
    unittest.main()
