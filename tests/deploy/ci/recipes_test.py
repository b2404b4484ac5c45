# SPDX-License-Identifier: Apache-2.0
"""The recipes for pipelines: what each exit code of a comparison becomes, and that the shell can read them."""

import os
import pathlib
import subprocess
import tempfile
import unittest

CI = pathlib.Path(__file__).resolve().parents[3] / "deploy" / "ci"


class Recipes(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-ci-")))

    def program(self, name, text):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def bisect(self, *arguments, builds=True):
        self.program("cmake", "exit 0" if builds else "exit 1")
        path = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        return subprocess.run([CI / "bisect", *arguments], cwd=self.folder, env={**os.environ, **path},
                              capture_output=True, text=True, timeout=60)

    def test_bisect_skips_what_cannot_be_told(self):
        for code, meaning in {0: 0, 3: 1, 4: 1, 1: 125, 5: 125, 6: 125, 130: 125, 2: 255}.items():
            with self.subTest(code=code):
                normbench = self.program("normbench", f'echo "$@"; exit {code}')
                done = self.bisect("/good/server", normbench, "gate.json")
                self.assertEqual(done.returncode, meaning, done.stderr)
                self.assertIn("compare --a '/good/server' --b", done.stdout)

    def test_bisect_skips_what_does_not_build(self):
        normbench = self.program("normbench", "exit 0")
        self.assertEqual(self.bisect("/good/server", normbench, "gate.json", builds=False).returncode, 125)
        self.assertEqual(self.bisect("/good/server").returncode, 255)

    def test_the_shell_can_read_them(self):
        for name in ("gate", "bisect"):
            with self.subTest(name=name):
                self.assertEqual(subprocess.run(["bash", "-n", CI / name], check=False).returncode, 0)
                self.assertTrue((CI / name).stat().st_mode & 0o100)

    def test_the_pipelines_call_what_is_there(self):
        for name in ("github-actions.yml", "gitlab-ci.yml"):
            with self.subTest(name=name):
                text = (CI / name).read_text()
                self.assertIn("deploy/ci/gate ", text)
                self.assertIn("deploy/ci/gate.json", text)
                self.assertNotIn("\t", text)


if __name__ == "__main__":
    unittest.main()
