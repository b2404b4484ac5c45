# SPDX-License-Identifier: Apache-2.0
"""What the READMEs and --help tell a reader to type is accepted."""

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from support import ROOT, SERVER

READMES = subprocess.run(["git", "ls-files", "*README.md"], cwd=ROOT, check=True, capture_output=True,
                         text=True).stdout.split()
PROGRAMS = {"normbench", "normbench-server", "normbench-train", "norm_bench", "rpc_bench", "rpc_limits", "history_bench"}
REMOTE = ["submit", "watch", "history", "show", "cancel", "delete"]  # need a server with a history
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def blocks(readme, language=""):
    """The fenced blocks of a README that are marked as `language`."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / readme).read_text(), re.M | re.S)
    return [text for mark, text in found if mark == language]


def commands(text, where):
    """(where, words) of each line that begins with one of our programs, or repeats one as a report does."""
    for line in text.splitlines():
        words = shlex.split(line, comments=True) if re.match(r"\s*(rerun +)?\S*(normbench|norm_bench|rpc_bench|rpc_limits|history_bench)", line) else []
        words = words[1:] if words[:1] == ["rerun"] else words
        if words and pathlib.Path(words[0]).name in PROGRAMS:
            yield where, [pathlib.Path(words[0]).name, *words[1:]]


def run(program, *arguments):
    return subprocess.run([pathlib.Path(SERVER).parent / program, *arguments], cwd=ROOT, capture_output=True,
                          text=True, timeout=60)


def help_of(program, *verbs):
    done = run(program, *verbs, "--help")
    if done.returncode != 0:
        raise AssertionError(f"{program} {' '.join(verbs)} --help: exit {done.returncode}\n{done.stderr}")
    return done.stdout


class Readme(unittest.TestCase):
    def setUp(self):
        helps = {"--help of " + " ".join(verbs): help_of(*verbs) for verbs in
                 [["normbench"], ["normbench", "run"], ["normbench", "run", "norm"], ["normbench", "schema"],
                  ["normbench", "report"], ["normbench", "explain"], ["normbench", "doctor"],
                  ["normbench", "compare"], ["normbench", "gate"],
                  *(["normbench", verb] for verb in REMOTE)]}
        self.commands = [c for readme in READMES for block in blocks(readme) for c in commands(block, readme)]
        self.commands += [c for where, text in helps.items() for c in commands(text, where)]

    def of(self, *start):
        found = [(where, words) for where, words in self.commands if words[:len(start)] == list(start)]
        self.assertTrue(found, f"no README has a '{' '.join(start)}'")
        return found

    def test_runs_have_cases(self):
        for where, words in self.of("normbench", "run"):
            with self.subTest(where=where, command=" ".join(words)):
                done = run(*words, "--dry-run")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_both_ways_to_name_a_server_are_among_them(self):
        lines = [" ".join(words) for _, words in self.of("normbench", "run")]
        self.assertTrue(any("--target" in line for line in lines))
        self.assertTrue(any("--server" in line for line in lines))

    def test_schemas_are_printed(self):
        for where, words in self.of("normbench", "schema"):
            with self.subTest(where=where, command=" ".join(words)):
                done = run(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout.startswith("{"))

    def test_warnings_are_explained(self):
        for where, words in self.of("normbench", "explain"):
            with self.subTest(where=where, command=" ".join(words)):
                done = run(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout)

    def test_kept_reports_are_shown(self):
        report = ROOT / "tests/bench/report/golden/report.json"
        for where, words in self.of("normbench", "report"):
            with self.subTest(where=where, command=" ".join(words)):
                done = run(*words[:2], report, *words[3:])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout)

    def test_comparisons_have_a_plan(self):
        for where, words in self.of("normbench", "compare"):
            with self.subTest(where=where, command=" ".join(words)):
                words = ["deploy/ci/gate.json" if word == "gate.json" else word for word in words]
                done = run(*words, "--dry-run")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("plan   ", done.stdout)

    def test_gates_name_their_reports(self):
        for where, words in self.of("normbench", "gate"):
            with self.subTest(where=where, command=" ".join(words)):
                if words[2] == "selftest":  # run by gate_test.py
                    self.assertIn("--server", help_of(*words))
                    continue
                done = run(*[word for word in words if word not in ("--policy", "gate.json")])
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn("cannot be read", done.stderr)

    def test_the_doctor_looks_at_this_machine(self):
        lines = {" ".join(words) for _, words in self.of("normbench", "doctor")}
        for short in {re.sub(r" --seconds \S+", "", line) + " --seconds 3" for line in lines}:
            with self.subTest(command=short):
                done = run(*short.split())
                self.assertIn(done.returncode, (0, 5), done.stderr)
                self.assertTrue(done.stdout)

    def test_verbs_about_runs_of_a_server_are_accepted(self):
        for verb in REMOTE:
            for where, words in self.of("normbench", verb):
                with self.subTest(where=where, command=" ".join(words)):
                    done = run(*words, "--server", "127.0.0.1:1", "--connect-timeout", "0")
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertIn("no server at 127.0.0.1:1", done.stderr)

    def test_benchmarks_have_cases(self):
        for where, words in self.of("norm_bench"):
            with self.subTest(where=where, command=" ".join(words)):
                done = run(*words, "--list")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout)

    def test_programs_that_would_stay_have_the_flags(self):
        for program in ("normbench-server", "normbench-train", "rpc_bench", "history_bench"):
            known = set(FLAG.findall(help_of(program)))
            for where, words in self.of(program):
                with self.subTest(where=where, command=" ".join(words)):
                    self.assertLessEqual(set(FLAG.findall(" ".join(words))), known)

    def test_flags_in_the_text_of_a_program_are_its_own(self):
        client = "".join(help_of("normbench", *verbs) for verbs in ([], ["run"], ["run", "norm"], ["report"], ["doctor"], ["compare"], ["gate"], ["gate", "selftest"], *([verb] for verb in REMOTE)))
        for readme, known in {"bench/paper/README.md": help_of("normbench-train") + help_of("normbench-server"),
                              "client/README.md": client + "--history"}.items():
            with self.subTest(readme=readme):
                self.assertLessEqual(set(FLAG.findall((ROOT / readme).read_text())), set(FLAG.findall(known)))

    def test_every_flag_of_run_is_in_the_readme_of_the_client(self):
        known = set(FLAG.findall(help_of("normbench", "run") + help_of("normbench", "run", "norm")))
        self.assertLessEqual(known - {"--help"}, set(FLAG.findall((ROOT / "client/README.md").read_text())))

    def test_sweeps_are_sweeps(self):
        found = [(readme, block) for readme in READMES for block in blocks(readme, "json") if '"cells"' not in block]
        self.assertTrue(found)
        for readme, block in found:
            with self.subTest(readme=readme), tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                file.write(block)
                file.flush()
                done = run("normbench", "run", file.name, "--dry-run")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_policies_are_policies(self):
        found = [(readme, block) for readme in READMES for block in blocks(readme, "json") if '"cells"' in block]
        self.assertTrue(found)
        for readme, block in found:
            with self.subTest(readme=readme), tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                file.write(block)
                file.flush()
                done = run("normbench", "compare", "--a", "a", "--b", "b", "--policy", file.name, "--dry-run")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_scripts_are_there(self):
        for name in re.findall(r"^(?:deploy|tests)/\w+", "\n".join(blocks("README.md")), re.M):
            with self.subTest(script=name):
                self.assertTrue((ROOT / name).stat().st_mode & 0o100)


if __name__ == "__main__":
    unittest.main(verbosity=2)
