# SPDX-License-Identifier: Apache-2.0
"""The recipes for pipelines: what each exit code of a comparison becomes, and that the shell can read them."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import yaml

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

    def gate(self, code):
        """A checkout whose gate takes these arguments only, and ends with a code."""
        (self.folder / "deploy" / "ci").mkdir(parents=True, exist_ok=True)
        return self.program("deploy/ci/gate", f'echo "gate $1 $2"; echo summary >gate.md; exit {code}')

    def run_script(self, script, **environment):
        return subprocess.run(["bash", "-e", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "HOME": str(self.folder), **environment})

    def test_github_fails_for_what_regressed_and_warns_of_what_is_open(self):
        job = yaml.safe_load((CI / "github-actions.yml").read_text())["jobs"]["gate"]
        script = {step.get("name"): step for step in job["steps"]}["compare"]["run"].replace("${{ github.base_ref }}", "main")
        self.assertNotIn("${{", script)
        for code, becomes in {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 0, 6: 0, 130: 130}.items():
            with self.subTest(code=code):
                self.gate(code)
                done = self.run_script(script, GITHUB_STEP_SUMMARY=str(self.folder / "summary"))
                self.assertEqual(done.returncode, becomes, done.stderr)
                self.assertIn("gate origin/main deploy/ci/gate.json", done.stdout)
                self.assertEqual("::warning::" in done.stdout, code in (5, 6))
                self.assertIn("summary", (self.folder / "summary").read_text())

    def test_gitlab_fails_for_what_regressed_and_warns_of_what_is_open(self):
        job = yaml.safe_load((CI / "gitlab-ci.yml").read_text())["normbench-gate"]
        self.assertEqual(job["allow_failure"]["exit_codes"], [5, 6])
        self.gate(3)
        done = self.run_script("\n".join(job["script"]), CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
        self.assertEqual(done.returncode, 3)
        self.assertIn("gate origin/main deploy/ci/gate.json", done.stdout)
        self.assertTrue((CI / "gate.json").exists())


if __name__ == "__main__":
    unittest.main()
