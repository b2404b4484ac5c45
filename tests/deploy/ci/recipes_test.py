# SPDX-License-Identifier: Apache-2.0
"""The recipes for pipelines: what each exit code of a comparison becomes, and that the shell can read them."""

import os
import pathlib
import shutil
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


class Gate(unittest.TestCase):
    """deploy/ci/gate in a repository of its own, with programs that only say how they were called."""

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-ci-"))
        self.root = pathlib.Path(folder).resolve() / "it's a checkout"
        self.programs = self.root.parent / "programs"
        (self.root / "deploy" / "ci").mkdir(parents=True)
        self.programs.mkdir()
        shutil.copy(CI / "gate", self.root / "deploy" / "ci" / "gate")
        self.write(self.root / "deploy" / "bootstrap", "exit 0")
        self.git("init", "--quiet")
        self.commit("before")
        # Builds what is checked out: a client that says what it was given and what is in A's checkout.
        self.write(self.programs / "cmake", f"""
case $* in *--build*) ;; *) echo configured; exit 0 ;; esac
[ "$(cat what)" != broken ] || {{ echo undefined reference; exit 2; }}
mkdir -p build/release/bin
cat >build/release/bin/normbench <<'END'
#!/bin/sh
cat build/gate/base/what
for argument in "$@"; do echo "<$argument>"; done
exit ${{GATE_CODE:-0}}
END
chmod +x build/release/bin/normbench""")

    def write(self, path, text):
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def git(self, *words):
        subprocess.run(["git", "-c", "user.name=test", "-c", "user.email=test@localhost", *words], cwd=self.root, check=True,
                       timeout=60)

    def commit(self, what):
        (self.root / "what").write_text(f"{what}\n")
        self.git("add", "deploy", "what")
        self.git("commit", "--quiet", "--message", what)

    def run_gate(self, *words, code=0):
        environment = {**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}", "GATE_CODE": str(code)}
        return subprocess.run([self.root / "deploy" / "ci" / "gate", *words], cwd=self.root.parent, env=environment,
                              capture_output=True, text=True, timeout=60)

    def assert_fails(self, done, code, sentence):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(sentence, done.stderr)
        self.assertNotIn("<compare>", done.stdout)

    def test_compares_the_base_with_the_checkout(self):
        self.commit("after")
        done = self.run_gate("HEAD~1", "other.json", "--junit", "a b.xml")
        self.assertEqual(done.returncode, 0, done.stderr)
        server = "build/release/bin/normbench-server"
        root = str(self.root).replace("'", "'\\''")
        self.assertEqual(done.stdout.splitlines(),
                         ["before", "<compare>", "<--policy>", "<other.json>", "<--out>", "<build/gate/result>",
                          "<--a>", f"<'{root}/build/gate/base/{server}'>", "<--b>", f"<'{root}/{server}'>",
                          "<--junit>", "<a b.xml>"])

    def test_has_a_policy_of_its_own(self):
        self.assertIn("<deploy/ci/gate.json>", self.run_gate("HEAD").stdout)

    def test_ends_as_the_comparison_does(self):
        for code in (1, 2, 3, 4, 5, 6, 130):
            with self.subTest(code=code):
                self.assertEqual(self.run_gate("HEAD", code=code).returncode, code)

    def test_a_base_that_is_missing(self):
        self.assert_fails(self.run_gate(), 2, "usage: deploy/ci/gate BASE")
        self.assert_fails(self.run_gate("origin/main"), 1, "'origin/main' is no commit of this repository")
        self.assert_fails(self.run_gate("--help"), 1, "'--help' is no commit")
        (self.root / ".git").rename(self.root / "not-git")
        self.assert_fails(self.run_gate("HEAD"), 1, "'HEAD' is no commit of this repository")

    def test_what_an_earlier_run_has_left(self):
        worktree = self.root / "build" / "gate" / "base"
        for name, left in (("the same", lambda: None), ("removed by hand", lambda: shutil.rmtree(worktree)),
                           ("no worktree", lambda: (worktree / ".git").unlink()),
                           ("a file", lambda: (shutil.rmtree(worktree), worktree.write_text(""))),
                           ("locked", lambda: self.git("worktree", "lock", str(worktree)))):
            with self.subTest(name=name):
                self.assertEqual(self.run_gate("HEAD").returncode, 0)
                left()
                self.commit(name)
                done = self.run_gate("HEAD")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout.splitlines()[0], name)
        # A cache that was restored into a new clone: the worktree is of a repository that is not this one.
        (worktree / ".git").write_text("gitdir: /no/such/repository\n")
        self.git("worktree", "prune")
        self.assertEqual(self.run_gate("HEAD").returncode, 0)

    def test_what_git_and_the_build_cannot_do_is_1(self):
        self.commit("broken")
        done = self.run_gate("HEAD~1")
        self.assert_fails(done, 1, ".: does not build")
        self.assertIn("undefined reference", done.stdout)
        self.assert_fails(self.run_gate("HEAD"), 1, "build/gate/base: does not build")
        self.write(self.programs / "git", f'case $* in "worktree add"*) exit 128 ;; esac; exec {shutil.which("git")} "$@"')
        self.assert_fails(self.run_gate("HEAD"), 1, "'HEAD' cannot be checked out")
        self.write(self.root / "deploy" / "bootstrap", "exit 7")
        self.assert_fails(self.run_gate("HEAD"), 1, "deploy/bootstrap failed")


if __name__ == "__main__":
    unittest.main()
