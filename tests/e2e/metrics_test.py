# SPDX-License-Identifier: Apache-2.0
"""The client's metrics as Prometheus, node_exporter and a Pushgateway get them: real programs, real pages."""

import re
import socket
import subprocess
import tempfile
import unittest
import urllib.error

from metrics_run import SWEEP, MetricsRun, check
from support import ModelServerTest, http_get, wait_for

ONE_CASE = {"version": 1, "name": "metrics",
            "kernel": [{"norm": ["rms"], "shape": ["8"], "seconds": 0.05, "expect": ["p50<1s"]}],
            "service": [{"norm": ["rms"], "shape": ["64"], "arrivals": ["poisson:200"], "seconds": 3}]}
CASES = sum(len(SWEEP[kind]) for kind in ("kernel", "service", "model"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pushgateway:
    """Use as a context manager."""

    def __enter__(self):
        self.address = f"127.0.0.1:{free_port()}"
        # Debian's keeps what it was pushed in a file that the next one reads, unless it is told not to.
        self.process = subprocess.Popen(["prometheus-pushgateway", f"--web.listen-address={self.address}",
                                         "--persistence.file="],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, "the Pushgateway")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)

    def _answers(self):
        try:
            return http_get(self.address, "/-/ready")[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def series(self, name):
        return [line for line in http_get(self.address, "/metrics")[2].splitlines() if line.startswith(name + "{")]


class Metrics(ModelServerTest):
    def run_client(self, *flags, sweep=None):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="normbench-metrics-"))
        return MetricsRun(self.server, folder, *flags, sweep=sweep)

    def test_live_page_and_textfile_are_what_prometheus_wants(self):
        run = self.run_client()
        self.assertEqual(run.done.returncode, 0, run.done.stdout + run.done.stderr)
        self.assertEqual(check(run.live), [])
        text = run.textfile.read_text()
        self.assertEqual(check(text), [])
        self.assertEqual(len(re.findall(r"^normbench_case_info\{", text, re.M)), CASES)
        self.assertRegex(text, r'normbench_run_last_success_timestamp_seconds\{sweep="metrics"\} 1\d{9}')
        self.assertTrue(check(text.replace("_seconds", "_ms")), "promtool finds what is wrong")
        self.assertNotIn("normbench_client_", text, "counters of a process that is gone")
        self.assertRegex(run.live, r'normbench_client_requests_total\{case="[0-9a-f]{10}",code="OK"\} [1-9]')
        self.assertRegex(run.live, r"normbench_client_cpu_seconds_total [0-9.e-]+")

    def test_the_group_of_a_sweep_is_replaced(self):
        with Pushgateway() as gateway:
            first = self.run_client("--pushgateway", f"http://{gateway.address}")
            self.assertEqual(first.done.returncode, 0, first.done.stdout + first.done.stderr)
            infos = gateway.series("normbench_case_info")
            self.assertEqual(len(infos), CASES, infos)
            second = self.run_client("--pushgateway", f"http://{gateway.address}", sweep=ONE_CASE)
            self.assertEqual(second.done.returncode, 0, second.done.stdout + second.done.stderr)
            infos = gateway.series("normbench_case_info")
            self.assertEqual(len(infos), 2, infos)
            self.assertTrue(all('job="normbench"' in line and 'sweep="metrics"' in line for line in infos), infos)
            self.assertEqual(len(gateway.series("normbench_run_info")), 1)
            other = self.run_client("--pushgateway", gateway.address, sweep={**ONE_CASE, "name": "other"})
            self.assertEqual(other.done.returncode, 0, other.done.stdout + other.done.stderr)
            self.assertEqual(len(gateway.series("normbench_run_info")), 2, "another sweep, another group")

    def test_without_a_pushgateway_the_results_are_kept(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound, not listening: nobody else takes the port
            address = "127.0.0.1:%d" % unused.getsockname()[1]
            run = self.run_client("--pushgateway", address, sweep=ONE_CASE)
        self.assertEqual(run.done.returncode, 1, run.done.stdout)
        self.assertRegex(run.done.stderr, f"normbench: --pushgateway: the Pushgateway at http://{address} does not "
                                          "answer .*kept")
        self.assertIn("exit 1\n", run.done.stdout)
        self.assertTrue((run.folder / "out" / "report.json").exists())
        self.assertTrue(run.textfile.exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
