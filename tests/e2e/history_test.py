# SPDX-License-Identifier: Apache-2.0
"""What a server has said is kept is kept: it is killed while it writes, and its file may not grow."""

import pathlib
import random
import resource
import signal
import tempfile
import threading
import unittest

import grpc

from kept_runs import Runs
from support import ServerProcess, wait_for

KILLS = 50


class Killed(unittest.TestCase):
    def setUp(self):
        self.generator = random.Random(20260131)
        self.known = set()  # runs that a server said are kept
        self.told = {}      # what Watch told of the results of their cases: run -> {key: result}

    def kill_after(self, server, most):
        """At a random moment within so many seconds."""
        kill = threading.Timer(self.generator.uniform(0, most), server.signal, [signal.SIGKILL])
        kill.start()
        return kill

    def takes_runs_until_killed(self, runs, server):
        kill = self.kill_after(server, most=0.5)
        first = True
        try:
            while True:
                run = runs.submit()
                self.known.add(run)
                if not first:  # the queue is bounded: one of each life is to be executed
                    runs.call("Cancel", run_id=run)
                first = False
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
        kill.join()

    def executes_a_run_until_killed(self, runs, server):
        """In one of its cases."""
        run = runs.submit(cases=3, seconds=0.1)
        self.known.add(run)
        told = self.told.setdefault(run, {})
        before, kill = self.generator.randrange(3), None
        try:
            for event in runs.call("Watch", run_id=run):
                if event.WhichOneof("event") == "case_result":
                    told[event.case_result.key] = event.case_result.SerializeToString(deterministic=True)
                elif event.WhichOneof("event") == "case_started" and len(told) == before:
                    kill = self.kill_after(server, most=0.2)
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
        kill.join()

    def check(self, runs):
        """Nothing of what servers before this one said is missing."""
        states = runs.states()
        self.assertLessEqual(self.known, set(states))
        self.assertLessEqual(set(states.values()), {"queued", "running", "complete", "interrupted", "cancelled"})
        for run, told in self.told.items():
            kept = {case.key: case.SerializeToString(deterministic=True)
                    for case in runs.call("Get", run_id=run).report.cases}
            self.assertLessEqual(told.items(), kept.items())
        return states

    def test_while_it_takes_and_executes_runs(self):
        with tempfile.TemporaryDirectory(prefix="normbench-history-") as folder:
            flags = ("--history", f"{folder}/history.db")
            for kill in range(KILLS):
                with self.subTest(kill=kill), ServerProcess(*flags) as server:
                    runs = Runs(server)
                    self.check(runs)
                    live = self.executes_a_run_until_killed if kill % 2 else self.takes_runs_until_killed
                    live(runs, server)
                    self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
            with ServerProcess(*flags) as server:
                runs = Runs(server)
                wait_for(lambda: not {"queued", "running"} & set(runs.states().values()), "what waited is over", timeout=120)
                states = self.check(runs)
                for run in self.known:
                    kept = runs.call("Get", run_id=run)
                    if kept.state == "complete":
                        self.assertEqual({case.status for case in kept.report.cases}, {"ok"})
        interrupted = list(states.values()).count("interrupted")
        self.assertLessEqual(interrupted, KILLS)
        self.assertGreaterEqual(interrupted, KILLS // 5, "runs under way were hit")
        self.assertGreaterEqual(sum(map(len, self.told.values())), KILLS // 5, "some that had results")


class NoRoom(unittest.TestCase):
    """The file may not grow, which takes no privileges; disk_full_test.py has a disk that is full."""

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-room-"))
        self.flags = ("--history", f"{self.folder}/history.db")

    def limit(self, server, size=None):
        """So many bytes for each file that the server writes, from now on; None: as many as at first."""
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most if size is None else size, most))

    def assert_is_full(self, error):
        self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIn("may not grow (a quota, or a limit of files); nothing new is kept", error.details())

    def test_is_an_error_that_says_so_and_earlier_runs_can_be_read(self):
        with ServerProcess(*self.flags) as server:
            runs = Runs(server)
            first = runs.submit()
            wait_for(lambda: runs.states()[first] == "complete", "the first run is over")
            self.limit(server, pathlib.Path(f"{self.folder}/history.db-wal").stat().st_size + 100_000)
            self.assert_is_full(runs.fill())
            self.assertEqual(runs.call("Get", run_id=first).report.cases[0].status, "ok")
            self.assertEqual(len(list(runs.call("Watch", run_id=first))), 3)
            self.assertEqual(server.get("/v2/health/ready")[0], 200)
            self.limit(server)
            after = runs.submit()
            wait_for(lambda: runs.states()[after] == "complete", "the next run is over")

    def test_a_server_starts_and_ends_what_was_under_way_once_there_is_room(self):
        with ServerProcess(*self.flags) as server:
            runs = Runs(server)
            left = runs.submit(seconds=60)
            wait_for(lambda: runs.states()[left] == "running", "the run is under way")
            server.stop(signal.SIGKILL)
        server = ServerProcess(*self.flags)
        server.command = ["sh", "-c", 'ulimit -S -f 16; exec "$@"', "sh", *server.command]
        with server:
            runs = Runs(server)
            with self.assertRaises(grpc.RpcError) as full:
                runs.submit()
            self.assert_is_full(full.exception)
            self.assertEqual(runs.states()[left], "running")
            self.assertEqual(server.get("/v2/health/ready")[0], 200)
            self.limit(server)
            wait_for(lambda: runs.states()[left] == "interrupted", "it is ended")
            after = runs.submit()
            wait_for(lambda: runs.states()[after] == "complete", "the next run is over")


if __name__ == "__main__":
    unittest.main(verbosity=2)
