# SPDX-License-Identifier: Apache-2.0
"""deploy/quickstart with the programs of this build: what it leaves running, and how it ends."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from support import ROOT, SERVER, http_get, metric, wait_for

QUICKSTART = ROOT / "deploy/quickstart"
USUAL_PORTS = (8001, 8002)


def sweep(seconds):
    return json.dumps({"version": 1, "name": "tiny", "kernel": [
        {"norm": ["group"], "groups": [4], "shape": ["8x4x4"], "tensor_n": [1], "warmup_seconds": 0.01,
         "seconds": seconds, "expect": ["err_scaled<=bound"]}]})


def is_server(pid):
    """Whether `pid` is a server that runs; a dead one that nobody has waited for has no program any more."""
    try:
        return os.readlink(f"/proc/{pid}/exe") == os.path.realpath(SERVER)
    except FileNotFoundError:
        return False


class Quickstart:
    """A quickstart in a process group of its own, as a terminal starts it. Use as a context manager."""

    def __init__(self, folder, *flags, script=QUICKSTART, environment=None):
        self.log_file = folder / "quickstart.log"
        self.command = [str(script), *flags]
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(self.command, cwd=folder, stdin=subprocess.PIPE, stdout=log,
                                            stderr=subprocess.STDOUT, start_new_session=True, env=environment)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
        self.process.stdin.close()
        if kind is not None:
            print(f"--- output of {' '.join(self.command)}\n{self.output()}", flush=True)

    def output(self):
        return self.log_file.read_text(errors="replace")

    def wait_for_output(self, text):
        def seen():
            if text not in self.output() and self.process.poll() is not None:
                raise AssertionError(f"it ended before it printed '{text}'")
            return text in self.output()
        wait_for(seen, text)

    def press_ctrl_c(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self):
        return self.process.wait(timeout=120)


class QuickstartTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-quickstart-")))
        self.out = self.folder / "results"
        self.addCleanup(self.stop_what_is_left)

    def stop_what_is_left(self):
        pid_file = self.out / "server.pid"
        if pid_file.exists() and is_server(pid_file.read_text().strip()):
            os.kill(int(pid_file.read_text()), signal.SIGKILL)

    def quickstart(self, *flags, seconds=0.05):
        """On the programs of this build; FILE and DIR relative to the folder it is started in."""
        (self.folder / "tiny.json").write_text(sweep(seconds))
        return Quickstart(self.folder, "--bin", str(pathlib.Path(SERVER).parent), "--train", "smoke",
                          "--sweep", "tiny.json", "--out", "results", *flags)

    def test_leaves_a_report_and_no_server(self):
        with self.quickstart() as quickstart:
            self.assertEqual(quickstart.end(), 0)
            self.assertIn("\nreport  results/report.json\n", quickstart.output())
            report = json.loads((self.out / "report.json").read_text())
            self.assertEqual([c["status"] for c in report["cases"]], ["ok"])
            self.assertFalse((self.out / "server.pid").exists())
            http = json.loads((self.out / "ports.json").read_text())["http"]
            with self.assertRaisesRegex(OSError, "refused"):
                http_get(http, "/metrics")

    def test_taken_ports_and_a_server_that_is_kept(self):
        for port in USUAL_PORTS:
            listener = self.enterContext(socket.socket())
            try:
                listener.bind(("127.0.0.1", port))
                listener.listen()
            except OSError:
                pass  # somebody else has it, which is what this test needs
        with self.quickstart("--keep") as quickstart:
            self.assertEqual(quickstart.end(), 0)
            pid = int(re.search(r"still running as process (\d+)", quickstart.output())[1])
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/0"), "/dev/null", "it holds the terminal")
        addresses = json.loads((self.out / "ports.json").read_text())
        self.assertFalse({int(a.rpartition(":")[2]) for a in addresses.values()} & set(USUAL_PORTS), addresses)
        self.assertIn("normbench_build_info{", http_get(addresses["http"], "/metrics")[2])

        before = (self.out / "server.log").read_text()
        with self.quickstart() as again:
            self.assertEqual(again.end(), 1)
            self.assertIn(f"process {pid} still serves 'results'", again.output())
        self.assertEqual((self.out / "server.log").read_text(), before)

        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not is_server(pid), "the end of the server that was kept")

    def test_ctrl_c_while_it_measures(self):
        with self.quickstart("--keep", seconds=60) as quickstart:
            quickstart.wait_for_output("== measure")
            http = json.loads((self.out / "ports.json").read_text())["http"]
            wait_for(lambda: metric(http, "normbench_server_in_flight_requests", rpc="Measure") == 1, "a measurement")
            pid = int((self.out / "server.pid").read_text())
            quickstart.press_ctrl_c()
            self.assertEqual(quickstart.end(), 130)
        self.assertFalse(is_server(pid))
        self.assertFalse((self.out / "server.pid").exists())
        self.assertEqual(json.loads((self.out / "report.json").read_text())["outcome"], "interrupted")

    def test_killed_while_it_trains(self):
        with self.quickstart() as quickstart:
            quickstart.wait_for_output("\ntrain ")
            quickstart.process.terminate()
            self.assertEqual(quickstart.end(), 130)
            self.assertNotIn("== serve", quickstart.output())
        self.assertEqual(list((self.out / "models").iterdir()), [])

    def test_failures_come_through(self):
        with self.quickstart("--sweep", "nowhere.json") as quickstart:
            self.assertEqual(quickstart.end(), 2)
            self.assertNotIn("\nreport ", quickstart.output())
        self.assertFalse((self.out / "server.pid").exists())


class Building(unittest.TestCase):
    """A checkout whose bootstrap does nothing and whose cmake is a script that begins with its process id."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-quickstart-")))
        self.log_file = self.folder / "build/release.log"

    def quickstart(self, cmake):
        for name, text in {"deploy/bootstrap": "", "stubs/cmake": f"echo $$ builds\n{cmake}\n"}.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text("#!/bin/sh\n" + text)
            (self.folder / name).chmod(0o755)
        shutil.copy(QUICKSTART, self.folder / "deploy")
        self.log_file.unlink(missing_ok=True)
        self.addCleanup(self.stop_what_is_left)
        return Quickstart(self.folder, script=self.folder / "deploy/quickstart",
                          environment={**os.environ, "PATH": f"{self.folder / 'stubs'}:{os.environ['PATH']}"})

    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def builds(self):
        """Whether the stand-in for cmake runs."""
        try:
            return os.readlink(f"/proc/{self.log().split()[0]}/cwd") == os.path.realpath(self.folder)
        except (FileNotFoundError, IndexError):
            return False

    def stop_what_is_left(self):
        if self.builds():
            os.kill(int(self.log().split()[0]), signal.SIGKILL)

    def test_interrupted_without_a_log(self):
        for stop in (Quickstart.press_ctrl_c, lambda quickstart: quickstart.process.terminate(),
                     lambda quickstart: quickstart.process.send_signal(signal.SIGHUP)):
            with self.quickstart("exec sleep 600") as quickstart:
                wait_for(self.builds, "a build under way")
                stop(quickstart)
                self.assertEqual(quickstart.end(), 130)
                self.assertNotIn("builds", quickstart.output())
                self.assertFalse(self.builds())

    def test_a_second_ctrl_c_waits_for_nothing(self):
        with self.quickstart("trap 'echo heard it' INT\necho deaf\nwhile :; do sleep 0.1; done") as quickstart:
            wait_for(lambda: "deaf" in self.log(), "a build under way")
            quickstart.press_ctrl_c()
            wait_for(lambda: "heard it" in self.log(), "the first")
            self.assertTrue(self.builds())
            quickstart.press_ctrl_c()
            self.assertEqual(quickstart.end(), 130)
            self.assertFalse(self.builds())

    def test_a_failure_shows_the_log(self):
        with self.quickstart("exit 1") as quickstart:
            self.assertEqual(quickstart.end(), 1)
            self.assertRegex(quickstart.output(), r"\n\d+ builds\nquickstart: the build failed, see .*release.log\n$")


class Usage(unittest.TestCase):
    def run_quickstart(self, *flags):
        return subprocess.run([QUICKSTART, *flags], capture_output=True, text=True, timeout=60)

    def test_help(self):
        done = self.run_quickstart("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for flag in ("--keep", "--out DIR", "--train PRESET", "--sweep FILE", "--bin DIR"):
            self.assertIn(flag, done.stdout)

    def test_wrong_arguments(self):
        for flags, sentence in ((["--kep"], "unknown argument '--kep'"), (["--out"], "--out needs a value")):
            done = self.run_quickstart(*flags)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(f"quickstart: {sentence}\n", done.stderr)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
