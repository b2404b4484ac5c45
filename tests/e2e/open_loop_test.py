# SPDX-License-Identifier: Apache-2.0
"""Open loops against a real server: what a schedule shows that the actual sends hide."""

import json
import multiprocessing
import os
import pathlib
import subprocess
import tempfile
import unittest

from support import CLIENT, ROOT, ServerProcess, ServerTest


def sweep_of(**fields):
    """A sweep of one small norm over gRPC; `fields` are those of its entry, but for require_schedule."""
    required = fields.pop("require_schedule", False)
    entry = {"norm": ["rms"], "shape": ["768"], "warmup_seconds": 0.25, **fields}
    return {"version": 1, "name": "open", "require_schedule": required, "service": [entry]}


def p99(summary):
    """From the histogram: a stall is so correlated that the report may give no p99 for want of independence."""
    buckets = summary["histogram"]
    rank = 0.99 * sum(bucket["count"] for bucket in buckets)
    for bucket in buckets:
        rank -= bucket["count"]
        if rank <= 0:
            return bucket["upper_seconds"]
    raise AssertionError("an empty histogram")


class OpenLoopTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-open-")))

    def run_sweep(self, server, sweep, *words, before=(), **options):
        """Runs `sweep` (a dict); returns the completed process and the result of its first case."""
        path = self.folder / "sweep.json"
        path.write_text(json.dumps(sweep))
        out = self.folder / "out"
        done = subprocess.run([*before, CLIENT, "run", str(path), "--server", server, "--out", str(out), *words],
                              capture_output=True, text=True, timeout=240, cwd=ROOT, **options)
        report = out / "report.json"
        return done, json.loads(report.read_text())["cases"][0] if report.exists() else None


class Stall(OpenLoopTest):
    def test_a_stall_is_in_the_scheduled_p99_and_not_in_the_sent_one(self):
        """With two requests under way at most, only two were sent before the stall and answered after it."""
        with ServerProcess("--allow-faults", "--fault-stall", "1s@1s") as server:
            self.assertIn("stand still for 1 s", server.log())
            done, case = self.run_sweep(server.grpc_address,
                                        sweep_of(arrivals=["constant:200"], in_flight=[2], seconds=4))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(case["open_loop"]["offered"], 800)
        scheduled, sent = case["latency_all"], case["open_loop"]["latency_sent"]
        self.assertGreater(scheduled["max"], 0.95)
        # One in a hundred of 800: the ninth of the 200 that the stall kept waiting, 5 ms apart.
        self.assertGreater(p99(case["latency_ok"]), 0.8)
        self.assertGreater(scheduled["p99"]["value"], 0.8)
        self.assertGreater(sent["max"], 0.95, "the two that were under way")
        self.assertLess(p99(sent), 0.3)
        self.assertGreater(case["open_loop"]["waited"], 100)
        self.assertIn("NB141", done.stdout)
        self.assertIn("open constant:200/s", done.stdout)
        self.assertIn("p99 sent", done.stdout)

    def test_what_would_be_late_can_be_dropped_and_is_counted(self):
        with ServerProcess("--allow-faults", "--fault-stall", "1s@1s") as server:
            done, case = self.run_sweep(server.grpc_address,
                                        sweep_of(arrivals=["constant:200"], in_flight=[2], late="drop", seconds=4,
                                                 deadline_seconds=5, expect=["dropped==0", "goodput_per_s>=190"]))
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        dropped = case["open_loop"]["dropped"]
        self.assertGreater(dropped, 100)
        self.assertEqual(case["latency_all"]["n"], case["requests"] + dropped)
        self.assertTrue(case["latency_all"]["p99"]["is_infinite"])
        self.assertAlmostEqual(case["goodput_per_s"] * case["measured_seconds"], 800 - dropped, delta=1)
        self.assertIn("NB142", done.stdout)


def spin(cpu):
    os.sched_setaffinity(0, {cpu})
    while True:
        pass


class Schedule(OpenLoopTest, ServerTest):
    def test_a_starved_client_is_exit_6_where_the_schedule_is_required(self):
        cpu = min(os.sched_getaffinity(0))
        busy = [multiprocessing.Process(target=spin, args=(cpu,), daemon=True) for _ in range(3)]
        for process in busy:
            process.start()
        try:
            done, case = self.run_sweep(self.server.grpc_address,
                                        sweep_of(arrivals=["poisson:200"], seconds=3, require_schedule=True),
                                        before=["taskset", "-c", str(cpu), "nice", "-n", "19"])
        finally:
            for process in busy:
                process.kill()
        self.assertTrue(case["open_loop"]["client_limited"], case["open_loop"])
        self.assertEqual(done.returncode, 6, done.stdout + done.stderr)
        self.assertIn("NB140", done.stdout)

    def test_shares_of_the_maximum_and_channels(self):
        done, case = self.run_sweep(self.server.grpc_address,
                                    sweep_of(arrivals=["poisson:20%"], channels=[2], seconds=1))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        maximum = case["open_loop"]["maximum_per_s"]
        self.assertGreater(case["open_loop"]["offered_per_s"], 0.15 * maximum)
        self.assertLess(case["open_loop"]["offered_per_s"], 0.25 * maximum)
        self.assertIn("arrivals=poisson:20%25&channels=2", case["key"])

    def test_find_max_finds_a_rate_that_held(self):
        """Where the rate is depends on the machine; that it was judged as the report says does not."""
        done, case = self.run_sweep(self.server.grpc_address, sweep_of(seconds=0.5), "--find-max", "p90<50ms")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        found = case["find_max"]
        self.assertEqual(found["text"], "p90<50ms")
        verdicts = {step["rate"]: step["verdict"] for step in found["steps"]}
        self.assertEqual(verdicts[found["rate"]], "holds", found)
        above = [rate for rate, verdict in verdicts.items() if rate > found["rate"] and verdict != "holds"]
        self.assertGreaterEqual(len(verdicts), 4, "an eighth of the maximum, doubled up to it")
        for step in found["steps"]:
            self.assertLessEqual(step["over"], step["requests"])
            if step["verdict"] == "holds":
                self.assertGreaterEqual(step["n_eff"], 43.7, "p90 needs as many at 99 %")
        if above:
            self.assertLessEqual(min(above), found["rate"] * (1 + found["resolution"]) * 1.01, "three digits")
        self.assertEqual(case["service"]["load"]["arrivals"], f"poisson:{found['rate']:g}")
        self.assertIn(f"arrivals=poisson:{found['rate']:g}", case["key"])
        self.assertEqual(case["ended_by"], "schedule")
        self.assertIn("find-max p90<50ms: ", done.stdout)

    def test_find_max_says_that_nothing_holds(self):
        done, case = self.run_sweep(self.server.grpc_address, sweep_of(seconds=0.2), "--find-max", "p50<1us")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertNotIn("rate", case["find_max"])
        self.assertEqual({step["verdict"] for step in case["find_max"]["steps"]}, {"fails"})
        self.assertIn("not even ", done.stdout)

    def test_a_trace_is_beside_its_sweep(self):
        (self.folder / "trace.txt").write_text("0\n0.3\n0.3\n0.4 # the last one\n")
        done, case = self.run_sweep(self.server.grpc_address, sweep_of(arrivals=["trace:trace.txt"], seconds=1))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(case["open_loop"]["offered"], 3)
        self.assertEqual(case["requests"], 3)
        self.assertAlmostEqual(case["open_loop"]["offered_per_s"], 3 / 0.15, msg="until the last of them")

    def test_a_trace_whose_time_runs_backwards_is_refused_before_measuring(self):
        (self.folder / "trace.txt").write_text("0\n2\n1\n")
        done, case = self.run_sweep("127.0.0.1:1", sweep_of(arrivals=["trace:trace.txt"]))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("line 3", done.stderr)
        self.assertIsNone(case)


if __name__ == "__main__":
    unittest.main()
