# SPDX-License-Identifier: Apache-2.0
"""deploy/bootstrap as far as it goes without installing anything: dpkg and sudo are stand-ins."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from support import ROOT

APT = "env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "


def bootstrap(*flags, **environment):
    return subprocess.run([ROOT / "deploy/bootstrap", *flags], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **environment})


class Usage(unittest.TestCase):
    def test_help(self):
        done = bootstrap("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for flag in ("--tests", "--full", "--print-torch-root", "--print-test-python", "NORMBENCH_TORCH_ROOT"):
            self.assertIn(flag, done.stdout)

    def test_unknown_argument(self):
        done = bootstrap("--test")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("bootstrap: unknown argument '--test'\nusage: ", done.stderr)

    def test_print_does_nothing_but_print(self):
        with tempfile.TemporaryDirectory() as cache:
            self.assertRegex(bootstrap("--print-torch-root", XDG_CACHE_HOME=cache, NORMBENCH_TORCH_ROOT="").stdout,
                             rf"^{cache}/normbench/torch-\d+\.\d+\.\d+-(cpu|full)/\S+/torch\n$")
            self.assertEqual(bootstrap("--print-torch-root", NORMBENCH_TORCH_ROOT="/my/torch").stdout, "/my/torch\n")
            self.assertEqual(bootstrap("--print-test-python", XDG_CACHE_HOME=cache).stdout,
                             f"{cache}/normbench/test-clients/bin/python\n")
            self.assertEqual(os.listdir(cache), [])


class OnABareMachine(unittest.TestCase):
    """No package is there, and the user is not root."""

    def install(self, sudo):
        """Runs bootstrap with `sudo` as the text of that program; returns it and what sudo was asked for."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        asked = folder / "asked"
        asked.touch()
        for name, text in {"id": "echo 1000", "dpkg-query": "exit 1", "sudo": f'echo "$*" >>{asked}\n{sudo}'}.items():
            (folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / name).chmod(0o755)
        done = bootstrap(PATH=f"{folder}:{os.environ['PATH']}", NORMBENCH_TORCH_ROOT="/no/torch")
        self.assertEqual(done.returncode, 1, done.stderr)
        return done, asked.read_text().splitlines()

    def test_who_may_not_sudo_is_told_what_to_install(self):
        done, asked = self.install("exit 1")
        self.assertEqual(asked, ["-n true", "-v"])
        self.assertRegex(done.stderr, r"^bootstrap: needs root, or .*\n +apt-get install --no-install-recommends g\+\+ "
                                      r"[^\n]* dataset-fashion-mnist\n$")

    def test_a_command_that_fails_is_not_run_again(self):
        done, asked = self.install('[ "$1" = -n ] || exit 100')
        self.assertEqual(asked, ["-n true", APT + "update"])
        self.assertEqual(done.stderr, "bootstrap: apt-get update failed: is the network there?\n")

    def test_packages_in_one_go(self):
        done, asked = self.install("exit 0")
        self.assertEqual(asked[:2], ["-n true", APT + "update"])
        self.assertRegex(asked[2], "^" + APT + r"install -y --no-install-recommends g\+\+ .* dataset-fashion-mnist$")
        self.assertEqual(len(asked), 3)
        self.assertEqual(done.stderr, "bootstrap: no LibTorch in '/no/torch'\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
