# SPDX-License-Identifier: Apache-2.0
"""What a server has said is kept is kept: it is killed while it writes, and its disk is full."""

import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

import grpc

from contract import Contract
from support import ServerProcess, wait_for

BENCHMARK = "normbench.v1.Benchmark"
KILLS = 20  # tests/server/history/history_kill_test.cc has fifty, of the history alone
DISK = "1m"


class Runs:
    """The methods about runs of one server."""

    def __init__(self, server):
        self.contract = Contract(server.channel)
        self.submit_method = self.contract.method(BENCHMARK, "Submit")

    def submit(self, seconds=0.01, **fields):
        case = self.contract.message("normbench.v1.KeyedSweep", key=["norm/rms?impl=native&shape=1x64"], seconds=seconds)
        sweep = self.contract.message("normbench.v1.Sweep", version=1, cases=[case])
        sweep.name = "small"
        return self.submit_method(self.contract.message("normbench.v1.SubmitRequest", sweep=sweep, **fields), timeout=60)

    def call(self, method, **fields):
        request = self.contract.message(f"normbench.v1.{method}Request", **fields)
        return self.contract.method(BENCHMARK, method)(request, timeout=60)

    def states(self):
        states, token = {}, ""
        while True:
            page = self.call("List", page_size=1000, page_token=token)
            states.update((run.run_id, run.state) for run in page.runs)
            token = page.next_page_token
            if not token:
                return states


class Killed(unittest.TestCase):
    def submitted_until_killed(self, runs, server, delay):
        """Kills the server at that moment; the runs that it said are kept."""
        known = set()
        kill = threading.Timer(delay, server.signal, [signal.SIGKILL])
        kill.start()
        try:
            while True:
                run = runs.submit().run_id
                known.add(run)
                if len(known) % 64 != 1:  # the queue is bounded: one of each life is to be executed
                    runs.call("Cancel", run_id=run)
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
        kill.join()
        server.stop(signal.SIGKILL)
        return known

    def test_while_it_takes_and_executes_runs(self):
        generator = random.Random(20260131)
        with tempfile.TemporaryDirectory(prefix="normbench-history-") as folder:
            flags = ("--history", f"{folder}/history.db")
            known = set()
            for kill in range(KILLS):
                with self.subTest(kill=kill), ServerProcess(*flags) as server:
                    runs = Runs(server)
                    states = runs.states()
                    self.assertEqual(len(known - set(states)), 0)
                    self.assertLessEqual(set(states.values()), {"queued", "running", "complete", "interrupted", "cancelled"})
                    known |= self.submitted_until_killed(runs, server, delay=generator.uniform(0, 0.5))
            with ServerProcess(*flags) as server:
                runs = Runs(server)
                wait_for(lambda: not {"queued", "running"} & set(runs.states().values()), "what waited is over", timeout=120)
                states = runs.states()
                self.assertEqual(len(known - set(states)), 0)
                self.assertLessEqual(list(states.values()).count("interrupted"), KILLS)
                for run in known:
                    kept = runs.call("Get", run_id=run)
                    if kept.state == "complete":
                        self.assertEqual([case.status for case in kept.report.cases], ["ok"])


def may_mount():
    return shutil.which("unshare") is not None and subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0


@unittest.skipUnless(may_mount(), "no mount namespace of one's own here")
class FullDisk(unittest.TestCase):
    def test_is_an_error_that_says_so_and_earlier_runs_can_be_read(self):
        with tempfile.TemporaryDirectory(prefix="normbench-disk-") as folder:
            server = ServerProcess("--history", f"{folder}/history.db")
            # The small disk is the server's alone, and goes with it.
            server.command = ["unshare", "-rm", "sh", "-c",
                              'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"', "sh", DISK, folder,
                              *server.command]
            with server:
                runs = Runs(server)
                first = runs.submit().run_id
                wait_for(lambda: runs.states()[first] == "complete", "the first run is over")
                error = self.fill(runs)
                self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                self.assertIn("the disk is full; nothing new is kept", error.details())
                self.assertEqual(runs.call("Get", run_id=first).report.cases[0].status, "ok")
                self.assertEqual(len(list(runs.contract.method(BENCHMARK, "Watch")(
                    runs.contract.message("normbench.v1.WatchRequest", run_id=first), timeout=60))), 3)
                self.assertEqual(runs.states()[first], "complete")
                self.assertEqual(server.get("/v2/health/ready")[0], 200)

    def test_a_server_starts_and_ends_what_was_under_way_once_there_is_room(self):
        with tempfile.TemporaryDirectory(prefix="normbench-disk-") as folder:
            with ServerProcess("--history", f"{folder}/history.db") as server:
                runs = Runs(server)
                left = runs.submit(seconds=60).run_id
                wait_for(lambda: runs.states()[left] == "running", "the run is under way")
                server.stop(signal.SIGKILL)
            server = ServerProcess("--history", f"{folder}/disk/history.db")
            server.command = ["unshare", "-rm", "sh", "-c",
                              'mkdir "$2/disk" && mount -t tmpfs -o size="$1" none "$2/disk" && cp "$2"/history.db* "$2/disk" && '
                              '{ cat /dev/zero > "$2/disk/filler" 2> /dev/null; shift 2; exec "$@"; }', "sh", DISK, folder,
                              *server.command]
            with server:
                runs = Runs(server)
                with self.assertRaises(grpc.RpcError) as full:
                    runs.submit()
                self.assertEqual(full.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                self.assertEqual(runs.states()[left], "running")
                self.assertEqual(server.get("/v2/health/ready")[0], 200)
                pathlib.Path(f"/proc/{server.process.pid}/root{folder}/disk/filler").unlink()
                wait_for(lambda: runs.states()[left] == "interrupted", "it is ended")
                after = runs.submit().run_id
                wait_for(lambda: runs.states()[after] == "complete", "the next run is over")

    def fill(self, runs):
        """Submits, each time one label more, until that fails."""
        labels = {str(i): "x" * 256 for i in range(16)}
        for _ in range(2000):
            try:
                run = runs.submit(labels=labels).run_id
                runs.call("Cancel", run_id=run)
            except grpc.RpcError as error:
                return error
        raise AssertionError("the disk is not full")


if __name__ == "__main__":
    unittest.main(verbosity=2)
