# SPDX-License-Identifier: Apache-2.0
"""Runs that the server executes by itself: they outlive their client, and the server's restart."""

import json
import pathlib
import signal
import subprocess
import tempfile
import unittest

import grpc

from contract import Contract
from support import CLIENT, ROOT, ModelServerTest, ServerProcess, run_server, wait_for

NORM = "norm/group?impl=native&shape=1x32x8x8&g=32"
SERVICE = "service/group?impl=native&shape=1x32x8x8&g=32"


def client(server, verb, *arguments, timeout=120):
    return subprocess.run([CLIENT, verb, *arguments, "--server", server.grpc_address], capture_output=True, text=True,
                          timeout=timeout, cwd=ROOT)


def begin(server, verb, *arguments):
    return subprocess.Popen([CLIENT, verb, *arguments, "--server", server.grpc_address], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, cwd=ROOT)


class WithHistory(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-runs-")))
        self.file = str(self.folder / "history.db")

    def server(self, *flags):
        return ServerProcess("--history", self.file, *flags)

    def sweep(self, *keys, seconds=0.2, name="test"):
        """A file with these cases."""
        path = self.folder / f"{len(list(self.folder.iterdir()))}.json"
        path.write_text(json.dumps({"version": 1, "name": name, "cases": [{"key": list(keys), "seconds": seconds}]}))
        return str(path)

    def submit(self, server, *arguments):
        done = client(server, "submit", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def runs(self, server, *arguments):
        done = client(server, "history", "--format", "json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {run["run_id"]: run for run in json.loads(done.stdout)["runs"]}

    def wait_for_state(self, server, run, state):
        wait_for(lambda: self.runs(server)[run]["state"] == state, f"{run} is {state}")

    def report(self, folder):
        return json.loads((pathlib.Path(folder) / "report.json").read_text())


class ClientsComeAndGo(WithHistory):
    def test_a_run_outlives_its_client_and_another_one_watches_it(self):
        sweep = self.sweep(NORM, SERVICE, seconds=1)
        with self.server() as server:
            first = begin(server, "run", sweep, "--remote", "--out", str(self.folder / "first"))
            run = first.stdout.readline().split()[1]
            self.wait_for_state(server, run, "running")
            first.kill()
            first.communicate()
            watched = client(server, "watch", run, "--out", str(self.folder / "second"))
            self.assertEqual(watched.returncode, 0, watched.stderr)
            report = self.report(self.folder / "second")
        self.assertFalse((self.folder / "first" / "report.json").exists())
        self.assertEqual(report["run_id"], run)
        self.assertEqual(report["outcome"], "complete")
        self.assertEqual([case["status"] for case in report["cases"]], ["ok", "ok"])
        self.assertEqual(report["conditions"]["transport"], "in-process")
        self.assertEqual(report["conditions"]["other_requests"], 0)

    def test_ctrl_c_ends_the_watching_not_the_run(self):
        with self.server() as server:
            watching = begin(server, "run", self.sweep(NORM, SERVICE, seconds=1), "--remote", "--out", str(self.folder / "o"))
            run = watching.stdout.readline().split()[1]
            watching.send_signal(signal.SIGINT)
            _, errors = watching.communicate(timeout=60)
            self.assertEqual(watching.returncode, 130)
            self.assertIn(f"normbench watch {run}", errors)
            self.assertEqual(client(server, "watch", run).returncode, 0)

    def test_cancel_at_each_stage(self):
        with self.server() as server:
            runs = self.submit(server, self.sweep(SERVICE, seconds=60))
            waits = self.submit(server, self.sweep(NORM))
            self.wait_for_state(server, runs, "running")
            self.assertEqual(client(server, "cancel", waits).stdout, f"run {waits} is cancelled\n")
            self.assertEqual(client(server, "cancel", runs).stdout, f"run {runs} ends\n")
            watched = client(server, "watch", runs)
            self.assertEqual(watched.returncode, 130, watched.stderr)
            self.assertEqual(client(server, "watch", waits).returncode, 130)
            for run in (runs, waits):
                self.assertEqual(client(server, "cancel", run).stdout, f"run {run} is cancelled\n")
            self.assertEqual(client(server, "cancel", "nobody").returncode, 2)

    def test_the_same_key_is_the_same_run_across_a_restart(self):
        sweep = self.sweep(NORM)
        with self.server() as server:
            run = self.submit(server, sweep, "--key", "build-7", "--label", "commit=abc")
            self.assertEqual(client(server, "watch", run).returncode, 0)
        with self.server() as server:
            self.assertEqual(self.submit(server, sweep, "--key", "build-7", "--label", "commit=abc"), run)
            other = client(server, "submit", sweep, "--key", "build-7")
            self.assertEqual(other.returncode, 1)
            self.assertIn(run, other.stderr)
            self.assertEqual(list(self.runs(server, "--label", "commit=abc")), [run])

    def test_unknown_and_deleted_runs(self):
        with self.server() as server:
            run = self.submit(server, self.sweep(NORM))
            self.assertEqual(client(server, "watch", run).returncode, 0)
            self.assertEqual(client(server, "delete", run).returncode, 0)
            for verb in ("watch", "show", "cancel", "delete"):
                for name in (run, "nobody"):
                    done = client(server, verb, name)
                    self.assertEqual(done.returncode, 2, verb)
                    self.assertIn(f"run_id: '{name}' is not known", done.stderr)

    def test_what_is_too_much_is_refused_with_a_sentence(self):
        with self.server("--max-run-seconds", "60") as server:
            years = client(server, "submit", self.sweep(SERVICE, seconds=10 * 365.25 * 86400))
            self.assertEqual(years.returncode, 2)
            self.assertIn("seconds: 3.15576e+08 is not in 0 .. 3600", years.stderr)
            hour = client(server, "submit", self.sweep(SERVICE, seconds=3600))
            self.assertEqual(hour.returncode, 2)
            self.assertRegex(hour.stderr, r"the plan takes about 1h00m; allowed: 1m00s \(--max-run-seconds")
            file = client(server, "submit", self.sweep("model/m?data=/etc/x.npy"))
            self.assertEqual(file.returncode, 2)
            self.assertIn("data from a file", file.stderr)
            self.assertEqual(self.runs(server), {})

    def test_without_a_history_there_are_no_runs(self):
        with ServerProcess() as server:
            done = client(server, "history")
            self.assertEqual(done.returncode, 1)
            self.assertIn("start it with --history FILE", done.stderr)

    def test_monitoring_sees_the_run(self):
        with self.server() as server:
            run = self.submit(server, self.sweep(SERVICE, seconds=60))
            self.submit(server, self.sweep(NORM, name="quick"))
            wait_for(lambda: server.metric("normbench_run_active") == 1, "a run is under way")
            self.assertEqual(server.metric("normbench_run_queue_length"), 1)
            client(server, "cancel", run)
            wait_for(lambda: server.metric("normbench_run_last_success_timestamp_seconds", sweep="quick") > 0, "success")


class OtherTraffic(WithHistory):
    def normalize(self, contract):
        """The code of a Normalize from outside, or None."""
        try:
            contract.normalize()
        except grpc.RpcError as error:
            return error.code()
        return None

    def test_is_counted_or_refused(self):
        sweep = self.sweep(SERVICE, seconds=60)
        with self.server() as server:
            contract = Contract(server.channel)
            contract.normalize()  # everything about the contract is known from here on
            marked = self.submit(server, sweep)
            self.wait_for_state(server, marked, "running")
            wait_for(lambda: server.metric("normbench_server_requests_total", rpc="Normalize", code="OK") > 100, "its own")
            self.assertIsNone(self.normalize(contract))
            client(server, "cancel", marked)
            shown = client(server, "watch", marked, "--out", str(self.folder / "marked"))
            self.assertIn("NB150 other_traffic", shown.stdout)
            self.assertEqual(self.report(self.folder / "marked")["conditions"]["other_requests"], 1)
            strict = self.submit(server, sweep, "--other-traffic", "refuse")
            self.wait_for_state(server, strict, "running")
            wait_for(lambda: self.normalize(contract) == grpc.StatusCode.RESOURCE_EXHAUSTED, "refused")
            client(server, "cancel", strict)
            client(server, "watch", strict)
            self.assertIsNone(self.normalize(contract))

    def test_what_began_before_the_run_is_counted(self):
        with self.server() as server:
            contract = Contract(server.channel)
            case = contract.message("normbench.v1.NormCase", shape=[1, 64], impl="native",
                                    spec=contract.message("normbench.v1.NormSpec", norm="rms"))
            before = contract.method("normbench.v1.Benchmark", "Measure")(contract.message(
                "normbench.v1.MeasureRequest", norm_case=case,
                budget=contract.message("normbench.v1.MeasureBudget", warmup_seconds=60, seconds=60)), timeout=120)
            next(event for event in before if event.WhichOneof("event") == "progress")
            run = self.submit(server, self.sweep(NORM))
            watch = contract.method("normbench.v1.Benchmark", "Watch")
            events = watch(contract.message("normbench.v1.WatchRequest", run_id=run), timeout=120)
            next(event for event in events if event.WhichOneof("event") == "case_started")
            before.cancel()  # the case waits for it
            self.assertEqual(client(server, "watch", run, "--out", str(self.folder / "o")).returncode, 0)
        self.assertEqual(self.report(self.folder / "o")["conditions"]["other_requests"], 1)


class ServersComeAndGo(WithHistory):
    def test_sigterm_ends_a_run_with_what_it_has_and_the_next_goes_on_after_a_restart(self):
        with self.server() as server:
            first = self.submit(server, self.sweep(NORM, SERVICE, seconds=60))
            second = self.submit(server, self.sweep(NORM))
            self.wait_for_state(server, first, "running")
            server.signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(timeout=20), 0)
        with self.server() as server:
            watched = client(server, "watch", second)
            self.assertEqual(watched.returncode, 0, watched.stderr)
            self.assertEqual(self.runs(server)[first]["state"], "interrupted")
            self.assertEqual(client(server, "watch", first).returncode, 1)

    def test_sigkill_in_a_run(self):
        sweep = self.sweep(NORM, SERVICE, seconds=2)
        with self.server() as server:
            before = self.submit(server, self.sweep(NORM))
            self.assertEqual(client(server, "watch", before).returncode, 0)
            out = self.folder / "lost"
            watching = begin(server, "run", sweep, "--remote", "--out", str(out))
            run = watching.stdout.readline().split()[1]
            waits = self.submit(server, self.sweep(NORM))
            wait_for(lambda: self.runs(server)[run]["cases_done"] == 1, "a case is over")
            server.stop(signal.SIGKILL)
            _, errors = watching.communicate(timeout=120)
            self.assertEqual(watching.returncode, 1, errors)
            self.assertIn(f"normbench watch {run}", errors)
            lost = self.report(out)
        self.assertEqual(lost["outcome"], "server_lost")
        self.assertEqual([case["status"] for case in lost["cases"]], ["ok"])
        with self.server() as server:
            self.assertEqual(client(server, "watch", waits).returncode, 0)
            runs = self.runs(server)
            self.assertEqual({key: value["state"] for key, value in runs.items()},
                             {before: "complete", run: "interrupted", waits: "complete"})
            self.assertEqual(client(server, "watch", run, "--out", str(self.folder / "kept")).returncode, 1)
            kept = self.report(self.folder / "kept")
            self.assertEqual([case["status"] for case in kept["cases"]], ["ok", "skipped"])
            self.assertEqual(kept["cases"][0], lost["cases"][0])
            self.assertEqual(client(server, "show", before).returncode, 0)

    def test_a_watcher_goes_on_when_the_server_is_back(self):
        with self.server() as server:
            self.submit(server, self.sweep(SERVICE, seconds=60))
            waits = self.submit(server, self.sweep(NORM))
            watching = begin(server, "watch", waits, "--json")
            self.assertIn("queued", watching.stdout.readline())
            server.stop(signal.SIGKILL)
            with self.server("--listen", server.grpc_address):
                events, errors = watching.communicate(timeout=120)
        self.assertEqual(watching.returncode, 0, errors)
        kept = [json.loads(line) for line in events.splitlines()]
        kept = [event["sequence"] for event in kept if "queued" not in event and "progress" not in event]
        self.assertEqual(kept, [1, 2, 3])

    def test_a_second_server_on_the_same_file_does_not_start(self):
        with self.server():
            second = run_server("--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--device", "cpu", "--history",
                                self.file)
            self.assertEqual(second.returncode, 1)
            self.assertEqual(second.stderr.strip(), f"normbench-server: --history: {self.file}: another server has this "
                             "history open")


class Models(ModelServerTest):
    def test_model_cases_take_the_whole_path_within_the_process(self):
        out = self.folder / "out"
        with tempfile.TemporaryDirectory() as folder, \
                ServerProcess(*self.FLAGS, "--history", f"{folder}/h.db") as server:
            done = client(server, "run", "model/plain6_gn?data=fmnist-wide&images=200", "--remote", "--out", str(out))
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        case = json.loads((out / "report.json").read_text())["cases"][0]
        self.assertEqual(case["status"], "ok")
        self.assertEqual(case["model_accuracy"]["images"], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
