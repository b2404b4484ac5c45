# SPDX-License-Identifier: Apache-2.0
"""The pages that monitoring reads."""

import subprocess
import unittest

from contract import Contract
from support import ServerTest, wait_for

# What promtool may remark: nothing yet. The V2 names nv_*, counters without _total, would go here.
ALLOWED_REMARKS = set()


class Http(ServerTest):
    def test_probes(self):
        self.assertEqual(self.server.get("/v2/health/live")[::2], (200, "live\n"))
        self.assertEqual(self.server.get("/v2/health/ready")[::2], (200, "ready\n"))

    def test_unknown_page(self):
        status, _, text = self.server.get("/")
        self.assertEqual(status, 404)
        self.assertIn("/metrics", text)

    def test_metrics_content_type(self):
        status, headers, text = self.server.get("/metrics")
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertIn("\nnormbench_build_info{", text)

    def test_promtool_reads_every_metric(self):
        Contract(self.server.channel).normalize()
        checked = subprocess.run(["promtool", "check", "metrics"], input=self.server.get("/metrics")[2],
                                 capture_output=True, text=True, timeout=60)
        self.assertEqual(set((checked.stdout + checked.stderr).splitlines()) - ALLOWED_REMARKS, set())
        self.assertIn(checked.returncode, (0, 3))

    def test_a_request_is_counted_once_with_its_code(self):
        contract = Contract(self.server.channel)
        name = "normbench_server_requests_total"
        before = {code: self.server.metric(name, rpc="Normalize", code=code)
                  for code in ("OK", "INVALID_ARGUMENT")}
        contract.normalize()
        with self.assertRaisesRegex(Exception, "groups"):
            contract.normalize(groups=3)
        for code, count in before.items():
            self.assertEqual(self.server.metric(name, rpc="Normalize", code=code), count + 1, code)
        wait_for(lambda: self.server.metric("normbench_server_in_flight_requests", rpc="Normalize") == 0, "idle")
        self.assertGreaterEqual(self.server.metric(
            "normbench_server_compute_duration_seconds_count", norm="group", impl="native"), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
